import { describe, expect, it } from "vitest";
import { rememberIdle } from "../../../scripts/app/idle-memory.ts";
import type { Package } from "../../../scripts/model/package.ts";
import { describeWithdrawn, movedPackages, withdrawnPackages } from "../../../scripts/plan/packages.ts";
import { plan } from "../../../scripts/plan/plan.ts";
import type { Fixes } from "../../../scripts/upstream/upstream.ts";
import { sampleJob, sampleTarget } from "../../support/sample-target.ts";
import { samplePackage } from "../report/sample-outcomes.ts";

const PLATFORM = "linux/amd64";

/** What an image holds: name → version. */
function holds(packages: Readonly<Record<string, string>>) {
  const sizes = Object.entries(packages).map(([name, version]) => [name, { version, unpacked: 1 }] as const);
  return new Map([[PLATFORM, { compressed: 1, unpacked: 1, packages: new Map(sizes) }]]);
}

/** What a branch offers: `libssl3-3.3.2-r1` and the like, each built from `openssl` where it is ssl's. */
function offers(...packages: readonly (readonly [name: string, ...versions: string[]])[]) {
  const byName = packages.map(([name, ...versions]): [string, Package[]] => [
    name,
    versions.map((version) => ({
      ...samplePackage,
      ...{ name, version, origin: name.startsWith("lib") ? "openssl" : name },
    })),
  ]);
  return new Map([[PLATFORM, new Map(byName)]] as const);
}

const FIXES: Fixes = new Map([["openssl", [["3.3.2-r1", ["CVE-2024-9143"]]]]]);

describe("movedPackages", () => {
  it("names an installed package that has a newer build, from what to what, with what that fixes", () => {
    const moved = movedPackages(
      holds({ libssl3: "3.3.2-r0", zlib: "1.3.1-r2" }),
      [],
      offers(["libssl3", "3.3.2-r1"], ["zlib", "1.3.1-r2"]),
      FIXES,
    );
    expect(moved).toEqual([
      {
        ...{ name: "libssl3", from: "3.3.2-r0", to: "3.3.2-r1" },
        ...{ fixes: ["CVE-2024-9143"], platforms: [PLATFORM] },
      },
    ]);
  });

  it("says nothing of a package that moved and is not installed, nor of one that is gone or older now", () => {
    const offered = offers(["curl", "8.12.0-r0"], ["zlib", "1.3.0-r9"]);
    expect(movedPackages(holds({ zlib: "1.3.1-r2", musl: "1.2.5-r9" }), [], offered, FIXES)).toEqual([]);
  });

  it("looks no further than the world lets in", () => {
    const offered = offers(["nodejs", "24.1.0-r0", "22.17.0-r0"]);
    const installed = holds({ nodejs: "22.16.0-r2" });
    expect(movedPackages(installed, ["nodejs~22"], offered, FIXES)).toMatchObject([{ to: "22.17.0-r0" }]);
    expect(movedPackages(installed, ["nodejs~22.16"], offered, FIXES)).toEqual([]);
    expect(movedPackages(installed, ["nodejs"], offered, FIXES)).toMatchObject([{ to: "24.1.0-r0" }]);
  });

  it("takes only what the world says of that very package, and not what it forbids", () => {
    const offered = offers(["node", "24.1.0-r0", "22.17.0-r0"]);
    const to = (world: string[]) => movedPackages(holds({ node: "22.1.0-r0" }), world, offered, FIXES)[0]?.to;
    expect(to(["nodejs~22", "node"])).toBe("24.1.0-r0");
    expect(to(["!node>24"])).toBe("24.1.0-r0");
    expect(to(["node<24", "node>22"])).toBe("22.17.0-r0");
  });

  it("are in the order of their names, and those of one name apart by their versions", () => {
    const offered = offers(["b", "2-r0"], ["c", "2-r0"], ["a", "2-r0"]);
    const image = holds({ b: "1-r0", c: "1-r0", a: "1-r0" });
    expect(movedPackages(image, [], offered, FIXES).map(({ name }) => name)).toEqual(["a", "b", "c"]);
  });

  it("looks at all builds that are offered where it is one of several", () => {
    const offered = offers(["a", "1-r0", "2-r0"]);
    expect(movedPackages(holds({ a: "1-r0" }), [], offered, FIXES)).toMatchObject([{ to: "2-r0" }]);
    expect(movedPackages(holds({ a: "2-r0" }), [], offered, FIXES)).toEqual([]);
    expect(movedPackages(holds({ a: "1-r0" }), [], offers(["a"]), FIXES)).toEqual([]);
  });

  it("compares nothing for a platform that the image does not have", () => {
    const [[, offer] = []] = offers(["a", "2-r0"]);
    const arm64 = new Map([["linux/arm64", offer ?? new Map()]] as const);
    expect(movedPackages(holds({ a: "1-r0" }), [], arm64, FIXES)).toEqual([]);
    expect(withdrawnPackages(holds({ b: "1-r0" }), [], arm64)).toEqual([]);
  });

  it("compares as versions, not as texts", () => {
    expect(movedPackages(holds({ a: "1.9-r0" }), [], offers(["a", "1.10-r0"]), FIXES)).toHaveLength(1);
    expect(movedPackages(holds({ a: "1.2-r0" }), [], offers(["a", "1.2_rc1-r5"]), FIXES)).toEqual([]);
  });

  it("tells a move of two platforms once, and compares no platform that nothing is known of", () => {
    const image = holds({ a: "1-r0" }).get(PLATFORM) as never;
    const both = new Map([
      ["linux/amd64", image],
      ["linux/arm64", image],
    ]);
    const offer = offers(["a", "2-r0"]).get(PLATFORM) as never;
    const known = new Map([
      ["linux/amd64", offer],
      ["linux/arm64", offer],
    ] as const);
    expect(movedPackages(both, [], known, FIXES)).toMatchObject([
      { platforms: ["linux/amd64", "linux/arm64"] },
    ]);
    expect(movedPackages(both, [], new Map(), FIXES)).toEqual([]);
  });
});

