import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { digestOf } from "../../../scripts/formats/oci/digest.ts";
import { MEDIA_TYPE } from "../../../scripts/formats/oci/types.ts";
import { buildTag, isBuildTag } from "../../../scripts/model/tags.ts";
import { oldBuilds, removeBuilds, takeInventory } from "../../../scripts/publish/prune.ts";
import { UserError } from "../../../scripts/system/errors.ts";
import { startPair } from "../../support/fake-registry.ts";
import { putHistory } from "../../support/histories.ts";
import { sampleTarget } from "../../support/sample-target.ts";
import { deleteAnswer } from "../../support/strange-registries.ts";
import { issuePermit } from "../../support/tag-mover.ts";
import { temporaryDirectory } from "../../unit/formats/oci/sample-image.ts";
import { digest } from "../../unit/report/sample-outcomes.ts";

const [a, b, c] = [digest("a"), digest("b"), digest("c")];
const build = (of: string) => buildTag("runtime", "22.16.0-r2", of);

describe("old builds", () => {
  it("are those that no moving tag points at and no history keeps", () => {
    const tags = new Map([
      ["22", c],
      ["22.history", digest("f")],
      ...[a, b, c].map((one) => [build(one), one] as const),
    ]);
    const old = oldBuilds("base/node", { tags, platforms: new Map(), remembered: new Set([c, b]) });
    expect(old).toEqual([{ repository: "base/node", tag: build(a), digest: a, parts: [] }]);
  });

  it("take along their platforms and what is attached to them, but nothing that a kept one has", () => {
    const [amd, arm, sbom, signature] = ["1", "2", "3", "4"].map((letter) => digest(letter)) as [
      string,
      string,
      string,
      string,
    ];
    const tags = new Map([
      ["22", b],
      [build(a), a],
      [build(b), b],
      [amd.replace(":", "-"), sbom],
      [`${a.replace(":", "-")}.sig`, signature],
      [`${b.replace(":", "-")}.sig`, digest("5")],
    ]);
    const platforms = new Map([
      [a, [amd, arm]],
      [b, [arm]],
    ]);
    expect(oldBuilds("base/node", { tags, platforms, remembered: new Set() })).toEqual([
      { repository: "base/node", tag: build(a), digest: a, parts: [amd, signature, sbom] },
    ]);
  });

  it("go alone where nobody knows their platforms, whatever those of kept ones are", () => {
    const tags = new Map([
      ["22", b],
      [build(a), a],
    ]);
    const old = { repository: "base/node", tag: build(a), digest: a, parts: [] };
    expect(oldBuilds("base/node", { tags, platforms: new Map([[b, [c]]]), remembered: new Set() })).toEqual([
      old,
    ]);
    expect(oldBuilds("base/node", { tags, platforms: new Map([[a, [c]]]), remembered: new Set() })).toEqual([
      { ...old, parts: [c] },
    ]);
  });
});

