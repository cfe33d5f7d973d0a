import { describe, expect, it } from "vitest";
import { changesText, sumText, updateText } from "../../../scripts/report/changes-text.ts";
import type { Change } from "../../../scripts/update/situation.ts";

const TODAY = new Date("2026-11-28T03:00:00Z");
const CARRIED = [
  { image: "node", version: "22", branch: "3.22", carriers: ["3.24", "3.23"] },
  { image: "zig", version: "0.13", branch: "3.22", carriers: [] },
];
const OLD: Change = {
  ...{ kind: "ended", image: "go", version: "1.9", branch: "3.7", since: "2019-11-01", why: "it ended" },
};
const CHANGES: readonly Change[] = [
  { kind: "branch", branch: "3.24", to: "2028-11-01", why: "Alpine released it" },
  { kind: "branch", branch: "3.23", from: "2027-11-01", to: "2027-12-01", why: "Alpine says so" },
  {
    ...{ kind: "move", image: "node", version: "22", from: "3.22", to: "3.24", why: "3.22 ends" },
    ...{ along: ["web:24", "app:1"], package: { from: "nodejs-lts", to: "nodejs" }, above: "../base.yaml" },
  },
  {
    ...{ kind: "new-version", image: "python", version: "3.14", branch: "3.24", inherited: false },
    ...{ package: "python3", why: "3.24 carries it" },
  },
  {
    kind: "ended",
    image: "php",
    version: "8.1",
    branch: "3.19",
    since: "2026-11-01",
    why: "no branch has it",
  },
  { kind: "hint", image: "zig", version: "0.13", why: "a | b" },
  OLD,
];
const options = { catalog: "catalog.yaml", markdown: false, isNamed: false, isWritten: false };
const found = { changes: CHANGES, carried: CARRIED, problems: ["releases.json: HTTP 503"] };

describe("updateText", () => {
  it("tells each change with its reason, what could not be asked, and how many can be written", () => {
    expect(updateText(found, TODAY, options)).toBe(
      `IMAGE   VERSION  CHANGE        FROM → TO                WHY
Alpine  3.24     new branch    → 2028-11-01             Alpine released it
Alpine  3.23     new end date  2027-11-01 → 2027-12-01  Alpine says so
node    22       move          3.22 → 3.24              in ../base.yaml; 3.22 ends; without its own package nodejs-lts; with web:24, app:1
python  3.14     new version   → 3.24                   3.24 carries it; by python3
php     8.1      ended         3.19                     since 2026-11-01: no branch has it
zig     0.13     check         -                        a | b
Not shown: 1 version that ended long ago.
not asked: releases.json: HTTP 503
catalog.yaml: 3 changes to make: use --write.`,
    );
  });

  it("says that no branch has a version only where all could be asked", () => {
    const of = (problems: readonly string[]) =>
      updateText({ ...found, problems }, TODAY, { ...options, isNamed: true })
        .split("\n")
        .find((line) => line.startsWith("zig "));
    expect(of([])).toBe("zig    0.13     3.22    -");
    expect(of(["v3.23: HTTP 503"])).toBe("zig    0.13     3.22    not known");
  });

  it("is a table of Markdown for a pull request, in which no text ends a cell", () => {
    const text = updateText({ ...found, problems: [] }, TODAY, {
      ...options,
      markdown: true,
      isWritten: true,
    });
    const lines = text.split("\n");
    expect(lines.slice(0, 3)).toEqual([
      "| IMAGE | VERSION | CHANGE | FROM → TO | WHY |",
      "| - | - | - | - | - |",
      "| Alpine | 3.24 | new branch | → 2028-11-01 | Alpine released it |",
    ]);
    expect(lines.slice(-4)).toEqual([
      "| zig | 0.13 | check | \\- | a \\| b |",
      "",
      "Not shown: 1 version that ended long ago.",
      "catalog.yaml: 3 changes written.",
    ]);
  });

  it("says below the table what is to be decided before it is merged, with a link to what is new", () => {
    const moved = [{ image: "node", tag: "latest", from: "24", to: "26" }];
    const added = [
      { image: "node", version: "26", news: "https://example.org/26" },
      { image: "lua", version: "5.5" },
    ];
    const decisions = { moved, added };
    const of = (one: typeof decisions) =>
      updateText({ ...found, problems: [] }, TODAY, { ...options, markdown: true, decisions: one });
    expect(of(decisions).split("\n").slice(-6)).toEqual([
      "",
      "### Before you merge",
      "",
      "- `node:latest` moves from 24 to 26; `latest: true` at 24 keeps it there.",
      "- node 26: add its `eol`, the day on which its makers end it. [What is new](https://example.org/26).",
      "- lua 5.5: add its `eol`, the day on which its makers end it.",
    ]);
    const [latest] = moved;
    if (!latest) throw new Error("nothing moved");
    expect(
      of({ moved: [{ ...latest, tag: "lts" }], added: [] })
        .split("\n")
        .at(-1),
    ).toBe("- `node:lts` moves from 24 to 26.");
    expect(of({ moved: [], added: [] }).split("\n").at(-1)).toBe(
      "catalog.yaml: 3 changes to make: use --write.",
    );
  });

  it("of named targets says which branches carry them, and leaves out none that ended", () => {
    const text = updateText({ ...found, changes: [OLD] }, TODAY, { ...options, isNamed: true });
    expect(text).toBe(
      `IMAGE  VERSION  ALPINE  CARRIED BY
node   22       3.22    3.24 3.23
zig    0.13     3.22    not known

IMAGE  VERSION  CHANGE  FROM → TO  WHY
go     1.9      ended   3.7        since 2019-11-01: it ended
not asked: releases.json: HTTP 503
catalog.yaml: nothing to change, as far as could be found out.`,
    );
  });

  it("has no table where nothing changes", () => {
    const nothing = { changes: [], carried: CARRIED, problems: [] };
    expect(updateText(nothing, TODAY, options)).toBe("catalog.yaml: nothing to change.");
  });

  it("keeps to the width that there is", () => {
    const problems = ["word ".repeat(30)];
    const text = updateText({ ...found, problems }, TODAY, {
      ...options,
      catalog: "c".repeat(20),
      width: 60,
    });
    expect(text.split("\n").filter((line) => line.trimEnd().length > 60)).toEqual([]);
  });
});

