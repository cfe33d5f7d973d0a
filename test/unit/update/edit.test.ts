import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { editCatalog } from "../../../scripts/update/edit.ts";
import type { BranchChange, Edit, Move, NewVersion } from "../../../scripts/update/situation.ts";

const CATALOG = resolve(import.meta.dirname, "../../../catalog.yaml");

const move = (image: string, version: string, to: string, more: Partial<Move> = {}): Move => ({
  ...{ kind: "move", image, version, from: "3.22", to, along: [], why: "" },
  ...more,
});
const added = (image: string, version: string, more: Partial<NewVersion> = {}): NewVersion => ({
  ...{ kind: "new-version", image, version, branch: "3.25", inherited: false, why: "" },
  ...more,
});
const branch = (name: string, to: string, from?: string): BranchChange => ({
  ...{ kind: "branch", branch: name, to, why: "" },
  ...(from !== undefined && { from }),
});

/** The lines of two texts that differ: `- old`, `+ new`. For texts in which few lines differ. */
function diff(before: string, after: string): string[] {
  const [old, now] = [before.split("\n"), after.split("\n")];
  const lines: string[] = [];
  while (old.length > 0 || now.length > 0) {
    if (old[0] === now[0]) {
      old.shift();
      now.shift();
    } else if (old[0] !== undefined && old[0] === now[1]) lines.push(`+ ${now.shift()?.trim()}`);
    else if (now[0] !== undefined && now[0] === old[1]) lines.push(`- ${old.shift()?.trim()}`);
    else lines.push(`- ${old.shift()?.trim()}`, `+ ${now.shift()?.trim()}`);
  }
  return lines;
}

/** A catalog in miniature: as much of it as is edited. */
const versions = (text: string) => `images:\n  node:\n    versions:${text}\n    package: nodejs\n`;

describe("the catalog of this project", () => {
  it("changes only where it must", async () => {
    const before = await readFile(CATALOG, "utf8");
    const edits: Edit[] = [
      branch("3.25", "2028-11-01"),
      branch("3.22", "2027-05-02", "2027-05-01"),
      { ...branch("3.23", "2026-06-10", "2026-06-09"), repository: "community" },
      { ...branch("3.24", "2026-12-03"), repository: "community" },
      move("node", "22", "3.25"),
      move("node", "26", "3.25", { package: { from: "nodejs-current", to: "nodejs" } }),
      move("java", "8", "3.25"),
      move("elixir", "1.18", "3.25"),
      added("node", "27", { package: "nodejs-current" }),
      added("php", "8.6"),
      added("kotlin", "26", { inherited: true }),
      added("tcl", "9.1", { package: "tcl{{version}}" }),
    ];
    const after = editCatalog(before, edits);
    expect(diff(before, after)).toEqual([
      '- "3.24": { eol: 2028-05-01 }',
      '+ "3.25": { eol: 2028-11-01 }',
      '- "3.23": { eol: 2027-11-01, community: 2026-06-09 }',
      '+ "3.24": { eol: 2028-05-01, community: 2026-12-03 }',
      '- "3.22": { eol: 2027-05-01, community: 2025-12-03 }',
      '+ "3.23": { eol: 2027-11-01, community: 2026-06-10 }',
      '+ "3.22": { eol: 2027-05-02, community: 2025-12-03 }',
      '+ "27": { branch: "3.25", package: nodejs-current }',
      '- "26": { branch: "3.24", repository: community, package: nodejs-current, eol: 2029-04-30, runtime: { budget: 36 MB } }',
      '+ "26": { branch: "3.25", eol: 2029-04-30, runtime: { budget: 36 MB } }',
      '- "22": { branch: "3.22", eol: 2027-04-30 }',
      '+ "22": { branch: "3.25", eol: 2027-04-30 }',
      '+ "8.6": { branch: "3.25" }',
      '- branch: "3.24"',
      '+ branch: "3.25"',
      '+ "26": {}',
      '- "1.18": { branch: "3.22", runtime: { packages: [erlang27-dev] }, dev: { packages: [erlang27-dev] } }',
      '+ "1.18": { branch: "3.25", runtime: { packages: [erlang27-dev] }, dev: { packages: [erlang27-dev] } }',
      '+ "9.1": { branch: "3.25", package: "tcl{{version}}" }',
    ]);
  });

  it("stays as it is without a change", async () => {
    const before = await readFile(CATALOG, "utf8");
    expect(editCatalog(before, [])).toBe(before);
  });
});