describe("a repository's inventory", () => {
  const index = (title: string) => {
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [], annotations: { title } }));
    return { bytes, mediaType: MEDIA_TYPE.index, digest: digestOf(bytes), size: bytes.length };
  };
  const [OLD, NEW] = [index("old"), index("new")];

  it("has no old builds where the registry keeps no history to tell them by (R6)", async () => {
    const { registry, server } = await startPair();
    const tags = ["22", build(OLD.digest), build(NEW.digest)];
    for (const tag of tags)
      await registry.putManifest("base/node", tag, tag === build(OLD.digest) ? OLD : NEW);
    server.fault = ({ path }) =>
      path.endsWith("/tags/list") ? { status: 200, body: JSON.stringify({ tags }) } : undefined;
    const take = async () =>
      oldBuilds("base/node", await takeInventory(registry, "base/node", [sampleTarget()]));
    expect(await take()).toEqual([]);
    const entry = { image: NEW, created: new Date(0), confirmed: new Date(0) };
    await putHistory(registry, "base/node", "22", [entry]);
    expect(await take()).toMatchObject([{ tag: build(OLD.digest) }]);
  });

  it("has as old what the policy keeps no longer, unless a tag's history is not known", async () => {
    const { registry, server } = await startPair();
    const other = index("other");
    const images = [OLD, NEW, other];
    const tags = ["22", ...images.map((one) => build(one.digest)), "gone"];
    for (const one of images) await registry.putManifest("base/node", build(one.digest), one);
    await registry.putManifest("base/node", "22", NEW);
    server.fault = ({ path }) =>
      path.endsWith("/tags/list") ? { status: 200, body: JSON.stringify({ tags }) } : undefined;
    const entry = (image: typeof OLD) => ({ image, created: new Date(0), confirmed: new Date(0) });
    await putHistory(registry, "base/node", "22", [entry(NEW), entry(other), entry(OLD)]);
    const target = (keep: number) => sampleTarget({ policy: { for: "anything", keep } });
    const old = async (...targets: ReturnType<typeof sampleTarget>[]) =>
      oldBuilds("base/node", await takeInventory(registry, "base/node", targets)).map(({ digest: of }) => of);
    expect(await old(target(3))).toEqual([]);
    expect(await old(target(2))).toEqual([OLD.digest]);
    expect(await old(target(1))).toEqual([OLD.digest, other.digest]);
    // The dev variant's tag is there, and nobody knows what it pointed at before.
    await registry.putManifest("base/node", "22-dev", NEW);
    tags.push("22-dev");
    const dev = sampleTarget({ variant: "dev", policy: { for: "anything", keep: 1 } });
    expect(await old(target(1), dev)).toEqual([]);
  });

  it("has the platforms of images, and not as such the images of a history", async () => {
    const { registry, server } = await startPair();
    const tags = ["22", "22.history", build(OLD.digest)];
    server.fault = ({ path }) =>
      path.endsWith("/tags/list") ? { status: 200, body: JSON.stringify({ tags }) } : undefined;
    await registry.putManifest("base/node", "22", NEW);
    await registry.putManifest("base/node", build(OLD.digest), OLD);
    const entry = { image: NEW, created: new Date(0), confirmed: new Date(0) };
    await putHistory(registry, "base/node", "22", [entry]);
    const inventory = await takeInventory(registry, "base/node", [sampleTarget()], new Set([a]));
    expect(inventory.platforms).toEqual(
      new Map([
        [NEW.digest, []],
        [OLD.digest, []],
      ]),
    );
    expect(inventory.remembered).toEqual(new Set([NEW.digest, a]));
    // What has the tag of a history and is none counts as an image.
    await registry.putManifest("base/node", "22.history", OLD);
    const { platforms } = await takeInventory(registry, "base/node", [sampleTarget()]);
    expect([...platforms.keys()].toSorted()).toEqual([NEW.digest, OLD.digest].toSorted());
  });

  it("is not taken where an index is damaged, and says which", async () => {
    const { registry, server } = await startPair();
    const bytes = Buffer.from("{}");
    await registry.putManifest("base/node", "bad", { ...OLD, bytes, digest: digestOf(bytes) });
    server.fault = ({ path }) =>
      path.endsWith("/tags/list") ? { status: 200, body: JSON.stringify({ tags: ["bad"] }) } : undefined;
    await expect(takeInventory(registry, "base/node", [])).rejects.toThrow(
      "base/node:bad is not as expected",
    );
  });

  it("is not changed, nor a journal begun, where there is nothing to remove", async () => {
    const { registry, server } = await startPair();
    const journals = join(await temporaryDirectory(), "journals");
    const namespace = { registry: registry.host, path: "base" };
    const context = {
      registry,
      namespace,
      permit: issuePermit(),
      journals,
      holder: "test",
      clock: () => new Date(),
    };
    await removeBuilds("base/node", [], context);
    await expect(readdir(journals)).rejects.toThrow("ENOENT");
    expect(server.log).toEqual([]);
  });

  it("loses nothing at all where the registry deletes nothing (R8)", async () => {
    const { registry, server } = await startPair();
    await registry.putManifest("base/node", OLD.digest, OLD);
    server.fault = deleteAnswer({ status: 405 });
    const old = { repository: "base/node", tag: build(OLD.digest), digest: OLD.digest, parts: [NEW.digest] };
    const context = {
      ...{ registry, namespace: { registry: registry.host, path: "base" }, permit: issuePermit() },
      ...{ journals: join(await temporaryDirectory(), "journals"), holder: "test", clock: () => new Date() },
    };
    await expect(removeBuilds("base/node", [old], context)).rejects.toThrow(UserError);
    expect(await readdir(context.journals)).toEqual([]);
    expect(server.log.filter((line) => line.startsWith("DELETE"))).toEqual([
      `DELETE /v2/base/node/manifests/${OLD.digest}`,
    ]);
  });
});

describe("the tag of a build", () => {
  it("names version, build and image, and the dev variant", () => {
    expect(build(a)).toBe("22.16.0-r2-aaaaaaaaaaaa");
    expect(buildTag("dev", "1.2_git2025+1-r0", a)).toBe("1.2_git2025_1-r0-aaaaaaaaaaaa-dev");
    for (const tag of [build(a), buildTag("dev", "22.16.0-r2", a)]) expect(isBuildTag(tag)).toBe(true);
    for (const tag of ["22", "22.16.0", "22.16.0-dev", "latest", "22.history"]) {
      expect(isBuildTag(tag)).toBe(false);
    }
  });
});
