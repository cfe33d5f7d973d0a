import { describe, expect, it } from "vitest";
import type { Built } from "../../../scripts/build/built.ts";
import { hostPlatform } from "../../../scripts/model/platform.ts";
import type { ImageSizes, PlatformSizes } from "../../../scripts/model/published.ts";
import { RejectedError } from "../../../scripts/model/run.ts";
import { checkBudget, growthOf, mentions } from "../../../scripts/smoke/checks.ts";
import { smoke } from "../../../scripts/smoke/smoke.ts";
import { buildRelease, FakeEngine } from "../../support/fake-engine.ts";
import { sampleRelease, sampleTarget } from "../../support/sample-target.ts";
import { temporaryDirectory } from "../formats/oci/sample-image.ts";
import { builtTarget } from "../report/sample-outcomes.ts";

describe("mentions", () => {
  it.each([
    ["v22.16.0\n", "22.16.0"],
    ["Lua 5.1.5  Copyright (C) 1994-2012 Lua.org, PUC-Rio", "5.1.5"],
    ["ruby 3.3.8 (2025-04-09 revision b200bad6cd) [x86_64-linux-musl]", "3.3.8"],
    ["go version go1.24.6 linux/amd64", "1.24.6"],
    ["this is version 22.16.0.", "22.16.0"],
    ["gcc (Alpine 14.2.0) 14.2.0", "14.2.0"],
    ["22.16.0", "22.16.0"],
    ["first 122.16.0, then 22.16.0", "22.16.0"],
  ])("finds in %j the version %s", (text, version) => {
    expect(mentions(text, version)).toBe(true);
  });

  it.each([
    ["122.16.01", "22.16.0"],
    ["v22.16.01", "22.16.0"],
    ["v122.16.0", "22.16.0"],
    ["v22.16.0.1", "22.16.0"],
    ["v1.22.16.0", "22.16.0"],
    ["v22.16.1", "22.16.0"],
    ["v22x16x0", "22.16.0"],
    ["", "22.16.0"],
  ])("does not find in %j the version %s", (text, version) => {
    expect(mentions(text, version)).toBe(false);
  });
});

const MB = 1_000_000;
const HOST = hostPlatform();

/** Sizes whose packages have so many bytes; nothing else is in the image. */
function sizes(packages: Readonly<Record<string, number>>): PlatformSizes {
  const entries = Object.entries(packages);
  return {
    compressed: 0,
    unpacked: entries.reduce((sum, [, bytes]) => sum + bytes, 0),
    packages: new Map(entries.map(([name, unpacked]) => [name, { version: "1-r0", unpacked }])),
  };
}

/** `node:22`, built: it weighs 29.5 MB compressed and has these packages. */
function built(budget: number | undefined, packages: Readonly<Record<string, number>> = {}): Built {
  const image = builtTarget(sampleTarget(budget === undefined ? {} : { budget }));
  const { packages: packageSizes, unpacked: unpackedSize } = sizes(packages);
  return {
    ...image,
    platforms: image.platforms.map((platform) => ({ ...platform, packageSizes, unpackedSize })),
  };
}

/** The lines of the refusal. */
function refusalOf(image: Built, published?: ImageSizes): string[] {
  try {
    checkBudget(image, published);
  } catch (error) {
    if (!(error instanceof RejectedError)) throw error;
    expect(error.target).toBe("node:22");
    return error.message.split("\n");
  }
  throw new Error("it was not refused");
}

const HEADING = `node:22 (${HOST}) weighs 29.5 MB compressed, 9.5 MB more than its budget of 20 MB`;
const ADVICE = "leave something out, or raise the budget: catalog.yaml:12:7";