describe("a new version", () => {
  it.each([
    [
      "as the first, above the comment of the one that was it",
      "26",
      [],
      `
      # the newest
      "24": { branch: "3.24" }
      "22": { branch: "3.22" }`,
      `
      "26": { branch: "3.25" }
      # the newest
      "24": { branch: "3.24" }
      "22": { branch: "3.22" }`,
    ],
    [
      "between two, above the comment of the older",
      "23",
      [],
      `
      "24": { branch: "3.24" } # behind
      # an old one
      "22": { branch: "3.22" }`,
      `
      "24": { branch: "3.24" } # behind
      "23": { branch: "3.25" }
      # an old one
      "22": { branch: "3.22" }`,
    ],
    [
      "as the last where the oldest is the first",
      "26",
      ["27"],
      `
      '22': { branch: '3.22' }
      '24':
        branch: '3.24'
        eol: 2028-04-30 # of its makers`,
      `
      '22': { branch: '3.22' }
      '24':
        branch: '3.24'
        eol: 2028-04-30 # of its makers
      '26': { branch: "3.25" }
      '27': { branch: "3.25" }`,
    ],
    [
      "beside an only one: the newest first",
      "26",
      ["27"],
      `
      "24": {}`,
      `
      "27": { branch: "3.25" }
      "26": { branch: "3.25" }
      "24": {}`,
    ],
    [
      "in braces",
      "26",
      ["23", "20"],
      ` { "24": { branch: "3.24" }, "22": {} }`,
      ` { "26": { branch: "3.25" }, "24": { branch: "3.24" }, "23": { branch: "3.25" }, "22": {}, "20": { branch: "3.25" } }`,
    ],
    [
      "in braces with a line each",
      "23",
      ["20"],
      ` {
      "24": {},
      "22": {}
    }`,
      ` {
      "24": {},
      "23": { branch: "3.25" },
      "22": {},
      "20": { branch: "3.25" }
    }`,
    ],
    ["in empty braces", "26", [], " {}", ` { "26": { branch: "3.25" } }`],
  ] as const)("is put %s", (_, version, more, before, after) => {
    const edits = [version, ...more].map((name) => added("node", name));
    expect(editCatalog(versions(before), edits)).toBe(versions(after));
    expect(editCatalog(versions(before), edits.toReversed())).toBe(versions(after));
    const carriageReturns = (text: string) => versions(text).replaceAll("\n", "\r\n");
    expect(editCatalog(carriageReturns(before), edits)).toBe(carriageReturns(after));
  });

  it("may come at the end of a file without a last line's end", () => {
    const before = 'images:\n  node:\n    versions:\n      "22": {}\n      "24": {}';
    expect(editCatalog(before, [added("node", "26")])).toBe(`${before}\n      "26": { branch: "3.25" }`);
  });
});

describe("a move", () => {
  it.each([
    [`"24": { branch: "3.22", package: nodejs-current }`, `"24": { branch: "3.25" }`],
    [`"24": { package: nodejs-current, branch: '3.22' }`, `"24": { branch: '3.25' }`],
    [
      `"24":\n        # why\n        package: nodejs-current # of old\n        branch: "3.22"`,
      `"24":\n        # why\n        branch: "3.25"`,
    ],
    [`"24":\n        branch: "3.22"\n        package: nodejs-current`, `"24":\n        branch: "3.25"`],
  ])("without its own package: %s", (before, after) => {
    const edit = move("node", "24", "3.25", { package: { from: "nodejs-current", to: "nodejs" } });
    expect(editCatalog(versions(`\n      ${before}`), [edit])).toBe(versions(`\n      ${after}`));
  });

  it("of what is not there is refused", () => {
    expect(() => editCatalog(versions(' { "22": {} }'), [move("node", "24", "3.25")])).toThrow(
      "there is no mapping to edit at images.node.versions.24",
    );
    expect(() => editCatalog(versions(' { "22": {} }'), [move("node", "22", "3.25")])).toThrow(/branch/);
  });
});

it("a file that is YAML stays YAML whatever is put in", () => {
  const before = versions(`
      "24": { branch: "3.24" }
      "22": { branch: "3.22" }`);
  const names = ["30", "23", "1", "24.1"];
  const edited: unknown = parse(
    editCatalog(
      before,
      names.map((name) => added("node", name)),
    ),
  );
  expect(edited).toMatchObject({
    images: {
      node: {
        package: "nodejs",
        versions: Object.fromEntries(names.map((name) => [name, { branch: "3.25" }])),
      },
    },
  });
});
