import { describe, expect, it } from "vitest";
import type { RunSummary } from "../../../scripts/model/run.ts";
import { causesOf, cvesOf, linesOf, packagesOf } from "../../../scripts/report/html/causes.ts";
import { headlineOf } from "../../../scripts/report/run-verdict.ts";
import { runHtml } from "../../support/run-page.ts";
import {
  failedTarget,
  OPENSSL,
  PYTHON,
  sampleRun,
  sampleRunTarget,
  unstartedTarget,
  weigh,
  withoutEnd,
} from "../../support/sample-run.ts";
import { textOf } from "./html-page.ts";

const done = sampleRunTarget({ target: "node:22" });
const failed = failedTarget("lua:5.4", "no lua");

describe("headlineOf", () => {
  it.each<[string, Partial<RunSummary>]>([
    ["good: Nothing to do", {}],
    ["good: 1 target, done", { targets: [done] }],
    ["good: All 2 targets done", { targets: [done, done] }],
    ["warn: 1 of 2 targets done", { targets: [done, unstartedTarget("lua:5.4")] }],
    ["bad: 1 of 2 targets failed", { exitCode: 1, targets: [done, failed] }],
    [
      "warn: Done, but not everything could be compared",
      { exitCode: 1, unknown: [{ problem: "502", targets: 1 }] },
    ],
    ["bad: Ended early", { exitCode: 1, error: "the disk is full", targets: [done] }],
    ["bad: Something for you to fix", { exitCode: 2 }],
    ["warn: Did not run: another run was in progress", { exitCode: 3 }],
    ["bad: Ended with exit code 130", { exitCode: 130 }],
  ])("says %s", (expected, changes) => {
    const { tone, title } = headlineOf(sampleRun(changes));
    expect(`${tone}: ${title}`).toBe(expected);
  });

  it("does not call well what has no end", () => {
    expect(headlineOf(withoutEnd(sampleRun({ targets: [done] })))).toEqual({
      tone: "bad",
      title: "Killed, or still running",
    });
  });
});

describe("causesOf", () => {
  const because = (target: string, ...reasons: (typeof OPENSSL)[]) => sampleRunTarget({ target, reasons });
  const asked = { kind: "asked", text: "asked for", cves: [] };
  const pairOf = (target: string) => ({
    kind: "pair",
    text: `its pair ${target} is being rebuilt`,
    cves: [],
  });

  it("puts together what was due for the same, and both variants of a version", () => {
    const causes = causesOf([
      because("lua:5.4", asked),
      because("node:22", OPENSSL),
      because("node:22-dev", pairOf("node:22")),
      because("php:8.4", OPENSSL),
      because("php:8.4-dev", OPENSSL),
    ]);
    expect(causes).toEqual([
      { lines: linesOf([OPENSSL]), targets: ["node:22", "node:22-dev", "php:8.4", "php:8.4-dev"] },
      { lines: [{ text: "asked for", fixes: false }], targets: ["lua:5.4"] },
    ]);
  });

  it("says that its pair is the reason where nothing else is known", () => {
    const text = "its pair lua:5.4-dev is being rebuilt";
    expect(causesOf([because("lua:5.4", pairOf("lua:5.4-dev"))])).toEqual([
      { lines: [{ text, fixes: false }], targets: ["lua:5.4"] },
    ]);
  });

  it("names a package once, though more of them moved in one variant, and what closes something first", () => {
    const packages = (text: string) => ({ kind: "packages", text, cves: ["CVE-2026-1111"] });
    const causes = causesOf([
      because("lua:5.4", packages("b 1 → 2, a 1 → 2 (CVE-2026-1111)")),
      because(
        "lua:5.4-dev",
        packages("a 1 → 2 (CVE-2026-1111), b 1 → 2, c 1 → 2, 12 more"),
        packages("9 more"),
      ),
    ]);
    expect(causes.map(({ lines }) => lines.map(({ text }) => text))).toEqual([
      ["a 1 → 2 (CVE-2026-1111)", "b 1 → 2", "c 1 → 2", "12 more"],
    ]);
  });
});

describe("cvesOf", () => {
  it("counts each once, names what fixes it, and puts first what concerns most", () => {
    const targets = [
      sampleRunTarget({ target: "node:22" }),
      sampleRunTarget({ target: "php:8.4", reasons: [OPENSSL, PYTHON] }),
    ];
    const of = (id: string) => ({ id, open: [] });
    expect(cvesOf(targets)).toEqual([
      { ...of("CVE-2026-31790"), by: "libcrypto3 3.5.4-r0 → 3.5.5-r0", closed: ["node:22", "php:8.4"] },
      { ...of("CVE-2026-31789"), by: "libcrypto3 3.5.4-r0 → 3.5.5-r0", closed: ["node:22", "php:8.4"] },
      { ...of("CVE-2026-4519"), by: "python3 3.12.12-r0 → 3.12.13-r0", closed: ["php:8.4"] },
    ]);
  });

  it("knows a vulnerability that the plan only counted", () => {
    const reason = {
      kind: "packages",
      text: "a 1-r0 → 1-r1 (CVE-2026-11110), 9 more",
      cves: ["CVE-2026-1111"],
    };
    expect(packagesOf(reason)).toEqual(["a 1-r0 → 1-r1 (CVE-2026-11110)", "9 more"]);
    expect(cvesOf([sampleRunTarget({ target: "node:22", reasons: [reason] })])).toMatchObject([{ by: "" }]);
  });

  it("are closed by what was published alone", () => {
    const built = sampleRunTarget({ target: "php:8.4", tags: [] });
    const targets = [done, built, failedTarget("python:3.12", "no", { reasons: [PYTHON] })];
    const text = textOf(runHtml(sampleRun({ exitCode: 1, targets }), []));
    expect(text).toContain("2 closed in what was published, 3 still open in what was not.");
    expect(text).toContain("CVEs closed 2");
    expect(text).toContain("libcrypto3 3.5.4-r0 → 3.5.5-r0 1 target 1 target");
  });
});

describe("sizes", () => {
  const text = (...platforms: ReturnType<typeof weigh>[]) =>
    textOf(
      runHtml(
        sampleRun({
          targets: platforms.map((platform, index) =>
            sampleRunTarget({ target: `t:${index}`, platforms: [platform] }),
          ),
        }),
        [],
      ),
    );

  it("show the biggest change first, and what stayed as it was as a number", () => {
    const page = text(weigh(10.1, 10), weigh(20, 25), weigh(3, 3));
    expect(page).toContain("33.1 MB together, −4.9 MB (−13%).");
    expect(page).toMatch(/t:1 .*25 MB → 20 MB −5 MB −20% t:0 .*10 MB → 10.1 MB \+100 kB \+1.0%/);
    expect(page).toContain("1 image exactly as large as before.");
  });

  it("of what is new stand apart", () => {
    expect(text(weigh(10.1, 10), weigh(40))).toMatch(/For the first time .*t:1 .*40 MB/);
    expect(text(weigh(40))).toContain("40 MB without an earlier image to compare with.");
  });
});
