import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";

/** What is loaded of a page by itself: nothing of it may come from another host. */
const LOADED = /<(?:script|img|link|iframe|source)\b[^>]*?\b(?:src|href)="([^"]*)"/g;
const LINKS = /\b(?:href|src)="([^"]*)"/g;
const ENTITIES: Readonly<Record<string, string>> = { "&amp;": "&", "&#x3D;": "=", "&#39;": "'" };

/** The links of a site's pages that lead to no file or no place in one, and what is loaded from another host. */
export async function brokenLinks(site: string): Promise<string[]> {
  const entries = await readdir(site, { recursive: true });
  // Accounts of runs are copied, and have tests of their own.
  const pages = entries.filter((name) => name.endsWith(".html") && !name.startsWith("runs/"));
  const texts = new Map<string, string>();
  for (const page of pages) texts.set(page, await readFile(join(site, page), "utf8"));
  const broken: string[] = [];
  for (const [page, text] of texts) {
    for (const [, address = ""] of text.matchAll(LOADED)) {
      if (/^(?:https?:)?\/\//.test(address)) broken.push(`${page} loads ${address}`);
    }
    for (const [, written = ""] of text.matchAll(LINKS)) {
      const address = written.replace(/&(?:amp|#x3D|#39);/g, (entity) => ENTITIES[entity] ?? entity);
      if (/^(?:https?|data):/.test(address)) continue;
      const [path = "", id] = address.split("#");
      const file = path === "" ? page : relative(site, join(site, dirname(page), decodeURIComponent(path)));
      if (!existsSync(join(site, file))) broken.push(`${page} links ${address}`);
      else if (id !== undefined && texts.has(file) && !texts.get(file)?.includes(` id="${id}"`)) {
        broken.push(`${page} links ${address}, and there is no ${id}`);
      }
    }
  }
  return broken;
}
