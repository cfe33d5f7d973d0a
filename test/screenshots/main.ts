import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { run } from "../../scripts/system/process/process.ts";
import { ensureTools } from "../../scripts/system/process/tools.ts";
import { openBrowser } from "../support/browser.ts";
import { runHtml } from "../support/run-page.ts";
import { EARLIER_WITH_FAILURES, MIXED_RUN } from "../support/sample-runs.ts";

/** npm run screenshots: makes anew the pictures that the docs show, of a sample night. */

const IMAGES = fileURLToPath(new URL("../../docs/images/", import.meta.url));

/** In pixels. The top of the page is what a person looks at. */
const VIEWS = [
  { width: 1440, height: 1900 },
  { width: 390, height: 1700 },
] as const;

async function main(): Promise<void> {
  await ensureTools(["pngquant"], { onProgress: (text) => console.error(text) });
  const directory = await mkdtemp(join(tmpdir(), "birdhouse-screenshots-"));
  const browser = await openBrowser();
  try {
    const file = join(directory, "run.html");
    await writeFile(file, runHtml(MIXED_RUN, EARLIER_WITH_FAILURES));
    await mkdir(IMAGES, { recursive: true });
    for (const viewport of VIEWS) {
      const page = await browser.newPage({ viewport, colorScheme: "light" });
      await page.goto(pathToFileURL(file).href);
      const path = join(IMAGES, `run-summary-${viewport.width}.png`);
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
