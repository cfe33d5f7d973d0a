import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { messageOf, UserError } from "../system/errors.ts";
import { inWordsNow } from "../system/files/errors.ts";
import { linkOn, readStart } from "../system/files/links.ts";
import { hasRegion, isNamedUnfinished, isUnfinished, type RenderedFiles } from "./files.ts";
import { isMarked, MARK } from "./mark.ts";

/** Something that is not ours, at a path that we render to or in the folder that holds only rendered files. */
interface Foreign {
  readonly path: string;
  /** `is a symbolic link` */
  readonly why: string;
}

/** What stands on the disk where a rendering goes. Paths are below the catalog's folder. */
interface Standing {
  /** What may be replaced and removed, with its text. */
  readonly ours: Map<string, string>;
  readonly foreign: Foreign[];
}

/** How many things that are in the way are named. */
const SHOWN = 20;

/** Bytes that are read of a file to see whether it is ours; nearly all that are rendered are shorter. */
const START = 64 * 1024;

/**
 * Reads what stands where a rendering goes. Nothing of it is followed elsewhere, and nothing is taken for ours that
 * does not say so.
 * @param folder the catalog's
 * @param images name of the folder in it that holds nothing but what is rendered
 * @param rendered all that is rendered, by path below the catalog's folder
 * @returns path → text of all that may be replaced or removed
 * @throws UserError that names everything else
 */
export async function readOurs(
  folder: string,
  images: string,
  rendered: RenderedFiles,
): Promise<RenderedFiles> {
  const standing: Standing = { ours: new Map(), foreign: [] };
  lookInto(folder, images, rendered, standing);
  const links = new Set<string>();
  for (const path of rendered.keys()) {
    if (path.startsWith(`${images}/`)) continue;
    // Folders above it are not in images/, where each is looked at by itself.
    const link = await linkOn(join(folder, path), folder);
    if (link === undefined) {
      lookAt(folder, path, rendered, standing);
      lookBeside(folder, path, rendered, standing);
    } else links.add(link.slice(join(folder, "/").length));
  }
  standing.foreign.push(...[...links].map((path) => ({ path, why: WHY.link })));
  refuse(folder, standing.foreign);
  return standing.ours;
}

type Kind = "file" | "directory" | "link" | "other";

/** Why something of a kind is not ours. */
const WHY: Readonly<Record<Kind, string>> = {
  file: `does not say "${MARK}" in its first line`,
  directory: "is a directory, and a file is rendered there",
  link: "is a symbolic link, and those are not followed",
  other: "is neither a file nor a directory",
};

/** Looks at all below a folder. */
function lookInto(folder: string, path: string, rendered: RenderedFiles, standing: Standing): void {
  if (kindOf(join(folder, path)) !== "directory") {
    lookAt(folder, path, rendered, standing);
    return;
  }
  for (const entry of namesIn(join(folder, path), path, standing)) {
    const inner = join(path, entry.name);
    if (entry.isDirectory() && !rendered.has(inner)) lookInto(folder, inner, rendered, standing);
    else lookAt(folder, inner, rendered, standing);
  }
}

function namesIn(directory: string, path: string, { foreign }: Standing) {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    foreign.push({ path, why: `cannot be read: ${messageOf(error)}` });
    return [];
  }
}

/** Looks at one thing; what is not there is in nobody's way. */
function lookAt(folder: string, path: string, rendered: RenderedFiles, { ours, foreign }: Standing): void {
  const kind = kindOf(join(folder, path));
  if (kind === undefined) return;
  try {
    const text =
      kind === "file" ? readIfOurs(join(folder, path), (start) => isOurs(path, start, rendered)) : undefined;
    if (text === undefined) foreign.push({ path, why: WHY[kind] });
    else ours.set(path, text);
  } catch (error) {
    foreign.push({ path, why: `cannot be read: ${messageOf(error)}` });
  }
}

/** Looks for what a run that was killed has left of a file, in a folder that holds others' too. */
function lookBeside(folder: string, path: string, rendered: RenderedFiles, standing: Standing): void {
  if (kindOf(join(folder, dirname(path))) !== "directory") return;
  for (const entry of namesIn(join(folder, dirname(path)), dirname(path), standing)) {
    const other = join(dirname(path), entry.name);
    if (!entry.isFile() || !isNamedUnfinished(other) || !other.startsWith(`${path}.`)) continue;
    const isLeft = (start: string) => isUnfinished(other, start, rendered.get(path));
    const text = readIfOurs(join(folder, other), isLeft);
    if (text !== undefined) standing.ours.set(other, text);
  }
}

/** @param start of the file's text */
function isOurs(path: string, start: string, rendered: RenderedFiles): boolean {
  if (isMarked(start) || isUnfinished(path, start)) return true;
  const wanted = rendered.get(path);
  // What is as it will be, or holds nothing, loses nothing; and a README's region says itself what is rendered.
  return (
    wanted !== undefined && (start === "" || start === wanted || (path === "README.md" && hasRegion(wanted)))
  );
}

function kindOf(path: string): Kind | undefined {
  const found = inWordsNow("look at", path, () => lstatSync(path, { throwIfNoEntry: false }));
  if (found?.isSymbolicLink()) return "link";
  if (found?.isDirectory()) return "directory";
  return found && (found.isFile() ? "file" : "other");
}

/** The text of a file whose start says that it is ours; undefined of another. */
function readIfOurs(file: string, judge: (start: string) => boolean): string | undefined {
  const bytes = readStart(file, START);
  const start = bytes.toString("utf8");
  if (!judge(start)) return undefined;
  return bytes.length < START ? start : readFileSync(file, "utf8");
}

function refuse(folder: string, foreign: readonly Foreign[]): void {
  if (foreign.length === 0) return;
  const [is, them] = foreign.length === 1 ? ["1 entry is", "it"] : [`${foreign.length} entries are`, "them"];
  const sorted = [...foreign].sort((a, b) => (a.path < b.path ? -1 : 1));
  const lines = sorted.slice(0, SHOWN).map(({ path, why }) => `  ${printable(path)} ${why}`);
  const more = foreign.length > SHOWN ? [`  … and ${foreign.length - SHOWN} more`] : [];
  throw new UserError(
    [`${is} in the way in ${folder}, so nothing was rendered:`, ...lines, ...more].join("\n"),
    `move ${them} elsewhere, or remove ${them}, and try again`,
  );
}

function printable(path: string): string {
  return /\p{C}/u.test(path) ? JSON.stringify(path) : path;
}