describe("changesText", () => {
  it("leaves out what ended before the days in which that is news", () => {
    const ended = (since: string): Change => ({ ...OLD, since });
    expect(changesText([ended("2026-08-30")], TODAY, false)).toContain("since 2026-08-30");
    expect(changesText([ended("2026-08-29"), OLD], TODAY, false)).toBe(
      "Not shown: 2 versions that ended long ago.",
    );
    expect(changesText([ended("2026-08-29")], TODAY, true)).toContain("since 2026-08-29");
  });
});

describe("a row of changesText", () => {
  const rowsOf = (...changes: readonly Change[]) =>
    changesText(changes, TODAY, false)
      .split("\n")
      .slice(1)
      .map((line) => line.trimEnd().split(/ {2,}/));

  it("says which repository's end a date is of", () => {
    const branch = {
      kind: "branch",
      branch: "3.23",
      from: "2027-11-01",
      to: "2027-12-01",
      why: "so",
    } as const;
    expect(rowsOf({ ...branch, repository: "community" }, branch)).toEqual([
      ["Alpine", "3.23", "new end date of community", "2027-11-01 → 2027-12-01", "so"],
      ["Alpine", "3.23", "new end date", "2027-11-01 → 2027-12-01", "so"],
    ]);
  });

  it("names a new version's package where it is not the image's own", () => {
    const version = {
      kind: "new-version",
      image: "lua",
      version: "5.5",
      branch: "3.24",
      inherited: false,
    } as const;
    expect(rowsOf({ ...version, why: "3.24 carries it" })).toEqual([
      ["lua", "5.5", "new version", "→ 3.24", "3.24 carries it"],
    ]);
  });
});

describe("sumText", () => {
  it("counts only what can be written into the catalog", () => {
    expect(sumText(CHANGES.slice(0, 1), "c.yaml", true)).toBe("c.yaml: 1 change written.");
    expect(sumText(CHANGES.slice(4), "c.yaml", true)).toBe("c.yaml: nothing to change.");
  });

  it("does not say that nothing is to change where something could not be asked", () => {
    const text = updateText({ ...found, changes: [] }, TODAY, {
      ...{ catalog: "c.yaml", markdown: false, isNamed: false, isWritten: false },
    });
    expect(text).toBe(
      "not asked: releases.json: HTTP 503\nc.yaml: nothing to change, as far as could be found out.",
    );
  });
});
