import { describe, expect, it } from "vitest";
import { rememberIdle } from "../../../scripts/app/idle-memory.ts";
import type { Package } from "../../../scripts/model/package.ts";
import { plan } from "../../../scripts/plan/plan.ts";
import { describeWithdrawn, withdrawnPackages } from "../../../scripts/plan/withdrawn.ts";
import { sampleJob, sampleTarget } from "../../support/sample-target.ts";
import { samplePackage } from "../report/sample-outcomes.ts";

const PLATFORM = "linux/amd64";
const TODAY = new Date("2026-11-23T03:00:00Z");

function holds(packages: Readonly<Record<string, string>>) {
  const sizes = Object.entries(packages).map(([name, version]) => [name, { version, unpacked: 1 }] as const);
  return new Map([[PLATFORM, { compressed: 1, unpacked: 1, packages: new Map(sizes) }]]);
}

function offers(packages: Readonly<Record<string, readonly string[]>>) {
  const byName = Object.entries(packages).map(([name, versions]): [string, Package[]] => [
    name,
    versions.map((version) => ({ ...samplePackage, name, version })),
  ]);
  return new Map([[PLATFORM, new Map(byName)]] as const);
}

describe("withdrawnPackages", () => {
  const found = (held: Record<string, string>, world: string[], offered: Record<string, string[]>) =>
    withdrawnPackages(holds(held), world, offers(offered)).map((one) => describeWithdrawn(one, "3.22"));

  it.each([
    ["as it is", { zlib: "1.3.1-r2" }, [], { zlib: ["1.3.1-r2"] }, []],
    ["newer", { zlib: "1.3.1-r2" }, [], { zlib: ["1.3.1-r3"] }, []],
    ["as it is, beside an older one", { zlib: "1.3.1-r2" }, [], { zlib: ["1.3.0-r0", "1.3.1-r2"] }, []],
    ["gone", { zlib: "1.3.1-r2" }, [], {}, ["v3.22 no longer offers zlib 1.3.1-r2, which is in the image"]],
    [
      "only older",
      { zlib: "1.3.1-r2" },
      [],
      { zlib: ["1.3.0-r9", "1.3.1-r1"] },
      ["v3.22 no longer offers zlib 1.3.1-r2, which is in the image: only 1.3.1-r1, which is older"],
    ],
    [
      "newer, and not let in by the world",
      { nodejs: "22.1.0-r0" },
      ["nodejs~22"],
      { nodejs: ["24.0.0-r0"] },
      ["v3.22 no longer offers nodejs 22.1.0-r0, which is in the image"],
    ],
  ])("of a package that is %s", (_, held, world, offered, expected) => {
    expect(found(held as Record<string, string>, world, offered as Record<string, string[]>)).toEqual(
      expected,
    );
  });

  it("names each once, for all platforms that lack it, and compares none that nothing is known of", () => {
    const both = new Map([
      ...holds({ a: "1-r0" }),
      ...[...holds({ a: "1-r0" })].map(([, one]) => ["linux/arm64", one] as const),
    ]);
    const nothing = new Map([
      ["linux/amd64", new Map()],
      ["linux/arm64", new Map()],
    ] as const);
    expect(withdrawnPackages(both, [], nothing)).toEqual([
      { name: "a", version: "1-r0", platforms: ["linux/amd64", "linux/arm64"] },
    ]);
    expect(withdrawnPackages(both, [], new Map())).toEqual([]);
  });
});

describe("a plan", () => {
  const target = sampleTarget({ platforms: [PLATFORM], world: ["nodejs~22"] });
  const comparison = (packages: ReturnType<typeof offers>, partial: readonly "linux/amd64"[] = []) => ({
    ...sampleJob(target),
    asked: false,
    published: {
      digest: "sha256:1",
      inputs: {},
      sizes: holds({ a: "1-r0", b: "1-r0", c: "1-r0", d: "1-r0", e: "1-r0" }),
    },
    offered: { packages, fixes: new Map(), unknown: [], partial },
  });

  it("notes what was withdrawn, which is no reason, and does not forget it for an idle one", () => {
    const [planned] = plan(
      [comparison(offers({ a: ["1-r0"], b: ["1-r0"], c: ["1-r0"], d: ["1-r0"] }))],
      TODAY,
    );
    expect(planned).toMatchObject({
      reasons: [],
      notes: ["v3.22 no longer offers e 1-r0, which is in the image"],
    });
    expect(
      rememberIdle(
        new Map(),
        planned ? [planned] : [],
        new Map([[target.name, { fingerprint: "same", isVerified: true }]]),
      ),
    ).toEqual(new Map());
  });

  it("counts those that are too many to name", () => {
    const [planned] = plan([comparison(offers({}))], TODAY);
    expect(planned?.notes).toHaveLength(5);
    expect(planned?.notes?.at(-1)).toBe("v3.22 no longer offers 1 more of the packages in the image");
  });

  it("says nothing of a platform for which the mirror lacks a repository", () => {
    const [planned] = plan([comparison(offers({}), [PLATFORM])], TODAY);
    expect(planned?.notes).toBeUndefined();
  });
});
