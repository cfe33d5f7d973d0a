import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readWritten } from "../../../scripts/update/written.ts";
import { catalogFolder } from "../catalog/catalog-folder.ts";
import { fakeUpstream, type PackagesOn } from "./known-upstream.ts";
import { BRANCHES, catalogText, changesOf, inShort } from "./situations.ts";

/** What is proposed for one image on 3.24, or on the branches given. */
async function proposed(lines: string, packages: readonly string[] | PackagesOn): Promise<string[]> {
  const offer = Array.isArray(packages)
    ? { "3.24": packages, "3.23": [], "3.22": [] }
    : (packages as PackagesOn);
  return inShort(await changesOf(catalogText({ image: lines }, BRANCHES), fakeUpstream(offer)));
}

const existing = (branch: string, ...names: string[]) =>
  `versions: { ${names.map((name) => `"${name}": { branch: "${branch}" }`).join(", ")} }`;

describe("a version that there is not", () => {
  it.each([
    ["nodejs", "22", ["nodejs 22.1.0-r0"], ["nodejs 24.14.0-r0"], "24"],
    ["python3", "3.12", ["python3 3.12.1-r0"], ["python3 3.14.2-r1"], "3.14"],
    ["go", "1.25", ["go 1.25.9-r0"], ["go 1.26.1-r0"], "1.26"],
    ["php{{compact}}", "8.4", ["php84 8.4.1-r0"], ["php84 8.4.2-r0", "php86 8.6.0-r0"], "8.6"],
    ["lua{{version}}", "5.4", ["lua5.4 5.4.8-r0"], ["lua5.4 5.4.8-r1", "lua5.5 5.5.0-r0"], "5.5"],
    ["openjdk{{version}}-jre", "25", ["openjdk25-jre 25.0.1_p8-r0"], ["openjdk26-jre 26.0.1_p3-r0"], "26"],
  ])("is named as its siblings are: %s after %s", async (template, known, old, now, version) => {
    const lines = `package: "${template}"\n${existing("3.23", known)}`;
    const changes = await proposed(lines, { "3.24": now, "3.23": old, "3.22": [] });
    expect(changes.filter((line) => line.startsWith("new"))).toEqual([`new image:${version} on 3.24`]);
  });

  it("is on the newest branch that carries it, and each that a branch has is told", async () => {
    const lines = `package: go\n${existing("3.22", "1.24")}`;
    const offer = { "3.22": ["go 1.24.1-r0"], "3.23": ["go 1.25.1-r0"], "3.24": ["go 1.26.1-r0"] };
    expect(await proposed(lines, offer)).toEqual(["new image:1.26 on 3.24", "new image:1.25 on 3.23"]);
    expect(await proposed(lines, { ...offer, "3.23": ["go 1.26.0-r0"] })).toEqual(["new image:1.26 on 3.24"]);
  });

  it("is newer than its siblings of the same package: what was left out below them stays out", async () => {
    const lines = `package: go\n${existing("3.24", "1.26")}`;
    const offer = { "3.22": ["go 1.24.1-r0"], "3.23": ["go 1.25.1-r0"], "3.24": ["go 1.26.1-r0"] };
    expect(await proposed(lines, offer)).toEqual([]);
  });

  it("may be given by another package than the image's, which its entry then says", async () => {
    const lines = `package: nodejs
versions:
  "24": { branch: "3.24" }
  "23": { branch: "3.22", package: nodejs-current }`;
    const offer = {
      "3.22": ["nodejs-current 23.11.0-r0"],
      "3.23": [],
      "3.24": ["nodejs 24.1.0-r0", "nodejs-current 26.1.0-r0"],
    };
    const changes = await changesOf(catalogText({ image: lines }, BRANCHES), fakeUpstream(offer));
    expect(changes).toMatchObject([{ kind: "new-version", version: "26", package: "nodejs-current" }]);
  });

  it("is a hint where something else that it needs is not there", async () => {
    const lines = `package: php{{compact}}
${existing("3.22", "8.4")}
dev: { packages: ["{{package}}-phar"] }`;
    const offer = {
      "3.22": ["php84 8.4.1-r0", "php84-phar 8.4.1-r0"],
      "3.23": [],
      "3.24": ["php86 8.6.0-r0"],
    };
    const quoted = lines.replace("php{{compact}}", '"php{{compact}}"');
    expect(await proposed(quoted, offer)).toEqual([
      "hint image:8.6: v3.24 has php86 8.6.0-r0, but v3.24 has no php86-phar",
    ]);
    const earlier = { ...offer, "3.23": ["php86 8.6.0-r0", "php86-phar 8.6.0-r0"] };
    expect(await proposed(quoted, earlier)).toEqual(["new image:8.6 on 3.23"]);
  });

  it("is a hint where its sibling has packages to itself", async () => {
    const lines = `package: gleam
versions: { "1.17": { branch: "3.23", runtime: { packages: [erlang27] } } }`;
    const offer = {
      "3.22": [],
      "3.23": ["gleam 1.17.0-r0", "erlang27 27.0-r0"],
      "3.24": ["gleam 1.18.0-r0", "erlang28 28.0-r0"],
    };
    expect(await proposed(lines, offer)).toEqual([
      "hint image:1.18: v3.24 has gleam 1.18.0-r0, but 1.17 alone has erlang27: write the entry by hand",
    ]);
  });

  it("follows a new branch where versions are called after these", async () => {
    const lines = `package: alpine-release\n${existing("3.23", "3.23")}`;
    const offer = { "3.24": ["alpine-release 3.24.1-r0"], "3.23": ["alpine-release 3.23.4-r0"], "3.22": [] };
    expect(await proposed(lines, offer)).toEqual(["new image:3.24 on 3.24"]);
  });

  it("with fewer parts than its siblings is none", async () => {
    const lines = `package: tool\n${existing("3.23", "1.4")}`;
    expect(await proposed(lines, { "3.24": ["tool 2-r0"], "3.23": ["tool 1.4-r0"], "3.22": [] })).toEqual([]);
  });
});

