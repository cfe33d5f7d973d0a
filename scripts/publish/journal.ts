import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { descriptorSchema } from "../oci/types.ts";

/**
 * What is about to happen to the tags of one release, on disk before the first of them moves and until the last
 * is remembered: whoever finds it after a crash can finish what was begun. All that it points at is in the
 * registry by then, tested.
 */
const journalSchema = z.object({
  version: z.literal(1),
  /** Host of the registry. */
  registry: z.string(),
  /** The release, as its runtime variant is named: `node:22`. */
  release: z.string(),
  at: z.iso.datetime(),
  moves: z.array(
    z.object({
      repository: z.string(),
      tag: z.string(),
      /** Digest; absent where there was no such tag. */
      from: z.string().optional(),
      to: z.string(),
    }),
  ),
  /** What the history is to say. */
  images: z.array(
    z.object({
      repository: z.string(),
      /** The tag that has the history. */
      tag: z.string(),
      image: descriptorSchema.pick({ mediaType: true, digest: true, size: true }),
      keep: z.number(),
    }),
  ),
});
export type Journal = z.infer<typeof journalSchema>;

const SUFFIX = ".publish.json";

/**
 * Writes a journal, so that it outlives the machine's power.
 * @returns removes it, once all has happened
 */
export async function writeJournal(directory: string, journal: Journal): Promise<() => Promise<void>> {
  await mkdir(directory, { recursive: true });
  const path = join(directory, `${journal.release.replace(/[^\w.-]/g, "_")}${SUFFIX}`);
  const file = await open(`${path}.new`, "w");
  try {
    await file.writeFile(JSON.stringify(journal));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
  return () => rm(path, { force: true });
}

/** A journal that was found, and what removes it. */
export interface FoundJournal {
  readonly journal: Journal;
  remove(): Promise<void>;
}

/** What earlier runs have left. One that cannot be read was never finished, so nothing had begun: it is removed. */
export async function readJournals(directory: string): Promise<FoundJournal[]> {
  const names = await readdir(directory).catch(() => []);
  const found: FoundJournal[] = [];
  for (const name of names.filter((one) => one.endsWith(SUFFIX))) {
    const path = join(directory, name);
    const journal = parse(await readFile(path, "utf8"));
    if (journal) found.push({ journal, remove: () => rm(path, { force: true }) });
    else await rm(path, { force: true });
  }
  return found;
}

function parse(text: string): Journal | undefined {
  try {
    return journalSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
