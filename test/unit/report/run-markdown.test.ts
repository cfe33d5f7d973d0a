import { describe, expect, it } from "vitest";
import { block, code, details, plain, table } from "../../../scripts/report/markdown.ts";
import { runMarkdown } from "../../../scripts/report/run-markdown.ts";
import { at, failed, night, PLAN, SUMMARY } from "./runs/sample-journal.ts";

/** The headings of a text, in order. */
function headingsOf(markdown: string): string[] {
  return markdown.split("\n").filter((line) => line.startsWith("#"));
}

describe("runMarkdown", () => {
  const text = runMarkdown(SUMMARY);

  it("begins with what became of it, and what somebody has to look at; then what failed", () => {
    expect(text.split("\n").slice(0, 3)).toEqual([
      "# 2026-11-25 03:00 UTC: 2 of 4 targets done, 1 failed, 1 held back; 1 CVE fixed; 2 unavailable",
      "",
      "**lua:5.4 has failed in 3 runs in a row, since 2026-11-23 03:00 UTC.**",
    ]);
    expect(headingsOf(text).slice(1)).toEqual([
      "## ‼ Failed: lua:5.4 at build, 3 runs in a row, since 2026-11-23 03:00 UTC",
      "## Held back, because the pair failed",
      "## Done, and why",
      "## Vulnerabilities fixed",
      "## Time",
      "## Notes",
      "## The run",
    ]);
    expect(text).toContain("```text\nno such package: lau5.4\n```");
    expect(text).toContain("Repeat it with:\n\n```text\nnpm run -s birdhouse -- build lua:5.4\n```");
  });

  it("has why, sizes against before, and the time of each stage", () => {
    expect(text).toContain(
      "| `node:22` | libssl3 3.3.2-r0 → 3.3.2-r1 (CVE-2024-9143) | 28 MB | -1 MB | 1 MB |\n" +
        "| `node:22-dev` | its pair | 28 MB | new | 1 MB |",
    );
    expect(text).toContain("- CVE-2024-9143: `node:22`");
    expect(text).toContain("| all 2 targets, added up | 25.0s | 3.5s | 0.5s |\n| `node:22` | 20.0s |");
    expect(text).toContain("Took 1m, exit code 1, to `registry.example/base`, with buildah 1.28.2");
  });

  it("of a night with nothing to do is short", () => {
    if (PLAN.type !== "plan") throw new Error("no plan");
    const idle = night({ ...PLAN, targets: [], remarks: [] }, { type: "end", at: at(2), exitCode: 0 });
    expect(headingsOf(runMarkdown(idle))).toEqual([
      "# 2026-11-25 03:00 UTC: Nothing to do: 70 targets up to date, 2 unavailable",
      "## The run",
    ]);
  });

  it("names the engine where one is known, and how it ended where it has", () => {
    const lineOf = (changes: object) =>
      runMarkdown({ ...SUMMARY, ...changes })
        .split("\n")
        .find((line) => line.includes("to `registry.example/base`"));
    expect(lineOf({ engine: undefined })).toBe(
      "Took 1m, exit code 1, to `registry.example/base`, Birdhouse 0.1.0:",
    );
    expect(lineOf({ ended: undefined, engine: undefined })).toBe(
      "to `registry.example/base`, Birdhouse 0.1.0:",
    );
  });

  it("has an error of several lines below, as the title has one of a single line whole", () => {
    const ended = (error: string) => headingsOf(runMarkdown({ ...SUMMARY, error }));
    expect(ended("it broke\nhere")).toContain("## Ended early");
    expect(ended("it broke")).not.toContain("## Ended early");
  });

  it("tells apart what fails alike, and since when", () => {
    const [lua] = SUMMARY.targets.filter(({ failure }) => failure !== undefined);
    if (!lua) throw new Error("the sample has no failure");
    const alike = { ...lua, target: "lua:5.3" };
    const headings = (other: object) =>
      headingsOf(runMarkdown({ ...SUMMARY, targets: [lua, { ...alike, ...other }] })).filter((one) =>
        one.includes("Failed"),
      );
    expect(headings({})).toHaveLength(1);
    expect(headings({ failedRuns: 1, failingSince: undefined })).toHaveLength(2);
  });

  it("says what could not be found out", () => {
    if (PLAN.type !== "plan") throw new Error("no plan");
    const unknown = [{ problem: "the mirror | is away", targets: 12 }];
    const text = runMarkdown(
      night({ ...PLAN, targets: [], unknown }, { type: "end", at: at(2), exitCode: 1 }),
    );
    expect(text).toContain("# 2026-11-25 03:00 UTC: 12 targets not compared; 70 targets up to date");
    expect(text).toContain("## Not compared\n\n- 12 targets not compared: the mirror \\| is away");
  });

  it("tells of a run that could not go on, and of one that was killed", () => {
    const ended = night({
      type: "end",
      at: at(2),
      exitCode: 3,
      error: "somebody else is publishing\n→ wait",
    });
    expect(runMarkdown(ended)).toContain("UTC: It ended early: somebody else is publishing\n");
    expect(runMarkdown(ended)).toContain(
      "## Ended early\n\n```text\nsomebody else is publishing\n→ wait\n```",
    );
    const killed = runMarkdown(night(PLAN, ...failed("lua:5.4")));
    expect(killed).toContain(
      "UTC: It has not ended: it was killed, or is still running. By then: 0 of 4 targets done, 1 failed, 3 not started",
    );
  });

  it("shows the end of what failed at length, whatever is in it", () => {
    const message = [...Array(50).keys()].map((line) => `line ${line}`).join("\n");
    const records = failed("lua:5.4").map((one) =>
      one.type === "failed" ? { ...one, message: `${message}\n\`\`\`` } : one,
    );
    const text = runMarkdown(night(PLAN, ...records));
    expect(text).toContain("````text\n…\nline 31\n");
    expect(text).toContain("line 49\n```\n````");
  });
});

