import { type Browser, chromium } from "playwright-core";
import { ensureTools } from "../../scripts/system/process/tools.ts";

/** Of Debian's package. */
const CHROMIUM = "/usr/bin/chromium";

/** Root needs the first; the others keep it from asking anything of a network by itself. */
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Starts a Chromium without windows, installed first where it is not there. Whoever opens it closes it. */
export async function openBrowser(): Promise<Browser> {
  await ensureTools(["chromium"], { onProgress: (text) => console.error(text) });
  return await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
}

/** Widths of windows, in pixels: a telephone's, and a desk's. */
export const WIDTHS = [390, 1440] as const;
