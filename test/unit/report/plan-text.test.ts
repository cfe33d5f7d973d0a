import { describe, expect, it } from "vitest";
import type { Target } from "../../../scripts/model/target.ts";
import type { PlannedTarget } from "../../../scripts/plan/plan.ts";
import { awayText, endingText, mistakesText, planText } from "../../../scripts/report/plan-text.ts";
import { typed } from "../../../scripts/system/shown/started.ts";
import { samplePlanned, sampleTarget } from "../../support/sample-target.ts";

const TODAY = new Date("2026-11-23T03:00:00Z");

function planned(changes: Partial<Target>, rest: Partial<PlannedTarget> = {}): PlannedTarget {
  return samplePlanned(sampleTarget(changes), rest);
}

const missing = { reasons: [{ kind: "missing" }] } as const;

describe("planText", () => {
  it("gives each target that is due, with its reasons", () => {
    const due = planned({}, { reasons: [{ kind: "asked" }, { kind: "missing" }] });
    expect(planText([due, planned({ variant: "dev" })], TODAY)).toBe(
      `TARGET   REASON
node:22  asked for; missing in the registry

1 target to rebuild, 1 up to date.`,
    );
  });

  it("names the packages that moved, whichever reason they are", () => {
    const moved = ["a", "b", "c", "d", "e"].map((name) => ({
      ...{ name, from: "1-r0", to: "1-r1", fixes: [], platforms: [] },
    }));
    const packages = { kind: "packages", moved } as const;
    const reasons = (...kinds: PlannedTarget["reasons"]) => planned({}, { reasons: kinds });
    const named = "a 1-r0 → 1-r1, b 1-r0 → 1-r1, c 1-r0 → 1-r1, d 1-r0 → 1-r1, 1 more";
    expect(planText([reasons(packages)], TODAY).split("\n")[1]).toBe(`node:22  ${named}`);
    expect(planText([reasons({ kind: "asked" }, packages)], TODAY).split("\n")[1]).toBe(
      `node:22  asked for; ${named}`,
    );
  });

  it("calls nothing up to date in a registry that was started for it", () => {
    const options = { newRegistry: "127.0.0.1:5000" };
    const none = { text: "v3.22 has no nodejs", excused: true };
    const plan = [planned({}, missing), planned({ variant: "dev" }, { ...missing, obstacle: none })];
    const told = "The registry at 127.0.0.1:5000 was started just now and is empty.";
    expect(planText(plan, TODAY, { ...options, brief: true })).toBe(
      `TARGET   REASON
node:22  missing in the registry

unavailable: node:22-dev: v3.22 has no nodejs

${told}
1 target to rebuild, 1 unavailable.`,
    );
    expect(planText(plan.slice(1), TODAY, options)).not.toContain("up to date");
  });

  it("tells each note once, with the targets that it is about", () => {
    const note = "v3.22 no longer offers zlib 1.3.1-r2, which is in the image";
    const images = ["a", "b", "c", "d", "e"].map((image) => planned({ image }, { notes: [note] }));
    expect(planText(images, TODAY)).toBe(
      `note: a:22, b:22, c:22 and 2 more: ${note}\n\nNothing to do: 5 targets up to date.`,
    );
  });

  it("names three targets and counts no others where there are three", () => {
    const note = "v3.22 no longer offers zlib 1.3.1-r2, which is in the image";
    const images = ["a", "b", "c"].map((image) => planned({ image }, { notes: [note] }));
    expect(planText(images, TODAY).split("\n")[0]).toBe(`note: a:22, b:22, c:22: ${note}`);
  });

  it("tells in a line each what was left out of several indexes", () => {
    const notes = ["main: a package was left out", "community: a package was left out"];
    const offered = { packages: new Map(), fixes: new Map(), unknown: [], notes };
    expect(planText([planned({}, { offered })], TODAY)).toBe(
      `${notes.join("\n")}\n\nNothing to do: 1 target up to date.`,
    );
  });

  it("in brief names three reasons why targets are unavailable", () => {
    const plan = ["22", "20", "18"].map((version) => {
      const obstacle = { text: `no nodejs ${version}`, excused: true };
      return planned({ version }, { ...missing, obstacle });
    });
    expect(planText(plan, TODAY, { brief: true }).split("\n\n")[0]).toBe(
      ["22", "20", "18"].map((version) => `unavailable: node:${version}: no nodejs ${version}`).join("\n"),
    );
  });

  it("in brief counts each target that is without a platform, and not the reasons", () => {
    const because = ["a", "a", "b", "b", "c", "c", "d", "d"];
    const plan = because.map((name, index) => {
      const skipped = [{ platform: "linux/arm64" as const, because: `no ${name}`, isUnknown: false }];
      return planned({ image: `app${index}` }, { ...missing, skipped });
    });
    expect(planText(plan, TODAY, { brief: true })).toContain(
      `\nand 2 more targets without a platform: see ${typed("plan")}\n`,
    );
  });

  it("tells once what of an index was left out, and compares the rest", () => {
    const notes = ["http://mirror/APKINDEX.tar.gz: a package was left out: not a version"];
    const offered = { packages: new Map(), fixes: new Map(), unknown: [], notes };
    const both = [planned({}, { offered }), planned({ variant: "dev" }, { offered })];
    expect(planText(both, TODAY)).toBe(`${notes[0]}\n\nNothing to do: 2 targets up to date.`);
  });

  it("says so when there is nothing to do", () => {
    expect(planText([planned({}), planned({ variant: "dev" })], TODAY)).toBe(
      "Nothing to do: 2 targets up to date.",
    );
  });

  it("names what is unavailable with the reason", () => {
    const obstacle = { text: "v3.22 has no nodejs", excused: true };
    const plan = [planned({}, { ...missing, obstacle }), planned({ variant: "dev" })];
    expect(planText(plan, TODAY)).toBe(
      `UNAVAILABLE  BECAUSE
node:22      v3.22 has no nodejs

Nothing to do: 1 target up to date, 1 unavailable.`,
    );
  });

  it("in brief gives each reason once, and only counts where there are many", () => {
    const without = (version: string, branch: string) => {
      const obstacle = { text: `the mirror has no ${branch}`, excused: true };
      return planned({ version }, { ...missing, obstacle });
    };
    const plan = [without("22", "v3.22"), without("20", "v3.20"), without("18", "v3.20")];
    const more = [without("16", "v3.18"), without("14", "v3.14")];
    expect(planText([...plan, ...more], TODAY, { brief: true })).toBe(
      "Nothing to do: 0 targets up to date, 5 unavailable.",
    );
    expect(planText(plan, TODAY, { brief: true })).toBe(
      `unavailable: node:22: the mirror has no v3.22
unavailable: node:20, node:18: the mirror has no v3.20

Nothing to do: 0 targets up to date, 3 unavailable.`,
    );
  });

  it.each([true, false])("says of nothing that is not built that a platform is skipped", (excused) => {
    const obstacle = { text: "the mirror has no v3.22", excused };
    const skipped = [{ platform: "linux/arm64" as const, because: "no v3.22 for it", isUnknown: false }];
    expect(planText([planned({}, { ...missing, obstacle, skipped })], TODAY)).not.toContain("skipping");
  });

  it("names a promise that no branch keeps at its place in the catalog, in any case", () => {
    const obstacle = { text: "v3.22 has nodejs 22.16.0-r2, no 23", excused: false };
    const plan = [planned({}, { ...missing, obstacle })];
    expect(planText(plan, TODAY, { brief: true })).toBe(
      `catalog.yaml:12:7: node:22: v3.22 has nodejs 22.16.0-r2, no 23

Nothing to rebuild: 0 targets up to date, 1 to fix in the catalog.`,
    );
  });

  it("says which platforms images do without, each reason once with what to do, or counts the rarer ones", () => {
    const without = (because: string, advice?: string) => ({
      skipped: [{ platform: "linux/arm64" as const, because, isUnknown: false, ...(advice && { advice }) }],
    });
    const plan = [
      ...["1", "2", "3", "4"].map((version) =>
        planned({ version, variant: "dev" }, { ...missing, ...without("no emulator", "install one") }),
      ),
      ...["a", "b", "c"].map((name) => planned({ image: name }, { ...missing, ...without(`no ${name}`) })),
      planned({ image: "d" }, without("no d")),
    ];
    const [, all] = planText(plan, TODAY).split("\n\n");
    expect(all).toBe(
      `node:1-dev, node:2-dev, node:3-dev and 1 more: skipping linux/arm64 (no emulator)
→ install one
a:22: skipping linux/arm64 (no a)
b:22: skipping linux/arm64 (no b)
c:22: skipping linux/arm64 (no c)
d:22: skipping linux/arm64 (no d)`,
    );
    const [, brief] = planText(plan, TODAY, { brief: true }).split("\n\n");
    expect(brief?.split("\n").slice(2)).toEqual([
      "a:22: skipping linux/arm64 (no a)",
      "b:22: skipping linux/arm64 (no b)",
      `and 1 more target without a platform: see ${typed("plan")}`,
    ]);
  });

  it("warns once of a version that is about to end", () => {
    const ending = { endOfLife: "2026-12-01" };
    const plan = [
      planned(ending, { support: "ending" }),
      planned({ ...ending, variant: "dev" }, { support: "ending" }),
    ];
    expect(planText(plan, TODAY)).toBe(
      `node:22 reaches end of life on 2026-12-01 (8 days) and will not be rebuilt after that.

Nothing to do: 2 targets up to date.`,
    );
  });

  it("tells what a policy holds back, each cause once, and only of what is not due anyway", () => {
    const held = [
      { reason: { kind: "asked" }, because: "no security fix" },
      { reason: { kind: "missing" }, because: "no security fix" },
      { reason: { kind: "missing" }, because: "held until noon" },
    ] as const;
    const plan = [planned({}, { held }), planned({ image: "lua" }, { held, reasons: [{ kind: "asked" }] })];
    expect(planText(plan, TODAY)).toBe(
      `TARGET  REASON
lua:22  asked for

HELD     BECAUSE
node:22  no security fix; would be rebuilt for: asked for; missing in the registry
node:22  held until noon; would be rebuilt for: missing in the registry

1 target to rebuild, 0 up to date, 1 held back.`,
    );
    expect(planText(plan.slice(0, 1), TODAY)).toMatch(
      /\nNothing to rebuild: 0 targets up to date, 1 held back\.$/,
    );
  });

  it("tells once what could not be compared, and calls none of that up to date, nor held back", () => {
    const unknown = (...problems: readonly string[]) => ({
      offered: { packages: new Map(), fixes: new Map(), unknown: problems },
    });
    const held = [{ reason: { kind: "missing" }, because: "no security fix" }] as const;
    const plan = [
      planned({}, { ...unknown("HTTP 502", "HTTP 503"), held }),
      planned({ variant: "dev" }, unknown("HTTP 502")),
      planned({ image: "lua" }),
    ];
    expect(planText(plan, TODAY).split("\n\n").slice(1)).toEqual([
      "2 targets not compared: HTTP 502\n1 target not compared: HTTP 503",
      "Nothing to rebuild: 1 target up to date, 2 not compared.",
    ]);
  });

  it("tells what is not started since what it is built from cannot be read, and why where that is not told above", () => {
    const away = (problem?: string) => ({
      obstacle: { text: "HTTP 502", excused: false, isUnknown: true as const, ...(problem && { problem }) },
      ...missing,
    });
    const images = ["a", "b", "c", "d"].map((image) => planned({ image }, away()));
    const pair = planned({ image: "e" }, away("HTTP 503"));
    expect(awayText([...images, pair, planned({})])).toBe(
      "not started: a:22, b:22, c:22 and 1 more: HTTP 502\nnot started: e:22: HTTP 503",
    );
    const offered = { packages: new Map(), fixes: new Map(), unknown: ["HTTP 502"] };
    expect(awayText([planned({}, { ...away(), offered })])).toBe(
      "not started: node:22: what it is built from cannot be read",
    );
    expect(planText([pair], TODAY)).toBe(
      "not started: e:22: HTTP 503\n\nNothing could be started: 0 targets up to date, 1 not started.",
    );
  });

  it("lists mistakes of the catalog line by line, and nothing that is excused or unknown", () => {
    const obstacle = (text: string, rest = {}) => ({ obstacle: { text, excused: false, ...rest } });
    const plan = [
      planned({}, obstacle("no node")),
      planned({ image: "lua", place: "catalog.yaml:1:2" }, obstacle("no lua")),
      planned({ image: "go" }, obstacle("no go", { excused: true })),
      planned({ image: "php" }, obstacle("HTTP 502", { isUnknown: true })),
      planned({ image: "zig" }),
    ];
    expect(mistakesText(plan)).toBe("catalog.yaml:12:7: node:22: no node\ncatalog.yaml:1:2: lua:22: no lua");
    expect(planText([...plan, planned({ image: "zsh" }, missing)], TODAY)).toMatch(
      /\n1 target to rebuild, 1 up to date, 2 to fix in the catalog, 1 unavailable, 1 not started\.$/,
    );
  });

  it("tells of each version that ends, and of none that has ended or does not", () => {
    const ends = (image: string, endOfLife: string) => planned({ image, endOfLife }, { support: "ending" });
    const plan = [
      ends("a", "2026-11-24"),
      ends("b", "2026-12-01"),
      planned({ image: "c", endOfLife: "2026-01-01" }, { support: "archived" }),
      planned({ image: "d" }),
    ];
    expect(endingText(plan, TODAY)).toBe(
      `a:22 reaches end of life on 2026-11-24 (1 day) and will not be rebuilt after that.
b:22 reaches end of life on 2026-12-01 (8 days) and will not be rebuilt after that.`,
    );
  });

  it("says what can be built in a registry that was started for it", () => {
    const none = { ...missing, obstacle: { text: "no node", excused: true } };
    const text = planText([planned({}, none)], TODAY, { newRegistry: "127.0.0.1:5000", brief: true });
    expect(text.split("\n").at(-1)).toBe("Nothing can be built now, 1 unavailable.");
    expect(planText([planned({}, missing)], TODAY, { newRegistry: "h" })).toMatch(/\n1 target to rebuild\.$/);
  });

  it("keeps to the width that there is", () => {
    const note = `${"word ".repeat(20)}end`;
    const obstacle = (excused: boolean) => ({ obstacle: { text: note, excused }, ...missing });
    const plan = [
      planned({}, { notes: [note], offered: { packages: new Map(), fixes: new Map(), unknown: [note] } }),
      planned({ image: "a" }, obstacle(true)),
      planned({ image: "b" }, obstacle(false)),
      planned(
        { image: "c", endOfLife: "2026-12-01" },
        { support: "ending", held: [{ reason: { kind: "missing" }, because: note }] },
      ),
      planned({ image: "d" }, { skipped: [{ platform: "linux/arm64", because: note, isUnknown: false }] }),
    ];
    const lines = planText(plan, TODAY, { width: 50 }).split("\n");
    expect(lines.filter((line) => line.length > 50)).toEqual([]);
  });
});
