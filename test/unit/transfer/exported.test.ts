import { describe, expect, it } from "vitest";
import { type Descriptor, MEDIA_TYPE, REF_NAME } from "../../../scripts/formats/oci/types.ts";
import { type ExportedImage, imagesIn, rootsOf } from "../../../scripts/transfer/exported.ts";
import { digest } from "../report/sample-outcomes.ts";

const descriptor = (letter: string): Descriptor => ({
  ...{ mediaType: MEDIA_TYPE.index, digest: digest(letter), size: 10 },
});
const runtime: ExportedImage = {
  target: "node:22",
  image: descriptor("a"),
  tags: ["22", "latest"],
  attached: [
    { ...descriptor("b"), artifactType: "text/plain", annotations: { kind: "note" } },
    descriptor("c"),
  ],
  beside: [{ tag: `sha256-${"a".repeat(64)}.sig`, manifest: descriptor("d") }],
};
const dev = {
  ...runtime,
  target: "node:22-dev",
  image: descriptor("e"),
  tags: ["22-dev"],
  attached: [],
  beside: [],
};
const root = (name: string, target: string, letter = "a"): Descriptor => ({
  ...descriptor(letter),
  annotations: { [REF_NAME]: name, "birdhouse.target": target },
});

describe("what an export says of itself", () => {
  it("names each image by all of its tags, and comes back as it was", () => {
    const roots = rootsOf([runtime, dev]);
    const named = roots.filter(({ annotations }) => annotations?.[REF_NAME] === "node:latest");
    expect(named.map((one) => one.digest)).toEqual([digest("a")]);
    expect(imagesIn(roots, "x.tar")).toEqual([runtime, dev]);
  });

  it.each([
    [
      "an image without a target",
      [{ ...descriptor("a"), annotations: { [REF_NAME]: "x:1" } }],
      "x:1 does not say which target",
    ],
    ["no image at all", [], "it holds no images"],
    ["a tag of another repository", [root("other:22", "node:22")], '"other:22" is not a tag of node:22'],
    ["what may be no tag", [root("node:../22", "node:22")], '"node:../22" is not a tag'],
    [
      "a history",
      [root("node:22", "node:22"), root("node:22.history", "node:22")],
      "is not a tag of node:22",
    ],
    ["a target without its own tag", [root("node:latest", "node:22")], "it holds no node:22"],
    [
      "two images under one target",
      [root("node:22", "node:22"), root("node:latest", "node:22", "b")],
      "node:latest is not the same image as",
    ],
  ])("is not believed where there is %s", (_, roots, why) => {
    expect(() => imagesIn(roots, "x.tar")).toThrow(why);
    expect(() => imagesIn(roots, "x.tar")).toThrow("x.tar is not a Birdhouse export");
  });
});
