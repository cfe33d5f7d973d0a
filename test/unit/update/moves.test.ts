import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { proposalsOf } from "../../../scripts/update/find.ts";
import { isEdit } from "../../../scripts/update/situation.ts";
import { readWritten } from "../../../scripts/update/written.ts";
import { catalogFolder } from "../catalog/catalog-folder.ts";
import { fakeUpstream } from "./known-upstream.ts";
import { BRANCHES, catalogText, changesOf, inShort, situationOf } from "./situations.ts";

const NODES = {
  "3.22": ["nodejs 22.16.0-r2", "nodejs-current 23.11.0-r0"],
  "3.23": ["nodejs 22.22.0-r0", "nodejs-current 24.9.0-r0"],
  "3.24": ["nodejs 24.14.0-r0", "nodejs-current 26.1.0-r0 nodejs=26.1.0"],
};
const NODE = `package: nodejs
versions:
  "26": { branch: "3.24", package: nodejs-current }
  "24": { branch: "3.24" }
  "22": { branch: "3.23" }`;

const proposed = async (...args: Parameters<typeof changesOf>) => inShort(await changesOf(...args));
const nodes = (from: string, to: string) => catalogText({ node: NODE.replace(from, to) }, BRANCHES);

describe("a version that there is", () => {
  it("stays on the newest supported branch that carries it", async () => {
    expect(await proposed(nodes("", ""), fakeUpstream(NODES))).toEqual([]);
  });

  it("moves to it from an older one, supported or not", async () => {
    for (const old of ["3.21", "3.22"]) {
      const text = nodes(`"22": { branch: "3.23"`, `"22": { branch: "${old}"`);
      expect(await proposed(text, fakeUpstream(NODES))).toEqual([`move node:22 ${old} → 3.23`]);
    }
  });

  it("says what the branch has and until when", async () => {
    const text = nodes(`"22": { branch: "3.23"`, `"22": { branch: "3.21"`);
    const [change] = await changesOf(text, fakeUpstream(NODES));
    expect(change?.why).toBe("v3.23 has nodejs 22.22.0-r0 and is supported until 2027-11-01");
  });

  it("moves off a branch that carries it no more, even to an older one", async () => {
    const text = nodes(`"22": { branch: "3.23"`, `"22": { branch: "3.24"`);
    const [change] = await changesOf(text, fakeUpstream(NODES));
    expect(change).toMatchObject({ kind: "move", from: "3.24", to: "3.23" });
    expect(change?.why).toContain("v3.24 has nodejs 24.14.0-r0, 26.1.0, no 22");
  });

  it("is told of where no supported branch carries it any more", async () => {
    const offer = { ...NODES, "3.22": ["nodejs 24.1.0-r0"], "3.23": ["nodejs 24.1.0-r0"] };
    expect(await proposed(nodes("", ""), fakeUpstream(offer))).toEqual([
      "hint node:22: no supported branch carries it any more: v3.23 has nodejs 24.1.0-r0, no 22",
    ]);
  });

  it("has ended with the community of its branch, if it is in there, though the branch goes on", async () => {
    const released = [
      { name: "3.24", eol: "2028-05-01" },
      { name: "3.23", eol: "2027-11-01", community: "2026-06-09" },
      { name: "3.22", eol: "2027-05-01", community: "2025-12-03" },
    ];
    const both = (repository: string) =>
      changesOf(catalogText({ node: `${NODE}\nrepository: ${repository}` }, BRANCHES), fakeUpstream(NODES), {
        released,
      });
    const ended = (await both("community")).filter(({ kind }) => kind === "ended");
    expect(ended).toMatchObject([
      {
        version: "22",
        since: "2026-06-09",
        why: "Alpine 3.23's community ended, and no supported branch carries it",
      },
    ]);
    expect((await both("main")).filter(({ kind }) => kind === "ended")).toEqual([]);
  });

  it("has ended where its branch has, and no other carries it; the earlier end counts", async () => {
    const text = nodes(`"22": { branch: "3.23" }`, `"20": { branch: "3.21", eol: 2026-04-30 }`);
    expect(await proposed(text, fakeUpstream(NODES))).toEqual(["ended node:20 2026-04-30"]);
    const without = nodes(`"22": { branch: "3.23" }`, `"20": { branch: "3.21" }`);
    expect(await changesOf(without, fakeUpstream(NODES))).toMatchObject([
      { kind: "ended", since: "2026-11-01", why: "Alpine 3.21 ended, and no supported branch carries it" },
    ]);
  });

  it("leaves a package of its own behind where the image's has it", async () => {
    const text = nodes(`"24": { branch: "3.24"`, `"24": { branch: "3.23", package: nodejs-current`);
    expect(await changesOf(text, fakeUpstream(NODES))).toMatchObject([
      { kind: "move", version: "24", to: "3.24", package: { from: "nodejs-current", to: "nodejs" } },
    ]);
  });

  it("is not given by a package that only provides the name", async () => {
    const offer = { ...NODES, "3.24": ["nodejs-current 26.1.0-r0 nodejs=26.1.0"] };
    const text = nodes(`"26": { branch: "3.24", package: nodejs-current }`, `"26": { branch: "3.24" }`);
    const lines = await proposed(text, fakeUpstream(offer));
    expect(lines).toContain(
      "hint node:26: no supported branch carries it any more: v3.24 has no package that gives version 26",
    );
  });

  it("needs all of both variants, on all platforms", async () => {
    const image = `package: "lua{{version}}"
versions: { "5.3": { branch: "3.22" } }
dev: { packages: ["{{package}}-dev"] }`;
    const text = catalogText({ lua: image }, BRANCHES);
    const offer = (more: readonly string[]) => ({
      "3.22": ["lua5.3 5.3.6-r6", "lua5.3-dev 5.3.6-r6"],
      "3.23": [],
      "3.24": ["lua5.3 5.3.6-r8", ...more],
    });
    expect(await proposed(text, fakeUpstream(offer([])))).toEqual([
      "hint lua:5.3: v3.24 has lua5.3 5.3.6-r8, but v3.24 has no lua5.3-dev, which lua:5.3 needs",
    ]);
    const whole = fakeUpstream(offer(["lua5.3-dev 5.3.6-r8"]));
    expect(await proposed(text, whole)).toEqual(["move lua:5.3 3.22 → 3.24"]);
    const oneOnly = {
      packages: async (branch: string, architecture: string) =>
        architecture === "x86_64" || branch !== "3.24"
          ? whole.packages(branch, architecture)
          : fakeUpstream(offer([])).packages(branch, architecture),
    };
    expect(await proposed(text, oneOnly)).toHaveLength(1);
    expect(await proposed(text, oneOnly)).not.toContain("move lua:5.3 3.22 → 3.24");
  });

  it("is asked for by the names that packages have on each branch", async () => {
    const image = `package: php
versions: { "8": { branch: "3.22" } }
runtime: { packages: [extra] }
dev: { packages: ["php~{{version}}"] }`;
    const head = `${BRANCHES}renamed: { extra: { "3.23": [php-extra] } }\n`;
    const text = catalogText({ php: image }, head);
    const offer = {
      "3.22": ["php 8.1-r0", "php-extra 1-r0"],
      "3.23": ["php 8.2-r0", "php-extra 1-r0"],
      "3.24": ["php 8.3-r0", "php-extra 1-r0"],
    };
    expect(await proposed(text, fakeUpstream(offer))).toContain("move php:8 3.22 → 3.23");
  });

  it("is left alone where a branch could not be asked", async () => {
    const text = nodes(`"22": { branch: "3.23" }`, `"20": { branch: "3.21" }`);
    const upstream = fakeUpstream(NODES);
    const silent = {
      packages: async (branch: string, architecture: string) =>
        branch === "3.24" ? { problem: "no answer" } : upstream.packages(branch, architecture),
    };
    expect(await proposed(text, silent)).toEqual([]);
  });

  it("says nothing by what a mirror of a part of Alpine lacks", async () => {
    const text = nodes(`"22": { branch: "3.23" }`, `"20": { branch: "3.21" }`);
    const { written, ...rest } = await situationOf(text, fakeUpstream({ "3.24": [] }));
    const sources = { ...written.entry.sources, mayLack: new Set(["nodejs"]) };
    const partial = { ...written, entry: { ...written.entry, sources } };
    expect(inShort(proposalsOf({ written: partial, ...rest }))).toEqual([]);
  });
});

