import { describe, expect, it } from "vitest";
import type { ImageSizes, Published } from "../../../scripts/model/published.ts";
import type { Target } from "../../../scripts/model/target.ts";
import type { PlannedTarget } from "../../../scripts/plan/plan.ts";
import type { Offered } from "../../../scripts/plan/reasons.ts";
import { explanation } from "../../../scripts/report/explanation.ts";
import { samplePlanned, sampleTarget } from "../../support/sample-target.ts";
import { digest, samplePackage } from "./sample-outcomes.ts";

const SIZES: ImageSizes = new Map([
  [
    "linux/amd64",
    {
      ...{ compressed: 1, unpacked: 2 },
      packages: new Map(["musl", "zlib"].map((name) => [name, { version: "1-r0", unpacked: 1 }])),
    },
  ],
]);
const PUBLISHED: Published = { digest: digest("a"), inputs: { branch: "3.22", env: "" }, sizes: SIZES };
const OFFERED: Offered = {
  packages: new Map([["linux/amd64", new Map([["musl", [samplePackage]]])]]),
  fixes: new Map(),
  unknown: [],
};
const ZLIB = { name: "zlib", from: "1-r0", to: "1-r1", fixes: ["CVE-2026-1111"], platforms: [] };
const MUSL = { name: "musl", from: "1-r0", to: "1-r2", fixes: [], platforms: [] };

/** The lines of what is told of a target. */
function linesOf(changes: Partial<Target>, planned: Partial<PlannedTarget> = {}): string[] {
  return explanation(samplePlanned(sampleTarget(changes), planned)).split("\n");
}

/** What a target is said to have under a name; undefined where it has no line with that. */
function factOf(name: string, changes: Partial<Target>, planned: Partial<PlannedTarget> = {}) {
  return linesOf(changes, planned)
    .find((line) => line.startsWith(`  ${name} `))
    ?.slice(name.length + 2)
    .trim();
}