describe("checkBudget", () => {
  it("lets pass what has no budget, and what weighs as much as it may", () => {
    expect(() => checkBudget(built(undefined), undefined)).not.toThrow();
    expect(() => checkBudget(built(29_500_000), undefined)).not.toThrow();
    expect(() => checkBudget(built(29_499_999), undefined)).toThrow("1 B more than its budget");
  });

  it("names the largest parts where nothing is published", () => {
    const image = built(20 * MB, { musl: 600_000, nodejs: 55 * MB, empty: 0 });
    expect(refusalOf(image)).toEqual([
      HEADING,
      "its largest parts, unpacked:",
      "  nodejs  55 MB",
      "  musl    600 kB",
      ADVICE,
    ]);
  });

  it("names what has grown since it was published, what has grown most first", () => {
    const image = built(20 * MB, { musl: 600_000, nodejs: 55 * MB, icu: 30 * MB, zlib: 90_000 });
    const before = sizes({ musl: 599_999, nodejs: 52 * MB, zlib: 100_000, gone: 5 });
    expect(refusalOf(image, new Map([[HOST, before]]))).toEqual([
      HEADING,
      "what has grown since it was published, unpacked:",
      "  icu     new, 30 MB",
      "  nodejs  52 MB → 55 MB (+3 MB)",
      "  musl    600 kB → 600 kB (+1 B)",
      ADVICE,
    ]);
  });

  it("says so where nothing has grown: it was the budget that shrank", () => {
    const packages = { nodejs: 55 * MB };
    expect(refusalOf(built(20 * MB, packages), new Map([[HOST, sizes(packages)]]))).toEqual([
      HEADING,
      "no package has grown since it was published; its largest parts, unpacked:",
      "  nodejs  55 MB",
      ADVICE,
    ]);
  });

  it("takes a platform that is new for one that is not published", () => {
    const other = new Map([["linux/riscv64", sizes({})]]);
    expect(refusalOf(built(20 * MB, { nodejs: MB }), other)[1]).toBe("its largest parts, unpacked:");
  });

  it("names ten packages, and how many more there are", () => {
    const packages = Object.fromEntries(Array.from({ length: 13 }, (_, at) => [`p${at}`, 13 - at]));
    const lines = refusalOf(built(20 * MB, packages));
    expect(lines.slice(10)).toEqual(["  p8  5 B", "  p9  4 B", "  and 3 more", ADVICE]);
  });

  it("judges each platform", () => {
    const image = built(20 * MB);
    const [platform] = image.platforms;
    if (!platform) throw new Error("the sample has no platform");
    const [light, heavy] = (["linux/amd64", "linux/arm64"] as const).map((name, at) => ({
      ...platform,
      platform: name,
      compressedSize: (at + 1) * 15 * MB,
    }));
    if (!light || !heavy) throw new Error("there are two");
    const lines = refusalOf({ ...image, platforms: [light, heavy] });
    expect(lines.filter((line) => line.includes("budget of"))).toEqual([
      "node:22 (linux/arm64) weighs 30 MB compressed, 10 MB more than its budget of 20 MB",
    ]);
  });
});

describe("growthOf", () => {
  it("counts what is not of a package too", () => {
    const before = { ...sizes({ a: 5 }), unpacked: 6 };
    const now = { ...sizes({ a: 5 }), unpacked: 8 };
    expect(growthOf(before, now)).toEqual([{ name: "(not of a package)", before: 1, now: 3 }]);
  });
});

describe("smoke", () => {
  it("holds a release to its budget before it runs anything, and compares it with what is published", async () => {
    const engine = new FakeEngine();
    const directory = await temporaryDirectory();
    const { runtime, dev } = sampleRelease();
    const release = await buildRelease(engine, { runtime, dev: { ...dev, budget: 1 } }, directory);
    engine.log.length = 0;
    const sizes = new Map([[HOST, { compressed: 1, unpacked: 1, packages: new Map() }]]);
    const published = new Map([["node:22-dev", { digest: "sha256:1", inputs: {}, sizes }]]);
    const testing = smoke(release, { engine, scratch: directory, network: "host", published });
    await expect(testing).rejects.toMatchObject({
      name: "RejectedError",
      target: "node:22-dev",
      message: expect.stringContaining("what has grown since it was published"),
    });
    expect(engine.log).toEqual([]);
  });
});