describe("a version that another takes over", () => {
  const JAVA = `package: "openjdk{{version}}-jre"
versions:
  "25": { branch: "3.22" }
  "21": { branch: "3.24" }`;
  const KOTLIN = `extends: java
description: kotlin
versions: { "25": {} }
runtime: { packages: [gcompat] }`;
  const offer = (more: readonly string[]) =>
    fakeUpstream({
      "3.22": ["openjdk25-jre 25.0.1-r0", "gcompat 1-r0"],
      "3.23": [],
      "3.24": ["openjdk21-jre 21.0.1-r0", "openjdk25-jre 25.0.2-r0", ...more],
    });

  it("moves with it", async () => {
    const text = catalogText({ kotlin: KOTLIN, java: JAVA }, BRANCHES);
    expect(await changesOf(text, offer(["gcompat 1-r0"]))).toMatchObject([
      { kind: "move", image: "java", version: "25", to: "3.24", along: ["kotlin:25"] },
    ]);
  });

  it("holds it back where it cannot go along", async () => {
    const text = catalogText({ java: JAVA, kotlin: KOTLIN }, BRANCHES);
    expect(await proposed(text, offer([]))).toEqual([
      "hint java:25: v3.24 has openjdk25-jre 25.0.2-r0, but v3.24 has no gcompat, which kotlin:25 needs",
    ]);
  });

  it("is not edited where it stands in the catalog above, but told of", async () => {
    const own = 'extends: ../above.yaml\nimages:\n  web: { extends: java, versions: { "25": {} } }\n';
    const folder = await catalogFolder({
      "own/catalog.yaml": own,
      "above.yaml": catalogText({ java: JAVA }, BRANCHES),
    });
    const written = await readWritten(join(folder, "own/catalog.yaml"));
    const changes = await changesOf(written, offer([]));
    expect(changes).toMatchObject([{ kind: "move", image: "web", above: join(folder, "above.yaml") }]);
    expect(changes.some((one) => isEdit(one))).toBe(false);
  });

  it("is chosen with any of those that go along", async () => {
    const text = catalogText({ java: JAVA, kotlin: KOTLIN }, BRANCHES);
    const upstream = offer(["gcompat 1-r0"]);
    const only = (image: string) => ({ isChosen: (name: { image: string }) => name.image === image });
    expect(await proposed(text, upstream, only("kotlin"))).toEqual(["move java:25 3.22 → 3.24"]);
    expect(await proposed(text, upstream, only("none"))).toEqual([]);
  });
});
