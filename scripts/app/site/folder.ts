import { lstat, readdir, readFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { z } from "zod";
import { UserError } from "../../system/errors.ts";
import { makeScratch, moveInto, removeTree, setMode, writeWhole } from "../../system/files/files.ts";
import { tryJson } from "../../system/json.ts";

/** The file in a site that says that it is ours, and what we wrote. */
const MARK = "birdhouse-site.json";
const markSchema = z.object({ format: z.literal(1), files: z.array(z.string()) });

/** How many files that are not ours are named. */
const SHOWN = 5;

/**
 * Sees to it that a site may be written to a folder: there is none, it is empty, or all that is in it we wrote.
 * @throws UserError where something in it is not ours
 */
export async function refuseForeignFolder(output: string): Promise<void> {
  const found = await lstat(output).catch(() => undefined);
  if (!found) return;
  const hint = "name another folder with --output, or move what is there";
  if (!found.isDirectory()) throw new UserError(`${output} exists and is not a folder`, hint);
  const files = await filesIn(output);
  if (files.length === 0) return;
  const mark = markSchema.safeParse(tryJson(await readFile(join(output, MARK), "utf8").catch(() => ""))).data;
  if (!mark) {
    throw new UserError(`${output} is not empty and is not a site of Birdhouse: nothing was written`, hint);
  }
  const ours = new Set([...mark.files, MARK]);
  const foreign = files.filter((file) => !ours.has(file)).sort();
  if (foreign.length === 0) return;
  const more = foreign.length > SHOWN ? ` and ${foreign.length - SHOWN} more` : "";
  throw new UserError(
    `${output} has files in it that are not the site's, and it is replaced as a whole: ${foreign.slice(0, SHOWN).join(", ")}${more}`,
    "move them elsewhere, and add them to the site after it was written",
  );
}

/** All that is below a folder and is no folder, with `/` between the names. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => !entry.isDirectory());
  return files.map((entry) => slashed(relative(folder, join(entry.parentPath, entry.name))));
}

function slashed(path: string): string {
  return path.split(sep).join("/");
}

/** A site that is being written: beside its place, so that whoever reads there has the old one until the new one is whole. */
export interface NewSite {
  /** Writes a file below the site's folder. */
  save(path: string, content: string | Uint8Array): Promise<void>;
}

/**
 * Writes a site and puts it in the place of the one before, which is there until then. Where that fails or is
 * interrupted, it stays.
 * @param write writes all of it
 * @returns how many files were written
 * @throws UserError where the folder has what is not ours; what `write` throws
 */
export async function replaceSite(
  output: string,
  write: (site: NewSite) => Promise<unknown>,
): Promise<number> {
  const place = resolve(output);
  await refuseForeignFolder(place);
  const scratch = await makeScratch(dirname(place), `.${basename(place)}-`);
  try {
    const fresh = join(scratch, "new");
    const files = new Set<string>();
    await write({
      save: (path, content) => {
        files.add(slashed(path));
        return writeWhole(join(fresh, path), content, { below: fresh });
      },
    });
    const mark = { format: 1, files: [...files].sort() };
    await writeWhole(join(fresh, MARK), `${JSON.stringify(mark, null, 1)}\n`);
    // Somebody else serves it.
    await setMode(fresh, 0o755);
    // Minutes may have passed.
    await refuseForeignFolder(place);
    await swap(fresh, place, join(scratch, "old"));
    return files.size;
  } finally {
    await removeTree(scratch);
  }
}

/** Two names change: where the second cannot, the first is changed back. */
async function swap(fresh: string, place: string, old: string): Promise<void> {
  const isThere = (await lstat(place).catch(() => undefined)) !== undefined;
  if (isThere) await moveInto(place, old);
  try {
    await moveInto(fresh, place);
  } catch (error) {
    if (isThere) await moveInto(old, place);
    throw error;
  }
}
