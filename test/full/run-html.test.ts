import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser, WIDTHS } from "../support/browser.ts";
import { largeRun } from "../support/large-run.ts";
import { runHtml } from "../support/run-page.ts";
import { failedTarget, sampleRun, sampleRunTarget } from "../support/sample-run.ts";
import * as samples from "../support/sample-runs.ts";

/** What a program may print: nothing to break a line at, and what a careless page would run. */
const HOSTILE = `<script>document.title = ""</script><img src=x onerror=alert(1)>${"unbroken".repeat(400)}`;
const HOSTILE_REASON = { kind: "packages", text: HOSTILE, cves: [HOSTILE] };

/** Each with words that a person must see without a click. */
const PAGES: Readonly<Record<string, { page: string; words: readonly string[] }>> = {
  good: {
    page: runHtml(samples.TYPICAL_RUN, samples.EARLIER_RUNS),
    words: [
      "All 14 targets done",
      "CVE-2026-31789",
      "libssl3 3.5.4-r0 → 3.5.5-r0",
      "+597 kB",
      "6m 52s",
      "45.9s",
    ],
  },
  bad: {
    page: runHtml(samples.BAD_RUN, samples.EARLIER_WITH_FAILURES),
    words: [
      "9 of 23 targets failed",
      "for 3 runs in a row, since 23 Nov",
      "ImportError: Error relocating",
      "package mentioned in index not found",
      "Held back, because its pair failed",
      "26 targets not compared",
    ],
  },
  idle: { page: runHtml(samples.IDLE_RUN, samples.EARLIER_RUNS), words: ["Nothing to do", "74 up to date"] },
  killed: {
    page: runHtml(samples.KILLED_RUN, samples.EARLIER_WITH_FAILURES.slice(0, 3)),
    words: ["Killed, or still running", "5 of 14", "9 targets, left for the next run."],
  },
  first: {
    page: runHtml(samples.FIRST_RUN, []),
    words: ["missing in the registry", "without an earlier image to compare"],
  },
  misconfigured: {
    page: runHtml(samples.MISCONFIGURED_RUN, samples.EARLIER_RUNS.slice(0, 1)),
    words: ["Something for you to fix", "401 Unauthorized"],
  },
  hostile: {
    page: runHtml(
      sampleRun({
        exitCode: 1,
        command: HOSTILE,
        registry: HOSTILE,
        engine: HOSTILE,
        error: HOSTILE,
        targets: [
          failedTarget("lua:5.4", HOSTILE, { reasons: [HOSTILE_REASON] }),
          sampleRunTarget({ target: "node:22", reasons: [HOSTILE_REASON], tags: [HOSTILE], digest: HOSTILE }),
        ],
        unknown: [{ problem: HOSTILE, targets: 1 }],
        notes: [HOSTILE],
      }),
      [],
    ),
    words: ["1 of 2 targets failed", "<img src=x onerror=alert(1)>"],
  },
  large: { page: runHtml(largeRun(500), samples.EARLIER_RUNS), words: ["of 500 targets failed", "2h 5m"] },
};

/** Run in the page: what of its pictures lies outside them, or over another text of the same picture. */
const MISPLACED = `[...document.querySelectorAll("svg")].flatMap((svg) => {
  const place = (one) => one.getBoundingClientRect();
  const around = place(svg);
  const drawn = [...svg.querySelectorAll("text, rect")].filter((one) => place(one).width > 0);
  const outside = drawn.filter((one) => {
    const { left, right, top, bottom } = place(one);
    return left < around.left - 1 || right > around.right + 1 || top < around.top - 1 || bottom > around.bottom + 1;
  });
  const texts = drawn.filter((one) => one.tagName === "text");
  const over = texts.filter((one, index) => texts.slice(index + 1).some((other) => {
    const [a, b] = [place(one), place(other)];
    return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  }));
  return [...outside, ...over].map((one) => one.outerHTML);
})`;

/** Run in the page: cells of charts whose text is wider than they are. */
const CLIPPED = `[...document.querySelectorAll(".chart th, .chart td, .figures dd")]
  .filter((cell) => cell.clientWidth > 0 && cell.scrollWidth > cell.clientWidth + 1)
  .map((cell) => cell.textContent)`;

const OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
const UNFOLD = `document.querySelectorAll("details").forEach((one) => { one.open = true; })`;

describe("the account of a run, in a browser", () => {
  let browser: Browser;
  let directory: string;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "birdhouse-run-html-"));
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await rm(directory, { recursive: true, force: true });
  });

  /** Opens a page as a file, and notes what it complains of and what it asks for. */
  async function open(name: string, width: number, colorScheme: "light" | "dark") {
    const file = join(directory, `${name}.html`);
    await writeFile(file, PAGES[name]?.page ?? "");
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
    const complaints: string[] = [];
    const requests: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("request", (request) => requests.push(request.url()));
    const url = pathToFileURL(file).href;
    await page.goto(url);
    return { page, complaints, requests, url };
  }

  async function expectNothingOut(page: Page): Promise<void> {
    expect(await page.evaluate(OVERFLOW)).toBeLessThanOrEqual(0);
    expect(await page.evaluate(MISPLACED)).toEqual([]);
    expect(await page.evaluate(CLIPPED)).toEqual([]);
  }

  const views = Object.keys(PAGES).flatMap((name) => WIDTHS.map((width) => [name, width] as const));

  it.each(views)(
    "%s at %d pixels: all words to be seen, nothing over the edge, folded or not",
    async (name, width) => {
      const { page, complaints, requests, url } = await open(name, width, "light");
      for (const words of PAGES[name]?.words ?? []) {
        expect(await page.getByText(words).first().isVisible(), words).toBe(true);
      }
      await expectNothingOut(page);
      await page.evaluate(UNFOLD);
      await expectNothingOut(page);
      expect(complaints).toEqual([]);
      expect(requests.filter((request) => !request.startsWith("data:"))).toEqual([url]);
      await page.close();
    },
  );

  it("is dark where the reader wants it dark, and text stands out from its ground in both", async () => {
    const grounds: unknown[] = [];
    for (const scheme of ["light", "dark"] as const) {
      const { page } = await open("bad", 1440, scheme);
      await page.evaluate(UNFOLD);
      grounds.push(await page.evaluate("getComputedStyle(document.body).backgroundColor"));
      expect(await page.evaluate(FAINT), scheme).toEqual([]);
      await page.close();
    }
    expect(new Set(grounds).size).toBe(2);
  });
});

/** Run in the page: texts whose contrast is below 4.5, by WCAG 2.2, "contrast ratio" and "relative luminance". */
const FAINT = `(() => {
  const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const luminance = (colour) => {
    const [r, g, b] = parse(colour).slice(0, 3).map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const groundOf = (one) => {
    const ground = getComputedStyle(one).backgroundColor;
    return (parse(ground)[3] ?? 1) > 0 || !one.parentElement ? ground : groundOf(one.parentElement);
  };
  const own = (one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  return [...document.body.querySelectorAll("*")].filter((one) => own(one) && !one.closest("title, desc")).flatMap((one) => {
    const style = getComputedStyle(one);
    const [light, dark] = [luminance(one.closest("svg") ? style.fill : style.color), luminance(groundOf(one))].sort((a, b) => b - a);
    const contrast = (light + 0.05) / (dark + 0.05);
    return contrast < 4.5 ? [one.tagName + " " + one.textContent.slice(0, 40) + " " + contrast.toFixed(2)] : [];
  });
})()`;
