import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { run } from "../../scripts/system/process/process.ts";
import { ensureTools } from "../../scripts/system/process/tools.ts";
import { openBrowser } from "../support/browser.ts";
import { richSite } from "../support/large-site.ts";
import { runHtml } from "../support/run-page.ts";
import { EARLIER_WITH_FAILURES, MIXED_RUN } from "../support/sample-runs.ts";
import { filesOf } from "../support/sample-site.ts";

/** npm run screenshots: makes anew the pictures that the docs show, of a sample night and a sample site. */

const IMAGES = fileURLToPath(new URL("../../docs/images/", import.meta.url));

/** Each picture, of which page and how large in pixels: the top of the page is what a person looks at. */
const PICTURES = [
  { name: "run-summary-1440", page: "run.html", width: 1440, height: 1900, colorScheme: "light" },
  { name: "run-summary-390", page: "run.html", width: 390, height: 1700, colorScheme: "light" },
  { name: "site-image-1440", page: "site/images/node.html", width: 1440, height: 1500, colorScheme: "light" },
  { name: "site-front-390", page: "site/index.html", width: 390, height: 1200, colorScheme: "dark" },
  { name: "site-status-1440", page: "site/status.html", width: 1440, height: 1200, colorScheme: "light" },
] as const;

async function main(): Promise<void> {
  await ensureTools(["pngquant"], { onProgress: (text) => console.error(text) });
  const directory = await mkdtemp(join(tmpdir(), "birdhouse-screenshots-"));
  const browser = await openBrowser();
  try {
    const pages = [
      ["run.html", runHtml(MIXED_RUN, EARLIER_WITH_FAILURES)] as const,
      ...[...filesOf(await richSite())].map(([path, text]) => [`site/${path}`, text] as const),
    ];
    for (const [path, text] of pages) {
      await mkdir(dirname(join(directory, path)), { recursive: true });
      await writeFile(join(directory, path), text);
    }
    await mkdir(IMAGES, { recursive: true });
    for (const { name, page: source, width, height, colorScheme } of PICTURES) {
      const page = await browser.newPage({ viewport: { width, height }, colorScheme });
      await page.goto(pathToFileURL(join(directory, source)).href);
      const path = join(IMAGES, `${name}.png`);
      await page.screenshot({ path });
      // Few colours are enough for a page like this, and a third of the bytes.
      await run(["pngquant", "--force", "--ext", ".png", path]);
      process.stdout.write(`${path}\n`);
    }
  } finally {
    await browser.close();
    await rm(directory, { recursive: true, force: true });
  }
}

await main();