describe("Markdown", () => {
  it("takes no text for more than it is", () => {
    expect(plain("<b> *a* _b_ c_d [e](f) | `g`\n ~h~")).toBe(
      "\\<b\\> \\*a\\* \\_b\\_ c_d \\[e\\](f) \\| \\`g\\` \\~h\\~",
    );
    expect([code("a"), code("a`b"), code("`a`"), code("a|b")]).toEqual([
      ...["`a`", "``a`b``", "`` `a` ``", "`a\\|b`"],
    ]);
    expect(block("a")).toBe("```text\na\n```");
  });

  it("has tables", () => {
    expect(
      table([
        ["a", "b"],
        ["1", "2"],
      ]),
    ).toBe("| a | b |\n| - | - |\n| 1 | 2 |");
  });
});

/** What a stranger writes into an annotation, a package's name or what a program prints. */
const SPITE =
  "\x1b[2J\x1b]0;t\x07\u202e::error::a\n::error file=a::owned\n##vso[task.x]\n<img src=x onerror=y> ![i](https://evil.example/i.png) [l](https://evil.example) https://evil.example/a|b @somebody #12 | `x`";

describe("what a stranger writes", () => {
  const spiteful = night(
    { type: "note", at: at(1), text: SPITE },
    { type: "engine", at: at(1), title: SPITE },
    PLAN.type === "plan"
      ? {
          ...PLAN,
          targets: PLAN.targets.map((one) => ({
            ...one,
            reasons: [{ kind: "packages", text: SPITE, cves: [SPITE] }],
          })),
          unknown: [{ problem: SPITE, targets: 1 }],
          remarks: [SPITE],
        }
      : PLAN,
    { type: "started", at: at(2), target: "lua:5.4", stage: "build" },
    { ...{ type: "failed", at: at(3), target: "lua:5.4", stage: "build", message: SPITE }, repeat: SPITE },
    { type: "end", at: at(4), exitCode: 1, error: SPITE },
  );

  it("is in the Markdown as text alone: nothing that is obeyed, drawn or followed", () => {
    const text = runMarkdown(spiteful);
    expect(text).toContain("owned");
    expect(text).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
    expect(text).not.toMatch(/^\s*::/m);
    expect(text).not.toMatch(/##\w*\[/);
    const outside = withoutCode(text);
    expect(outside).not.toMatch(/<(?!\/?(?:details|summary)>)(?<!\\<)/);
    expect(outside).not.toMatch(/(?<!\\)!\[|(?<!\\)\]\(|https?:|@\w|(?<!\w|\\|&)#\d/);
  });

  it("is in a table's cell without a bar that would end it", () => {
    expect(plain("a|b https://x.example/a|b")).toBe("a\\|b `https://x.example/a`\\|b");
    expect(plain("# a")).toBe("\\# a");
    expect(plain("1. a")).toBe("1\\. a");
    expect(plain("- a & b &lt; c")).toBe("\\- a & b &amp;lt; c");
    expect(plain("x-1.2_3 → 4")).toBe("x-1.2_3 → 4");
  });
});

/** Markdown without blocks and spans of code, in which text stands for itself. */
function withoutCode(markdown: string): string {
  return markdown
    .replace(/^(`{3,})text\n[\s\S]*?\n\1$/gm, "")
    .replace(/(?<!`)(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, "");
}

describe("details", () => {
  it("is a summary in which nothing is HTML", () => {
    expect(details("<b>a & b</b>", "*c*")).toBe(
      "<details><summary>&#60;b&#62;a &#38; b&#60;/b&#62;</summary>\n\n*c*\n\n</details>",
    );
  });
});
