import { describe, expect, it } from "vitest";
import type { Published } from "../../../../scripts/model/published.ts";
import { imageView } from "../../../../scripts/report/site/image.ts";
import { imagesOf } from "../../../../scripts/report/site/images.ts";
import type { SiteTarget } from "../../../../scripts/report/site/site.ts";
import { sampleDigest, sampleSite, sampleSiteTarget } from "../../../support/sample-site.ts";
import { sampleCatalog, sampleRelease } from "../../../support/sample-target.ts";

const { runtime, dev } = sampleRelease();
const NODE = sampleSiteTarget(runtime);

/** What the page of an image shows. @param targets the first is shown; each version has its pair in the catalog */
function viewOf(
  targets: readonly SiteTarget[],
  strangers: { readonly [tag: string]: Record<string, string> } = {},
) {
  const own = targets.map(({ status }) => status.planned.target);
  const pairs = own.flatMap((one) => [one, sampleRelease({ version: one.version }).dev]);
  const site = sampleSite({
    catalog: sampleCatalog(pairs),
    targets,
    strangers: Object.entries(strangers).map(([tag, annotations]) => ({
      ...{ image: "node", tag, digest: sampleDigest(9), annotations },
    })),
  });
  const [image] = imagesOf(site);
  if (!image) throw new Error("the site has no image");
  return imageView(site, image, new Map());
}

describe("an image's page", () => {
  it("says where it is pulled from", () => {
    expect(viewOf([NODE])).toMatchObject({
      ...{ repository: "registry.example/base/node", isPublished: true, shown: "22" },
      lines: [{ name: "node:22", text: `FROM registry.example/base/node:22@${sampleDigest(3)}` }],
    });
  });

  it("has packages by what they take, and those that take as much by name", () => {
    const sizes = (...names: readonly string[]): Published["sizes"] => {
      const packages = new Map(names.map((name) => [name, { version: "1-r0", unpacked: 10 }]));
      packages.set("large", { version: "1-r0", unpacked: 11 });
      return new Map([["linux/amd64", { compressed: 1, unpacked: 1, packages }]]);
    };
    for (const names of [
      ["a", "b", "c"],
      ["c", "b", "a"],
    ]) {
      const { published } = NODE.status.planned;
      const target = sampleSiteTarget(
        runtime,
        published ? { published: { ...published, sizes: sizes(...names) } } : {},
      );
      const [packages] = viewOf([target]).packages;
      expect(packages?.rows.map(({ name }) => name)).toEqual(["large", "a", "b", "c"]);
      expect(packages?.lede).toBe("4 packages, linux/amd64");
    }
  });

  it("marks what is pulled now and what is no longer there, and says where there is no history", () => {
    const [first, second, third] = NODE.past.images;
    if (!first || !second || !third) throw new Error("the sample has three builds");
    const past = { ...NODE.past, images: [first, second, { ...third, published: undefined }] };
    const [builds] = viewOf([{ ...NODE, past }]).builds;
    expect(builds?.rows.map(({ marks }) => marks)).toEqual([["now"], [], ["no longer in the registry"]]);
    const [none] = viewOf([{ ...NODE, past: { ...past, images: [] } }]).builds;
    expect(none).toMatchObject({ lede: "no history", rows: [] });
  });

  it("folds what ended and what is not published", () => {
    const ended = (version: string) =>
      sampleSiteTarget(sampleRelease({ version }).runtime, { support: "archived" });
    expect(viewOf([NODE, ended("20")]).foldedTitle).toBe("1 version that ended or is not published");
    const both = viewOf([NODE, ended("20"), ended("18")]);
    expect(both.foldedTitle).toBe("2 versions that ended or are not published");
    expect([both.versions.length, both.folded.length]).toEqual([1, 2]);
  });

  it("lets nobody's annotations fill the page", () => {
    const many = Object.fromEntries(Array.from({ length: 25 }, (_, index) => [`k${index}`, "v"]));
    const { strangers } = viewOf([NODE], { many, long: { ["k".repeat(500)]: "v".repeat(500) } });
    expect(strangers.map(({ says }) => says.length)).toEqual([20, 1]);
    expect(strangers[1]?.says).toEqual([{ key: "k".repeat(400), value: "v".repeat(400) }]);
  });

  it("says that the packages of an image are not known that tells of none", () => {
    const { published } = NODE.status.planned;
    const silent = sampleSiteTarget(dev, published ? { published: { ...published, sizes: undefined } } : {});
    expect(viewOf([NODE, silent]).packages[1]).toMatchObject({ lede: "packages unknown", rows: [] });
  });
});
