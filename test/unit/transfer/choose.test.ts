import { describe, expect, it } from "vitest";
import { MEDIA_TYPE } from "../../../scripts/formats/oci/types.ts";
import { ownTags, releasesToImport, withPairs } from "../../../scripts/transfer/choose.ts";
import type { ExportedImage } from "../../../scripts/transfer/exported.ts";
import { sampleRelease } from "../../support/sample-target.ts";
import { digest } from "../report/sample-outcomes.ts";

const [old, recent] = [
  sampleRelease({ version: "20", tags: ["20"] }),
  sampleRelease({ version: "22", tags: ["22", "latest"] }),
];
const targets = [
  old.runtime,
  { ...old.dev, tags: ["20-dev"] },
  recent.runtime,
  { ...recent.dev, tags: ["22-dev", "dev"] },
];
const exported = (target: string, ...tags: string[]): ExportedImage => ({
  ...{ target, tags, attached: [], beside: [] },
  image: { mediaType: MEDIA_TYPE.index, digest: digest("a"), size: 1 },
});
const pair = [exported("node:22", "22", "latest", "22.1.0"), exported("node:22-dev", "22-dev", "dev")];

describe("what travels", () => {
  it("is both variants of a version, whichever is named", () => {
    expect(withPairs(targets, ["node:22-dev"]).map(({ name }) => name)).toEqual(["node:22", "node:22-dev"]);
  });

  it("has no tag that the catalog gives to another", () => {
    expect(ownTags(["latest", "20.9", "20"], old.runtime, targets)).toEqual(["20", "20.9"]);
  });
});

describe("what is imported", () => {
  it("is all of an export, by version, or what was asked for", () => {
    const images = [...pair, exported("node:20", "20", "latest"), exported("node:20-dev", "20-dev")];
    expect(releasesToImport(images, [], targets, "x").map(({ name }) => name)).toEqual([
      "node:20",
      "node:22",
    ]);
    const [one, ...others] = releasesToImport(images, ["node:20"], targets, "x");
    expect(others).toEqual([]);
    expect(one?.variants.map(({ target }) => target.name)).toEqual(["node:20", "node:20-dev"]);
  });

  it("must be in the export, and in the catalog", () => {
    expect(() => releasesToImport(pair, ["node:20"], targets, "x")).toThrow(
      "x does not hold node:20; it holds node:22",
    );
    const foreign = [...pair, exported("rust:1", "1")];
    expect(() => releasesToImport(foreign, [], targets, "x")).toThrow("the catalog does not have: rust:1");
    expect(releasesToImport(foreign, ["node:22"], targets, "x")).toHaveLength(1);
  });

  it("is never one variant alone", () => {
    expect(() => releasesToImport(pair.slice(0, 1), [], targets, "x")).toThrow(
      "node:22 lacks the other variant",
    );
  });
});