const TODAY = new Date("2026-11-23T03:00:00Z");

/** The same, by name. */
function offersBy(packages: Readonly<Record<string, readonly string[]>>) {
  return offers(...Object.entries(packages).map(([name, versions]) => [name, ...versions] as const));
}

describe("withdrawnPackages", () => {
  const found = (held: Record<string, string>, world: string[], offered: Record<string, string[]>) =>
    withdrawnPackages(holds(held), world, offersBy(offered)).map((one) => describeWithdrawn(one, "3.22"));

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

  it("are in the order of their names, and say nothing of what there is where there is nothing", () => {
    expect(
      withdrawnPackages(holds({ b: "1-r0", c: "2-r0", a: "1-r0" }), [], offersBy({ c: ["1-r0"] })),
    ).toEqual([
      { name: "a", version: "1-r0", platforms: [PLATFORM] },
      { name: "b", version: "1-r0", platforms: [PLATFORM] },
      { name: "c", version: "2-r0", offered: "1-r0", platforms: [PLATFORM] },
    ]);
    const [gone = {}] = withdrawnPackages(holds({ a: "1-r0" }), [], offersBy({}));
    expect(Object.keys(gone)).not.toContain("offered");
  });

  it("says nothing of a package that the world would not let in, and that is still there as it is", () => {
    expect(found({ nodejs: "22.1.0-r0" }, ["nodejs~24"], { nodejs: ["22.1.0-r0"] })).toEqual([]);
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
      [comparison(offersBy({ a: ["1-r0"], b: ["1-r0"], c: ["1-r0"], d: ["1-r0"] }))],
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
    const [planned] = plan([comparison(offersBy({}))], TODAY);
    expect(planned?.notes).toHaveLength(5);
    expect(planned?.notes?.slice(0, -1)).toEqual(
      ["a", "b", "c", "d"].map((name) => `v3.22 no longer offers ${name} 1-r0, which is in the image`),
    );
    expect(planned?.notes?.at(-1)).toBe("v3.22 no longer offers 1 more of the packages in the image");
  });

  it("says nothing where nobody asked Alpine, or the image does not say what it holds", () => {
    const { offered, ...unasked } = comparison(offersBy({}));
    const { sizes: _, ...silent } = unasked.published;
    for (const one of [unasked, { ...unasked, offered, published: silent }]) {
      expect(Object.keys(plan([one], TODAY)[0] ?? {})).not.toContain("notes");
    }
  });

  it("takes a platform for whole where nothing is said of its repositories", () => {
    const { offered, ...rest } = comparison(offersBy({ a: ["1-r0"], b: ["1-r0"], c: ["1-r0"], d: ["1-r0"] }));
    const { partial: _, ...whole } = offered;
    expect(plan([{ ...rest, offered: whole }], TODAY)[0]?.notes).toHaveLength(1);
  });

  it("says nothing of a platform for which the mirror lacks a repository", () => {
    const [planned] = plan([comparison(offersBy({}), [PLATFORM])], TODAY);
    expect(planned?.notes).toBeUndefined();
  });
});
