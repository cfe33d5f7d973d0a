import { describe, expect, it } from "vitest";
import { changesText, sumText } from "../../../scripts/report/changes-text.ts";
import { findChanges, type Surroundings } from "../../../scripts/update/find.ts";
import { writtenCatalog } from "../../../scripts/update/written.ts";
import { fakeUpstream } from "./known-upstream.ts";
import { BRANCHES, catalogText, inShort, TODAY } from "./situations.ts";

const GO = `package: go
versions:
  "1.26": { branch: "3.23" }
  "1.24": { branch: "3.22" }
  "1.20": { branch: "3.21" }`;
const RELEASES = JSON.stringify({
  release_branches: [
    { rel_branch: "v3.24", eol_date: "2028-05-01" },
    { rel_branch: "v3.23", eol_date: "2027-11-02" },
  ],
});

const surroundings = (more: Partial<Surroundings> = {}): Surroundings => ({
  upstream: fakeUpstream({
    "3.22": ["go 1.24.9-r0"],
    "3.23": ["go 1.26.1-r0"],
    "3.24": ["go 1.26.4-r0"],
  }),
  releases: "https://example.org/releases.json",
  fetchDocument: async () => ({ bytes: Buffer.from(RELEASES), keep: async () => {} }),
  platforms: ["linux/amd64"],
  today: TODAY,
  isChosen: () => true,
  ...more,
});

const find = async (more: Partial<Surroundings> = {}, head = BRANCHES) =>
  findChanges(await writtenCatalog("catalog.yaml", catalogText({ go: GO }, head)), surroundings(more));

describe("what update finds", () => {
  it("is which supported branch carries which version, newest first, and what to change", async () => {
    const { carried, changes, supported, problems } = await find();
    expect(carried).toEqual([
      { image: "go", version: "1.26", branch: "3.23", carriers: ["3.24", "3.23"] },
      { image: "go", version: "1.24", branch: "3.22", carriers: ["3.22"] },
      { image: "go", version: "1.20", branch: "3.21", carriers: [] },
    ]);
    expect(supported[1]).toEqual({ name: "3.23", eol: "2027-11-02" });
    expect(inShort(changes)).toEqual([
      "branch 3.23 2027-11-01 → 2027-11-02",
      "move go:1.26 3.23 → 3.24",
      "ended go:1.20 2026-11-01",
    ]);
    expect(problems).toEqual([]);
  });

  it("goes by the catalog where Alpine's list does not answer, and says so", async () => {
    const fetchDocument = async () => Promise.reject(new Error("no answer"));
    const { changes, problems } = await find({ fetchDocument });
    expect(inShort(changes)).toEqual(["move go:1.26 3.23 → 3.24", "ended go:1.20 2026-11-01"]);
    expect(problems).toEqual(["https://example.org/releases.json: no answer"]);
  });

  it("is a mistake in the catalog where nothing tells of branches", async () => {
    await expect(find({ releases: "none.json" })).rejects.toThrow("none.json");
    const fetchDocument = async () => Promise.reject(new Error("no answer"));
    await expect(find({ fetchDocument }, "")).rejects.toThrow(
      /which branches of Alpine are supported \(.*no answer/,
    );
  });

  it("tells of a branch that does not answer, and leaves it alone", async () => {
    const { packages } = surroundings().upstream;
    const upstream = {
      packages: async (branch: string, architecture: string) =>
        branch === "3.24" ? { problem: "v3.24: no answer" } : packages(branch, architecture),
    };
    const { changes, problems } = await find({ upstream });
    expect(inShort(changes)).toEqual(["branch 3.23 2027-11-01 → 2027-11-02"]);
    expect(problems).toEqual(["v3.24: no answer"]);
  });

  it("tells once of a server that none of its branches can be had from", async () => {
    const upstream = { packages: async () => ({ problem: "https://m.example: no answer" }) };
    expect((await find({ upstream })).problems).toEqual(["https://m.example: no answer"]);
  });

  it("takes a branch that the mirror has not for one that carries nothing", async () => {
    const upstream = fakeUpstream({ "3.22": ["go 1.24.9-r0"], "3.23": ["go 1.26.1-r0"] });
    const { changes, problems } = await find({ upstream });
    expect(inShort(changes)).toEqual(["branch 3.23 2027-11-01 → 2027-11-02", "ended go:1.20 2026-11-01"]);
    expect(problems).toEqual([]);
  });
});

describe("the table of changes", () => {
  it("has a line for each, and only the number of what ended long ago", async () => {
    const { changes } = await find();
    expect(changesText(changes, TODAY, false).split("\n")).toEqual([
      "IMAGE   VERSION  CHANGE        FROM → TO                WHY",
      "Alpine  3.23     new end date  2027-11-01 → 2027-11-02  Alpine says that its support ends then",
      "go      1.26     move          3.23 → 3.24              v3.24 has go 1.26.4-r0 and is supported until 2028-05-01",
      "go      1.20     ended         3.21                     since 2026-11-01: Alpine 3.21 ended, and no supported branch carries it",
    ]);
    const later = new Date("2027-02-15");
    expect(changesText(changes, later, false)).toMatch(/^Not shown: 1 version that ended long ago/m);
    expect(changesText(changes, later, true)).toContain("since 2026-11-01");
  });

  it("says what goes along, in which package, and what belongs into the catalog above", () => {
    const text = changesText(
      [
        {
          ...{ kind: "move", image: "node", version: "24", from: "3.23", to: "3.24", why: "so" },
          ...{
            along: ["web:24"],
            package: { from: "nodejs-current", to: "nodejs" },
            above: "../catalog.yaml",
          },
        },
        {
          ...{
            kind: "new-version",
            image: "node",
            version: "26",
            branch: "3.24",
            inherited: false,
            why: "so",
          },
          package: "nodejs-current",
        },
        { kind: "hint", image: "gleam", version: "1.18", why: "but" },
      ],
      TODAY,
      false,
    );
    expect(text.split("\n").slice(1)).toEqual([
      "node   24       move         3.23 → 3.24  in ../catalog.yaml; so; without its own package nodejs-current; with web:24",
      "node   26       new version  → 3.24       so; by nodejs-current",
      "gleam  1.18     check        -            but",
    ]);
  });

  it("sums up", async () => {
    const { changes } = await find();
    expect(sumText(changes, "catalog.yaml", false)).toBe("catalog.yaml: 2 changes to make: use --write.");
    expect(sumText(changes, "catalog.yaml", true)).toBe("catalog.yaml: 2 changes written.");
    expect(sumText(changes.slice(2), "catalog.yaml", false)).toBe("catalog.yaml: nothing to change.");
  });
});
