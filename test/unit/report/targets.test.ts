import { describe, expect, it } from "vitest";
import type { Published } from "../../../scripts/model/published.ts";
import { inspectedJson, inspectedText, targetsText } from "../../../scripts/report/targets.ts";
import { sampleTarget } from "../../support/sample-target.ts";
import { digest } from "./sample-outcomes.ts";

const PUBLISHED: Published = {
  digest: digest("a"),
  inputs: { packages: "nodejs~22", branch: "3.22", env: "LANG=C" },
  sizes: new Map([
    [
      "linux/amd64",
      {
        ...{ compressed: 29_500_000, unpacked: 60_000_000 },
        packages: new Map([["nodejs", { version: "22.16.0-r2", unpacked: 57_000_000 }]]),
      },
    ],
  ]),
};
const ATTACHED = [
  { mediaType: "m", artifactType: "application/spdx", digest: digest("b"), size: 10 },
  { mediaType: "m", digest: digest("c"), size: 20 },
];
const AT = new Date("2026-11-25T03:10:00Z");
const runtime = sampleTarget();
const dev = sampleTarget({ variant: "dev" });

describe("inspectedText", () => {
  it("says what an image was made from as far as that was written down", () => {
    const madeFrom = (inputs: Published["inputs"]) => {
      const found = { target: runtime, published: { ...PUBLISHED, inputs }, tags: [], attached: [], at: AT };
      return inspectedText(found)
        .split("\n")
        .find((line) => line.includes("made from"))
        ?.trim();
    };
    expect(madeFrom({ branch: "3.22" })).toBe("made from  3.22");
    expect(madeFrom(undefined)).toBe("made from  unknown");
  });

  it("tells what a person wants to know before pulling an image", () => {
    const found = {
      target: runtime,
      published: PUBLISHED,
      tags: ["22", "latest"],
      attached: ATTACHED,
      at: AT,
    };
    expect(inspectedText(found)).toBe(
      `node:22:
  digest     ${digest("a")}
  tags       22 latest
  published  2026-11-25T03:10:00.000Z
  base       none (FROM scratch)
  made from  nodejs~22 3.22
  attached   application/spdx sha256:bbbbbbbbbbbb, unknown type sha256:cccccccccccc

linux/amd64: 29.5 MB to download, 60 MB on disk, 1 package
  nodejs  22.16.0-r2  57 MB`,
    );
  });

  it("says what is unknown, and what there is not", () => {
    const published = { digest: digest("a"), inputs: undefined };
    const found = { target: dev, published, tags: ["22-dev"], attached: [], at: undefined };
    expect(inspectedText(found).split("\n").slice(2)).toEqual([
      "  tags       22-dev",
      "  published  unknown",
      "  base       unknown",
      "  made from  unknown",
      "  attached   nothing",
    ]);
    const based = { ...found, published: { ...published, base: digest("1") } };
    expect(inspectedText(based)).toContain(`  base       ${digest("1")}\n`);
    expect(inspectedText({ ...found, published: undefined })).toBe("node:22-dev: not published");
  });
});

describe("inspectedJson", () => {
  it("has all of it for scripts, sizes in bytes", () => {
    const published = { ...PUBLISHED, base: digest("1") };
    expect(inspectedJson({ target: dev, published, tags: ["22-dev"], attached: ATTACHED, at: AT })).toEqual({
      ...{ target: "node:22-dev", digest: digest("a"), tags: ["22-dev"], base: digest("1") },
      published: "2026-11-25T03:10:00.000Z",
      inputs: PUBLISHED.inputs,
      platforms: [
        {
          ...{ platform: "linux/amd64", compressedSize: 29_500_000, unpackedSize: 60_000_000 },
          packages: [{ name: "nodejs", version: "22.16.0-r2", unpackedSize: 57_000_000 }],
        },
      ],
      attached: [
        { digest: digest("b"), artifactType: "application/spdx", size: 10 },
        { digest: digest("c"), artifactType: null, size: 20 },
      ],
    });
  });

  it("has null for what there is not", () => {
    const nothing = { target: runtime, published: undefined, tags: [], attached: [], at: undefined };
    expect(inspectedJson(nothing)).toEqual({
      ...{ target: "node:22", digest: null, tags: [], published: null, base: null, inputs: null },
      ...{ platforms: [], attached: [] },
    });
  });
});

describe("targetsText", () => {
  it("has a line for each target, with what its end of life means", () => {
    const ends = (version: string, endOfLife?: string) =>
      sampleTarget({ version, tags: [version, "x"], world: ["a~1", "b"], ...(endOfLife && { endOfLife }) });
    const targets = [ends("1"), ends("2", "2027-12-31"), ends("3", "2026-12-01"), ends("4", "2026-05-01")];
    expect(targetsText(targets, new Date("2026-11-28T03:00:00Z"))).toBe(
      `TARGET  ALPINE  END OF LIFE             TAGS  PACKAGES
node:1  3.22    -                       1 x   a~1 b
node:2  3.22    2027-12-31              2 x   a~1 b
node:3  3.22    2026-12-01 (in 3 days)  3 x   a~1 b
node:4  3.22    2026-05-01 (archived)   4 x   a~1 b`,
    );
  });
});