describe("explanation", () => {
  it("has the whole story of a target that is due, and each package that moved in a line of its own", () => {
    const published = { ...PUBLISHED, at: new Date("2026-11-20T03:10:00Z") };
    const reasons = [{ kind: "asked" }, { kind: "packages", moved: [ZLIB, MUSL] }] as const;
    const inputs = { branch: "3.22", env: "" };
    expect(linesOf({}, { published, inputs, offered: OFFERED, reasons })).toEqual([
      "node:22: to be rebuilt",
      `  published    ${digest("a")}, since 2026-11-20`,
      "  inputs       as published: branch, env",
      "  base         none (FROM scratch)",
      "  linux/amd64  2 packages, 1 of them in the indexes of v3.22",
      "  policy       rebuilt for any change",
      "  support      supported",
      "  because: asked for",
      "  because: zlib 1-r0 → 1-r1 (CVE-2026-1111)",
      "  because: musl 1-r0 → 1-r2",
    ]);
  });

  it("says what is not published yet", () => {
    expect(linesOf({ variant: "dev" })).toEqual([
      "node:22-dev: nothing to do",
      "  published  not yet",
      "  inputs     nothing to compare with",
      "  base       nothing to compare with",
      "  policy     rebuilt for any change",
      "  support    supported",
    ]);
  });

  const away = { text: "the index cannot be read", excused: false, isUnknown: true };
  const mistake = { text: "v3.22 has no node", excused: false };
  it.each<[string, Partial<PlannedTarget>]>([
    ["not started: what it is built from cannot be read", { obstacle: away, reasons: [{ kind: "asked" }] }],
    ["unavailable", { obstacle: { ...mistake, excused: true } }],
    ["cannot be built", { obstacle: mistake, reasons: [{ kind: "asked" }] }],
    ["to be rebuilt", { reasons: [{ kind: "asked" }], support: "archived" }],
    [
      "archived and not published: built where its version is named, or where the catalog says archived: true",
      { reasons: [{ kind: "missing" }], support: "archived", leftOut: "archived" },
    ],
    ["archived: not rebuilt any more", { support: "archived", offered: { ...OFFERED, unknown: ["502"] } }],
    ["nothing to do, but not everything could be compared", { offered: { ...OFFERED, unknown: ["502"] } }],
    ["nothing to do", { offered: OFFERED }],
  ])("begins with the verdict: %s", (verdict, planned) => {
    expect(linesOf({}, planned)[0]).toBe(`node:22: ${verdict}`);
  });

  it("compares the inputs of what is published, where these are known", () => {
    const changed = [{ kind: "inputs", changes: [] }] as unknown as PlannedTarget["reasons"];
    expect(factOf("published", {}, { published: PUBLISHED })).toBe(digest("a"));
    expect(factOf("inputs", {}, { published: PUBLISHED, reasons: changed })).toBe("changed");
    expect(factOf("inputs", {}, { published: { ...PUBLISHED, inputs: undefined } })).toBe(
      "nothing to compare with",
    );
  });

  it("compares the base of a dev image", () => {
    const dev = { variant: "dev" } as const;
    const published = { ...PUBLISHED, base: digest("1") };
    const base = (offered: Offered | undefined) =>
      factOf("base", dev, { published, ...(offered && { offered }) });
    expect(factOf("base", dev, { published: PUBLISHED })).toBe("unknown for what is published");
    expect(base(undefined)).toBe(`${digest("1")}, not compared`);
    expect(base(OFFERED)).toBe(`${digest("1")}, not compared`);
    expect(base({ ...OFFERED, base: digest("1") })).toBe(`${digest("1")}, as it is now`);
    expect(base({ ...OFFERED, base: digest("2") })).toBe(`${digest("1")}, now ${digest("2")}`);
  });

  it("says of each platform's packages whether they were compared", () => {
    const fact = (planned: Partial<PlannedTarget>) =>
      factOf("linux/amd64", {}, { published: PUBLISHED, ...planned });
    expect(fact({})).toBe("2 packages, not compared");
    expect(fact({ support: "archived", offered: OFFERED })).toBe("2 packages, not compared: archived");
    expect(factOf("linux/arm64", {}, { published: PUBLISHED, offered: OFFERED })).toBeUndefined();
    const skipped = [{ platform: "linux/arm64", because: "no emulator", isUnknown: false }] as const;
    expect(factOf("linux/arm64", {}, { skipped })).toBe("unavailable: no emulator");
    // Its cause is said below, once.
    const unasked = [{ platform: "linux/arm64", because: "no answer", isUnknown: true }] as const;
    expect(factOf("linux/arm64", {}, { skipped: unasked })).toBe("could not be asked");
  });

  it("tells a cause once, though it is what could not be asked and what stands in the way", () => {
    const text = "v3.22: no answer";
    const offered = { ...OFFERED, unknown: [text] };
    const lines = (obstacle: PlannedTarget["obstacle"]) =>
      linesOf({}, { offered, ...(obstacle && { obstacle }) }).filter((line) => line.includes("no answer"));
    expect(lines({ text, excused: false, isUnknown: true })).toEqual([`  unknown    ${text}`]);
    expect(lines({ text: "another: no answer", excused: false })).toHaveLength(2);
  });

  it("says what its policy lets count", () => {
    const policy = (rest: Partial<Target["policy"]>) =>
      factOf("policy", { policy: { for: "anything", keep: 10, ...rest } });
    expect(policy({ for: "security" })).toBe("rebuilt for security fixes");
    expect(policy({ notWithin: 14 })).toBe("rebuilt for any change, at most every 14 days");
    expect(policy({ notWithin: 1, maxAge: 7 })).toBe(
      "rebuilt for any change, at most every 1 day, at least every 7 days",
    );
  });

  it("says until when it is supported", () => {
    const support = (one: PlannedTarget["support"]) =>
      factOf("support", { endOfLife: "2027-04-30" }, { support: one });
    expect(support("supported")).toBe("supported until 2027-04-30");
    expect(support("ending")).toBe("ends on 2027-04-30");
    expect(support("archived")).toBe("ended on 2027-04-30");
    expect(factOf("support", {}, { support: "archived" })).toBe("archived");
  });

  it("says what could not be compared, what is in the way, and what a maintainer should know", () => {
    const lines = linesOf(
      {},
      {
        offered: { ...OFFERED, unknown: ["HTTP 502", "HTTP 503"] },
        obstacle: { text: "v3.22 has no node", excused: false },
        notes: ["zlib is gone"],
      },
    );
    expect(lines.slice(-4)).toEqual([
      "  unknown    HTTP 502",
      "  unknown    HTTP 503",
      "  obstacle   v3.22 has no node",
      "  note       zlib is gone",
    ]);
  });

  it("names what is held, and why, as fully as a reason", () => {
    const held = [
      { reason: { kind: "packages", moved: [ZLIB, MUSL] }, because: "no security fix" },
      { reason: { kind: "missing" }, because: "held until noon" },
    ] as const;
    expect(linesOf({}, { held }).slice(-3)).toEqual([
      "  held (no security fix): zlib 1-r0 → 1-r1 (CVE-2026-1111)",
      "  held (no security fix): musl 1-r0 → 1-r2",
      "  held (held until noon): missing in the registry",
    ]);
  });

  it("wraps what is longer than a line, and keeps a stranger's text in one", () => {
    const notes = [`${"word ".repeat(10)}end`, "a\nb"];
    const planned = samplePlanned(sampleTarget(), { notes, reasons: [{ kind: "packages", moved: [ZLIB] }] });
    const lines = explanation(planned, 36).split("\n");
    expect(lines.slice(-4)).toEqual([
      "             word word end",
      "  note       a b",
      "  because: zlib 1-r0 → 1-r1",
      "    (CVE-2026-1111)",
    ]);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(36);
  });
});
