import { describe, expect, it } from "vitest";
import type { ImageSizes } from "../../../scripts/model/published.ts";
import { sizesJson, sizesText } from "../../../scripts/report/sizes.ts";
import { typed } from "../../../scripts/system/shown/started.ts";
import { sampleTarget } from "../../support/sample-target.ts";
import { digest } from "./sample-outcomes.ts";

const SIZES: ImageSizes = new Map([
  [
    "linux/amd64",
    {
      compressed: 29_500_000,
      unpacked: 60_000_000,
      packages: new Map([
        ["musl", { version: "1.2.5-r10", unpacked: 600_000 }],
        ["nodejs", { version: "22.16.0-r2", unpacked: 57_000_000 }],
      ]),
    },
  ],
]);

const TARGET = sampleTarget();
const PUBLISHED = { digest: digest("a"), inputs: {}, sizes: SIZES };
const UNKNOWN = { digest: digest("b"), inputs: undefined };

describe("sizesText", () => {
  it("has a table of parts, largest first, with what is of no package", () => {
    const target = sampleTarget({ budget: 59_000_000 });
    expect(sizesText([{ target, published: PUBLISHED }])).toBe(
      `node:22 (linux/amd64): 29.5 MB compressed, 50% of its budget of 59 MB; 60 MB unpacked:
PACKAGE             VERSION     UNPACKED  SHARE
nodejs              22.16.0-r2  57 MB     95%
(not of a package)              2.4 MB    4%
musl                1.2.5-r10   600 kB    1%`,
    );
  });

  it("says what has no budget, what is not published, and what does not tell", () => {
    const text = sizesText([
      { target: TARGET, published: PUBLISHED },
      { target: TARGET, published: undefined },
      { target: TARGET, published: UNKNOWN },
    ]);
    expect(text).toContain("29.5 MB compressed, no budget; 60 MB unpacked:");
    expect(text.split("\n\n").slice(1)).toEqual([
      `node:22 is not published\n→ to publish it: ${typed("rebuild", ["node:22"])}`,
      `node:22 is published, but its sizes are unknown\n→ to rebuild it: ${typed("rebuild", ["node:22"], ["--force"])}`,
    ]);
  });
});

describe("sizesJson", () => {
  it("gives bytes, and null for what is not there", () => {
    const target = sampleTarget({ budget: 59_000_000 });
    const found = [
      { target, published: PUBLISHED },
      { target: TARGET, published: undefined },
      { target: TARGET, published: UNKNOWN },
    ];
    expect(JSON.parse(JSON.stringify(sizesJson(found)))).toEqual([
      {
        target: "node:22",
        digest: digest("a"),
        budget: 59_000_000,
        platforms: [
          {
            platform: "linux/amd64",
            compressed: 29_500_000,
            unpacked: 60_000_000,
            packages: [
              { name: "nodejs", version: "22.16.0-r2", unpacked: 57_000_000 },
              { name: "musl", version: "1.2.5-r10", unpacked: 600_000 },
            ],
            notOfAPackage: 2_400_000,
          },
        ],
      },
      { target: "node:22", digest: null, budget: null, platforms: null },
      { target: "node:22", digest: digest("b"), budget: null, platforms: null },
    ]);
  });
});
