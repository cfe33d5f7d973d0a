import { describe, expect, it } from "vitest";
import type { Package } from "../../../scripts/model/package.ts";
import { movedPackages } from "../../../scripts/plan/packages.ts";
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

const FIXES = new Map([["openssl", new Map([["3.3.2-r1", ["CVE-2024-9143"]]])]]);

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
