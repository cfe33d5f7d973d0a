import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import axe from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openBrowser } from "../support/browser.ts";
import { largeSite, richSite } from "../support/large-site.ts";
import { filesOf } from "../support/sample-site.ts";

/** A telephone's, a tablet's and a desk's. */
const WIDTHS = [390, 820, 1440] as const;
const SCHEMES = ["light", "dark"] as const;
const PAGES = [
  "index.html",
  "images/node.html",
  "images/php.html",
  "images/lua.html",
  "status.html",
  "docs/plan.html",
];

/** Of axe-core, which says what keeps people from reading a page: WCAG 2.1 AA, and what it calls good practice. */
const VIOLATIONS = `axe.run(document, { preload: false }).then(({ violations }) =>
  violations.map(({ id, nodes }) => id + ": " + nodes.slice(0, 3).map(({ html, failureSummary }) => html + " " + failureSummary).join(" | ")))`;

const OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
const UNFOLD = `document.querySelectorAll("details").forEach((one) => { one.open = true; })`;

describe("the site, in a browser, from a disk", () => {
  let browser: Browser;
  let directory: string;
  const told: string[] = [];

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "birdhouse-site-"));
    await write("site", filesOf(await richSite()));
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await rm(directory, { recursive: true, force: true });
  });

  async function write(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
    for (const [path, text] of files) {
      const file = join(directory, folder, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    }
  }

  /** Opens a page; what its console says, and what it asks of others or in vain, is told. */
  async function open(path: string, options: BrowserContextOptions = {}, folder = "site"): Promise<Page> {
    // Past the page's own rule for scripts, axe-core is put into it; that it is kept is seen without.
    const context = await browser.newContext(options);
    const page = await context.newPage();
    page.on("console", (message) => told.push(`${path}: ${message.type()} ${message.text()}`));
    page.on("pageerror", (error) => told.push(`${path}: ${error.message}`));
    page.on("requestfailed", (request) => told.push(`${path}: failed ${request.url()}`));
    page.on("request", (request) => {
      if (!/^(?:file|data):/.test(request.url())) told.push(`${path}: asked ${request.url()}`);
    });
    await page.goto(pathToFileURL(join(directory, folder, path)).href);
    return page;
  }

  it.each(
    PAGES.flatMap((path) =>
      WIDTHS.flatMap((width) => SCHEMES.map((scheme) => [path, width, scheme] as const)),
    ),
  )(
    "%s is as wide as its window of %d px, and can be read by anybody, %s",
    async (path, width, colorScheme) => {
      const page = await open(path, { viewport: { width, height: 900 }, colorScheme, bypassCSP: true });
      expect(await page.evaluate(OVERFLOW)).toBe(0);
      await page.evaluate(UNFOLD);
      expect(await page.evaluate(OVERFLOW)).toBe(0);
      await page.addScriptTag({ content: axe.source });
      expect(await page.evaluate(VIOLATIONS)).toEqual([]);
      await page.context().close();
      expect(told.splice(0)).toEqual([]);
    },
  );

  it("finds an image by a package, and docs by their words, from every folder", async () => {
    for (const path of ["index.html", "docs/plan.html"]) {
      const page = await open(path);
      await page.fill("#search", "libcrypto3");
      await page.waitForSelector("#found a");
      expect(await page.locator("#found a").allTextContents()).toContainEqual("Node.js image");
      await page.fill("#search", "json web");
      await page.waitForSelector('#found a:has-text("docs")');
      await page.fill("#search", "node.js");
      await page.locator("#found a", { hasText: "Node.js image" }).click();
      await page.waitForURL(/images\/node\.html$/);
      expect(await page.title()).toContain("Node.js");
      await page.context().close();
    }
    expect(told.splice(0)).toEqual([]);
  });

  it("filters by support, size, freshness and vulnerabilities, and shows all again", async () => {
    const page = await open("index.html");
    const seen = () => page.locator(".image:visible h2").allTextContents();
    const all = await seen();
    await page.selectOption('[data-filter="support"]', "ending");
    expect(await seen()).toEqual(["PHP"]);
    await page.selectOption('[data-filter="support"]', "");
    await page.selectOption('[data-filter="cves"]', "some");
    expect(await seen()).toEqual(["Lua"]);
    await page.fill('[data-filter="text"]', "no such image");
    expect(await seen()).toEqual([]);
    await page.click("[data-reset]");
    expect(await seen()).toEqual(all);
    await page.context().close();
  });

  it("hands a line to whoever wants to copy it, which names an image by its digest", async () => {
    const page = await open("images/node.html", { permissions: ["clipboard-read", "clipboard-write"] });
    await page.locator(".masthead .copier").first().click();
    const copied = await page.evaluate("navigator.clipboard.readText()");
    expect(copied).toMatch(/^FROM \S+\/node:24@sha256:[0-9a-f]{64}$/);
    await page.context().close();
    expect(told.splice(0)).toEqual([]);
  });

  it("is there without scripts, too", async () => {
    const page = await open("index.html", { javaScriptEnabled: false });
    expect(await page.locator(".image h2").allTextContents()).toContain("Node.js");
    expect(await page.locator(".filters, .search, .copier").evaluateAll((all) => all.length)).toBeGreaterThan(
      0,
    );
    expect(await page.locator(".filters:visible, .search:visible, .copier:visible").count()).toBe(0);
    await page.context().close();
    told.splice(0);
  });

  it("takes less than 200 ms of script for 514 targets", async () => {
    await write("large", filesOf(largeSite(514)));
    expect(existsSync(join(directory, "large/index.html"))).toBe(true);
    const page = await open("index.html", {}, "large");
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable");
    await page.reload();
    const { metrics } = await session.send("Performance.getMetrics");
    const spent = metrics.find(({ name }) => name === "ScriptDuration")?.value ?? Number.NaN;
    expect(spent).toBeLessThan(0.2);
    await page.context().close();
    expect(told.splice(0)).toEqual([]);
  });
});