describe("a new version of an image that others extend", () => {
  const JAVA = `package: "openjdk{{version}}-jre"
versions: { "25": { branch: "3.24" } }`;
  const kotlin = (more: string) => `extends: java\ndescription: kotlin\n${more}`;
  const upstream = fakeUpstream({
    "3.24": ["openjdk25-jre 25.0.2-r0", "openjdk26-jre 26.0.1-r0", "gcompat 1-r0", "kit25 1-r0"],
    "3.23": [],
    "3.22": [],
  });

  it("is taken over where those say their versions, whichever comes first", async () => {
    const images = { kotlin: kotlin(`versions: { "25": {} }`), java: JAVA };
    expect(inShort(await changesOf(catalogText(images, BRANCHES), upstream))).toEqual([
      "new kotlin:26 on 3.24, inherited",
      "new java:26 on 3.24",
    ]);
  });

  it("need not be where they have all versions, and is a hint where they cannot have it", async () => {
    const images = { java: JAVA, kotlin: kotlin("runtime: { packages: [gcompat] }") };
    expect(inShort(await changesOf(catalogText(images, BRANCHES), upstream))).toEqual([
      "new java:26 on 3.24",
    ]);
    const other = {
      java: JAVA,
      kotlin: kotlin(`package: "openjdk{{version}}-jre"\ndev: { packages: ["kit{{version}}"] }`),
    };
    expect(inShort(await changesOf(catalogText(other, BRANCHES), upstream))).toEqual([
      "hint java:26: v3.24 has openjdk26-jre 26.0.1-r0, but v3.24 has no kit26",
    ]);
  });

  it("is taken over by way of one that has all versions", async () => {
    const images = {
      java: JAVA,
      kotlin: kotlin("runtime: { packages: [gcompat] }"),
      web: `extends: kotlin\ndescription: web\nversions: { "25": {} }`,
    };
    expect(inShort(await changesOf(catalogText(images, BRANCHES), upstream))).toEqual([
      "new java:26 on 3.24",
      "new web:26 on 3.24, inherited",
    ]);
  });

  it("is not taken over from an image that was not asked for", async () => {
    const images = { java: JAVA, kotlin: kotlin(`versions: { "25": {} }`) };
    const isChosen = ({ image }: { image: string }) => image === "kotlin";
    expect(inShort(await changesOf(catalogText(images, BRANCHES), upstream, { isChosen }))).toEqual([]);
  });

  it("is taken over from the catalog above", async () => {
    const above = catalogText({ java: JAVA.replace('{ "25"', '{ "26": { branch: "3.24" }, "25"') }, BRANCHES);
    const own = 'extends: ../above.yaml\nimages:\n  web: { extends: java, versions: { "25": {} } }\n';
    const folder = await catalogFolder({ "own/catalog.yaml": own, "above.yaml": above });
    const written = await readWritten(join(folder, "own/catalog.yaml"));
    expect(inShort(await changesOf(written, upstream))).toEqual(["new web:26 on 3.24, inherited"]);
  });
});
