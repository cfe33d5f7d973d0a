import { join } from "node:path";
import { loadCatalog } from "../catalog/load.ts";
import { expand, placeholderValues } from "../catalog/schema/format.ts";
import { selectTargets } from "../catalog/targets/select.ts";
import { readCatalogFile } from "../catalog/text/file.ts";
import { hostPlatform } from "../model/platform.ts";
import type { Target } from "../model/target.ts";
import { renderCatalog } from "../render/files.ts";
import { loadTemplates } from "../render/templates.ts";
import { messageOf, UserError } from "../system/errors.ts";
import { writeWhole } from "../system/files/files.ts";
import { editCatalog } from "../update/edit.ts";
import { type Findings, findChanges } from "../update/find.ts";
import type { Decisions, Edit, Situation } from "../update/situation.ts";
import { type WrittenCatalog, writtenCatalog } from "../update/written.ts";
import { Downloader } from "../upstream/download.ts";
import { checkImages, updateImages } from "./build-inputs.ts";
import { templateFolders } from "./paths.ts";
import type { Session } from "./session.ts";

/**
 * Asks Alpine which branch carries which version, and finds out what to change in the catalog.
 * @param catalog as its file has it
 * @param patterns which images and versions; none means all
 * @throws UserError for a pattern that names nothing
 */
export async function findCatalogChanges(
  session: Pick<Session, "catalog" | "written" | "options" | "profile" | "today" | "signal" | "openUpstream">,
  catalog: WrittenCatalog,
  patterns: readonly string[],
): Promise<Findings> {
  const { today, signal, options, profile } = session;
  const { targets, sources } = session.written;
  const isChosen = chosenBy(patterns, targets);
  const upstream = await session.openUpstream();
  const downloader = new Downloader({ cache: join(options.state, "upstream"), signal });
  return findChanges(
    { ...catalog, entry: { ...catalog.entry, sources: session.catalog.sources } },
    {
      upstream,
      today,
      isChosen,
      ...(sources.releases !== undefined && { releases: sources.releases }),
      fetchDocument: (url) => downloader.get(url),
      // Other platforms do without what is missing there. The sandbox has nearly all its packages for this machine only.
      platforms: profile === "sandbox" ? [hostPlatform()] : catalog.entry.platforms.slice(0, 1),
    },
  );
}

function chosenBy(patterns: readonly string[], targets: readonly Target[]): Situation["isChosen"] {
  const chosen = new Set(selectTargets(targets, patterns).map(({ image, version }) => `${image}:${version}`));
  return ({ image, version }) =>
    version === undefined
      ? patterns.length === 0 || patterns.includes(image)
      : chosen.has(`${image}:${version}`);
}

/**
 * What a person has to decide before changes are merged: which tags go to another version with them, and of each new
 * version what Alpine does not know. Of a catalog that the changes would break nothing is told: writing them says why.
 */
export async function decisionsOf(
  { file, text, entry }: WrittenCatalog,
  edits: readonly Edit[],
): Promise<Decisions> {
  const after = await loadCatalog(file, editCatalog(text, edits)).catch(() => undefined);
  if (!after) return { moved: [], added: [] };
  const before = await loadCatalog(file, text);
  const versionsIn = (targets: readonly Target[]) =>
    new Map(
      targets.flatMap(({ image, version, tags }) => tags.map((tag) => [`${image}:${tag}`, version] as const)),
    );
  const [old, now] = [versionsIn(before.targets), versionsIn(after.targets)];
  const moved = after.targets
    .filter(({ variant }) => variant === "runtime")
    .flatMap(({ image, version, tags }) =>
      tags.flatMap((tag) => {
        const from = old.get(`${image}:${tag}`);
        return from === undefined || from === version ? [] : [{ image, tag, from, to: version }];
      }),
    )
    .filter(({ image, tag, to }) => now.get(`${image}:${tag}`) === to);
  const added = edits.flatMap((edit) => {
    if (edit.kind !== "new-version") return [];
    const { image, version, branch } = edit;
    const { news, package: named = image } = entry.images[image] ?? {};
    const url = news && expand(news, placeholderValues(version, branch, edit.package ?? named));
    return [{ image, version, ...(url !== undefined && { news: url }) }];
  });
  return { moved, added };
}

/**
 * Makes changes in the catalog's file, and renders it.
 * @throws UserError, with nothing written, when the catalog would have mistakes, or was changed meanwhile
 * @throws whatever rendering throws: the file is then as it was
 */
export async function writeCatalogChanges(
  { images, listener, written }: Pick<Session, "images" | "listener" | "written">,
  { file, text: before }: WrittenCatalog,
  edits: readonly Edit[],
): Promise<void> {
  const text = editCatalog(before, edits);
  await writtenCatalog(file, text).catch((error: unknown) => {
    throw new UserError(
      `${file} would have mistakes; nothing was written:\n${messageOf(error)}`,
      "make some of the changes by naming their images, and the others by hand",
    );
  });
  if ((await readCatalogFile(file)) !== before) {
    throw new UserError(`${file} was changed meanwhile; nothing was written`, "try again");
  }
  await checkImages({ images, written });
  await writeWhole(file, text, { follow: true });
  try {
    const catalog = await loadCatalog(file);
    const dockerfiles = renderCatalog(catalog, await loadTemplates(...templateFolders(catalog)));
    await updateImages({ images, listener, written: catalog }, dockerfiles);
  } catch (error) {
    await writeWhole(file, before, { follow: true });
    throw error;
  }
}
