import { join } from "node:path";
import type { SessionOptions } from "../app/options.ts";
import { TEMPLATES } from "../app/paths.ts";
import { printResult } from "../app/print-result.ts";
import { type Session, withSession } from "../app/session.ts";
import { checkImages, updateImages } from "../app/update-images.ts";
import { loadCatalog } from "../catalog/load.ts";
import { selectTargets } from "../catalog/targets/select.ts";
import { readCatalogFile } from "../catalog/text/file.ts";
import { hostPlatform } from "../model/platform.ts";
import type { Target } from "../model/target.ts";
import { renderCatalog } from "../render/files.ts";
import { loadTemplates } from "../render/templates.ts";
import { carriedText, changesMarkdown, changesText, sumText } from "../report/changes-text.ts";
import { messageOf, UserError } from "../system/errors.ts";
import { writeWhole } from "../system/files/files.ts";
import { formatProse } from "../system/shown/format.ts";
import { type Edit, isEdit } from "../update/change.ts";
import { editCatalog } from "../update/edit.ts";
import { type Findings, findChanges } from "../update/find.ts";
import type { Situation } from "../update/situation.ts";
import { readWritten, type WrittenCatalog, writtenCatalog } from "../update/written.ts";
import { Downloader } from "../upstream/download.ts";

export interface UpdateOptions extends SessionOptions {
  /** Make the changes, and render. */
  readonly write: boolean;
  /** The table of changes as Markdown. */
  readonly markdown: boolean;
}

/**
 * Asks Alpine which branch carries which version, and shows what to change in the catalog, or changes it.
 * @param patterns which images and versions; none means all
 */
export function update(patterns: string[], options: UpdateOptions): Promise<void> {
  return withSession(options, async (session) => {
    const written = await readWritten(options.catalog);
    const findings = await find(session, written, patterns, options);
    const edits = findings.changes.filter((one) => isEdit(one));
    const isWritten = options.write && edits.length > 0;
    if (isWritten) await write(session, written, edits);
    // What could not be asked is no answer: whoever relies on one must see it.
    if (findings.problems.length > 0) process.exitCode = 1;
    printResult(
      options,
      (width) =>
        updateText(findings, session.today, { ...options, isNamed: patterns.length > 0, isWritten, width }),
      () => ({
        branches: findings.supported.map(({ name, eol }) => ({ branch: name, endOfLife: eol })),
        versions: findings.carried,
        changes: findings.changes.map((change) => ({ ...change, editable: isEdit(change) })),
        problems: findings.problems,
        written: isWritten,
      }),
    );
  });
}

async function find(
  session: Session,
  written: WrittenCatalog,
  patterns: readonly string[],
  { state }: UpdateOptions,
): Promise<Findings> {
  const { catalog, today, signal } = session;
  const isChosen = chosenBy(patterns, session.written.targets);
  const upstream = await session.openUpstream();
  const downloader = new Downloader({ cache: join(state, "upstream"), signal });
  const { releases } = session.written.sources;
  return findChanges(
    { ...written, entry: { ...written.entry, sources: catalog.sources } },
    {
      ...{ upstream, today, isChosen },
      ...(releases !== undefined && { releases }),
      async fetchText(url) {
        const download = await downloader.get(url);
        return download && { text: download.bytes.toString("utf8"), keep: () => download.keep(0) };
      },
      // Others do without what lacks there. The sandbox has nearly all its packages for this machine only.
      platforms: session.profile === "sandbox" ? [hostPlatform()] : written.entry.platforms.slice(0, 1),
    },
  );
}

/** @throws UserError for a pattern that names nothing */
function chosenBy(patterns: readonly string[], targets: readonly Target[]): Situation["isChosen"] {
  const chosen = new Set(selectTargets(targets, patterns).map(({ image, version }) => `${image}:${version}`));
  return ({ image, version }) =>
    version === undefined
      ? patterns.length === 0 || patterns.includes(image)
      : chosen.has(`${image}:${version}`);
}

/**
 * Makes changes in the catalog's file, and renders it.
 *
 * @throws UserError, with nothing written, when the catalog would have mistakes, or was changed meanwhile
 * @throws whatever rendering throws: the file is then as it was
 */
async function write(session: Session, written: WrittenCatalog, edits: readonly Edit[]): Promise<void> {
  const { file } = written;
  const text = editCatalog(written.text, edits);
  await writtenCatalog(file, text).catch((error: unknown) => {
    throw new UserError(
      `${file} would have mistakes, so nothing was written:\n${messageOf(error)}`,
      "make some of the changes by naming their images, and the others by hand",
    );
  });
  if ((await readCatalogFile(file)) !== written.text) {
    throw new UserError(`${file} was changed meanwhile, so nothing was written`, "try again");
  }
  await checkImages(session);
  await writeWhole(file, text, { follow: true });
  try {
    const catalog = await loadCatalog(file);
    const dockerfiles = renderCatalog(catalog, await loadTemplates(TEMPLATES));
    await updateImages({ ...session, written: catalog }, dockerfiles);
  } catch (error) {
    await writeWhole(file, written.text, { follow: true });
    throw error;
  }
}

interface UpdateTextOptions extends Pick<UpdateOptions, "catalog" | "markdown"> {
  readonly isNamed: boolean;
  readonly isWritten: boolean;
  /** Of a line, in characters. */
  readonly width?: number | undefined;
}

/** What the catalog should change, or has changed, and what could not be asked. */
export function updateText(
  { changes, carried, problems }: Pick<Findings, "changes" | "carried" | "problems">,
  today: Date,
  { catalog: file, markdown, isNamed, isWritten, width }: UpdateTextOptions,
): string {
  const table = markdown
    ? changesMarkdown(changes, today, isNamed)
    : changesText(changes, today, isNamed, width);
  return [
    ...(isNamed ? [carriedText(carried, width), ""] : []),
    ...(table === "" ? [] : [table]),
    ...problems.map((problem) => formatProse(`not asked: ${problem}`, width)),
    formatProse(sumText(changes, file, isWritten), width),
  ].join("\n");
}
