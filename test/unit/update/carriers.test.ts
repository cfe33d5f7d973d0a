import { describe, expect, it } from "vitest";
import { askOffers, carriersOf, lackOf, programOn } from "../../../scripts/update/carriers.ts";
import { proposalsOf } from "../../../scripts/update/find.ts";
import { fakeUpstream, type PackagesOn } from "./known-upstream.ts";
import { BRANCHES, catalogText, inShort, situationOf } from "./situations.ts";

const JAVA = `package: "openjdk{{version}}-jdk"
versions: { "25": { branch: "3.24" } }
runtime: { jlink: [java.base] }
dev: { packages: ["{{package}}~{{version}}"] }`;

/** The one version of a catalog, and what its branch offers. */
async function askedFor(lines: string, packages: PackagesOn) {
  const { written, offers } = await situationOf(catalogText({ it: lines }, BRANCHES), fakeUpstream(packages));
  const [version = "", entry] = Object.entries(written.entry.images.it?.versions ?? {})[0] ?? [];
  if (!entry) throw new Error("the test has no version");
  return { catalog: written.entry, candidate: { image: "it", version, entry }, offers };
}

const lack = async (lines: string, packages: PackagesOn) => {
  const { catalog, candidate, offers } = await askedFor(lines, packages);
  return lackOf(catalog, candidate, offers);
};

describe("a branch carries a version", () => {
  it("when what a Java runtime is linked from is there too", async () => {
    const packages = ["openjdk25-jdk 25.0.1-r0"];
    expect(await lack(JAVA, { "3.24": packages })).toBe("v3.24 has no openjdk25-jmods");
    expect(await lack(JAVA, { "3.24": [...packages, "openjdk25-jmods 25.0.1-r0"] })).toBeUndefined();
  });

  it("when the mirror has the branch at all", async () => {
    const { catalog, candidate, offers } = await askedFor(JAVA, { "3.23": [] });
    expect(await lack(JAVA, { "3.23": [] })).toBe("the mirror has no v3.24");
    expect(carriersOf(catalog, candidate, ["3.24", "3.23", "3.9"], offers)).toEqual([]);
  });

  it("when its program is there on each platform", async () => {
    const go = `package: go\nversions: { "1.26": { branch: "3.24" } }`;
    const { catalog, candidate } = await askedFor(go, { "3.24": [] });
    const [there, provided] = [["go 1.26.1-r0"], ["gccgo 15-r0 go=1.26.1"]];
    const offerTo = async (arm: readonly string[]) => {
      const upstream = {
        packages: (branch: string, architecture: string) =>
          fakeUpstream({ "3.24": architecture === "aarch64" ? arm : there }).packages(branch, architecture),
      };
      return (await askOffers(upstream, ["3.24"], catalog.platforms)).offers;
    };
    expect(programOn(catalog, candidate, await offerTo(there))).toBe("go 1.26.1-r0");
    expect(lackOf(catalog, candidate, await offerTo(provided))).toMatch(
      /no package that gives version 1\.26$/,
    );
  });
});

describe("what is asked of a mirror", () => {
  it("is nothing of a branch that it has for one platform only", async () => {
    const upstream = {
      packages: (branch: string, architecture: string) =>
        fakeUpstream(architecture === "aarch64" ? {} : { "3.24": ["go 1.26.1-r0"] }).packages(
          branch,
          architecture,
        ),
    };
    const { offers, problems } = await askOffers(upstream, ["3.24"], ["linux/amd64", "linux/arm64"]);
    expect(offers.get("3.24")).toEqual([]);
    expect(problems).toEqual([]);
  });

  it("is no reason for a hint where it holds a part of Alpine", async () => {
    const lines = `package: "php{{compact}}"
versions: { "8.4": { branch: "3.24" } }
dev: { packages: ["{{package}}-phar"] }`;
    const packages = {
      "3.24": ["php84 8.4.1-r0", "php84-phar 8.4.1-r0", "php86 8.6.0-r0"],
      "3.23": [],
      "3.22": [],
    };
    const situation = await situationOf(catalogText({ php: lines }, BRANCHES), fakeUpstream(packages));
    expect(inShort(proposalsOf(situation))).toHaveLength(1);
    const { written } = situation;
    const sources = { ...written.entry.sources, mayLack: new Set(["php86-phar"]) };
    const partial = { ...written, entry: { ...written.entry, sources } };
    expect(inShort(proposalsOf({ ...situation, written: partial }))).toEqual([]);
  });
});
