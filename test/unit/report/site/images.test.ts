import { describe, expect, it } from "vitest";
import type { Target } from "../../../../scripts/model/target.ts";
import type { PlannedTarget } from "../../../../scripts/plan/plan.ts";
import { imagesOf } from "../../../../scripts/report/site/images.ts";
import type { SiteTarget } from "../../../../scripts/report/site/site.ts";
import { sampleDigest, sampleSite, sampleSiteTarget } from "../../../support/sample-site.ts";
import { sampleCatalog, sampleRelease } from "../../../support/sample-target.ts";

/** The images of a site that has these targets, each with what is different in its plan. */
function imagesWith(
  targets: readonly (readonly [Target, Partial<PlannedTarget>])[],
  catalog = targets.map(([target]) => target),
) {
  return imagesOf(
    sampleSite({
      catalog: sampleCatalog(catalog),
      targets: targets.map(([target, changes]) => sampleSiteTarget(target, changes)),
      strangers: ["node", "lua"].map((image) => ({
        ...{ image, tag: "mine", digest: sampleDigest(9), annotations: {} },
      })),
    }),
  );
}

/** A version of node with its pair, and only its own tag unless told otherwise. */
function pairOf(version: string, changes: Partial<PlannedTarget> = {}, tags = [version]) {
  const { runtime, dev } = sampleRelease({ version, tags });
  return [[runtime, changes] as const, [dev, {}] as const];
}

const UNPUBLISHED = { published: undefined };

describe("the images of a site", () => {
  it("are in the catalog's order, each with its versions and the tags of strangers that are its own", () => {
    const lua = sampleRelease({ image: "lua", title: "Lua", version: "5.4" });
    const images = imagesWith([...pairOf("24"), ...pairOf("22"), [lua.runtime, {}], [lua.dev, {}]]);
    expect(images.map(({ name, title }) => [name, title])).toEqual([
      ["node", "Node.js"],
      ["lua", "Lua"],
    ]);
    expect(images[0]?.versions.map(({ version, id }) => [version, id])).toEqual([
      ["24", "version-24"],
      ["22", "version-22"],
    ]);
    expect(images.map(({ strangers }) => strangers.map(({ image }) => image))).toEqual([["node"], ["lua"]]);
  });

  it("have the versions that were asked for, with both of a pair where only one was", () => {
    const [[runtime], [dev]] = pairOf("22") as [readonly [Target, object], readonly [Target, object]];
    const [other, otherDev] = pairOf("24").map(([target]) => target) as [Target, Target];
    const all = [other, otherDev, runtime, dev];
    const [image] = imagesWith([[runtime, {}]], all);
    expect(image?.versions.map(({ version, targets }) => [version, targets.length])).toEqual([["22", 1]]);
    expect(image?.versions[0]?.release.dev.name).toBe("node:22-dev");
  });

  it("stand as the variant does of which there is most to say, else as runtime does", () => {
    const standing = (ofRuntime: Partial<SiteTarget>, ofDev: Partial<SiteTarget>, published = {}) => {
      const { runtime, dev } = sampleRelease();
      const targets = [sampleSiteTarget(runtime, published, ofRuntime), sampleSiteTarget(dev, {}, ofDev)];
      const [image] = imagesOf(sampleSite({ targets }));
      const [version] = image?.versions ?? [];
      return [version?.kind, version?.word, version?.runtime.status.planned.target.name];
    };
    const failed = { problem: "HTTP 502" };
    expect(standing({}, {})).toEqual(["supported", "supported", "node:22"]);
    expect(standing({}, failed)).toEqual(["odd", "unreadable", "node:22"]);
    expect(standing(failed, {})).toEqual(["odd", "unreadable", "node:22"]);
    const never = { past: { target: sampleRelease().runtime, now: undefined, images: [] } };
    expect(standing(never, {}, { published: undefined })).toEqual(["absent", "not published", "node:22"]);
  });

  it("are shown by what latest is, else by the newest that is published, else by the newest", () => {
    const shownOf = (...pairs: ReturnType<typeof pairOf>[]) => imagesWith(pairs.flat())[0]?.shown.version;
    expect(shownOf(pairOf("24"), pairOf("22", {}, ["22", "latest"]))).toBe("22");
    expect(shownOf(pairOf("24"), pairOf("22", UNPUBLISHED, ["22", "latest"]))).toBe("24");
    expect(shownOf(pairOf("24", UNPUBLISHED), pairOf("22"), pairOf("20"))).toBe("22");
    expect(shownOf(pairOf("24", UNPUBLISHED), pairOf("22", UNPUBLISHED))).toBe("24");
  });
});
