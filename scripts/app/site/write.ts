import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { loadSitePages } from "../../report/site/pages.ts";
import { TEMPLATES } from "../paths.ts";
import type { Session } from "../session.ts";
import { refuseForeignFolder, replaceSite } from "./folder.ts";
import { gatherSite } from "./gather.ts";
import { picturesOf } from "./pictures.ts";

/** What was written, in numbers. */
export interface WrittenSite {
  readonly files: number;
  readonly images: number;
  readonly targets: number;
  /** What could not be asked. */
  readonly unknown: readonly string[];
}

/**
 * Writes the site of some targets to a folder, in the place of the one before.
 * @throws UserError where the folder has what is not ours; RegistryError
 */
export async function writeSite(
  session: Session,
  patterns: readonly string[],
  output: string,
): Promise<WrittenSite> {
  // Before minutes are spent on asking.
  await refuseForeignFolder(output);
  const pages = await loadSitePages(join(TEMPLATES, "site"));
  let told = { images: 0, targets: 0, unknown: [] as readonly string[] };
  const files = await replaceSite(output, async ({ save }) => {
    const site = await gatherSite(session, patterns, save);
    for (const [path, text] of pages(site)) {
      session.signal.throwIfAborted();
      await save(path, text);
    }
    for (const { from, path } of picturesOf(session.options.catalog, site.docs)) {
      const bytes = await readFile(from).catch(() => undefined);
      if (bytes) await save(path, bytes);
    }
    const images = new Set(site.targets.map(({ status }) => status.planned.target.image));
    told = { images: images.size, targets: site.targets.length, unknown: site.unknown };
  });
  return { files, ...told };
}
