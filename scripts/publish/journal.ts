import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { descriptorSchema } from "../formats/oci/types.ts";
import type { Registry } from "../registry/client.ts";
import type { Namespace } from "../registry/reference.ts";
import type { TagPermit } from "../registry/switch-tags.ts";
import { removeFile, writeWhole } from "../system/files/files.ts";
import { tryJson } from "../system/json.ts";
import { timeSchema } from "./history.ts";

/** What all journals say: whose tags they are about, and who wrote them. */
const place = {
  /** Host of the registry, and the path in it. */
  registry: z.string(),
  namespace: z.string(),
  /** The release, as its runtime variant is named: `node:22`; or the repository that builds are removed from. */
  release: z.string(),
  at: z.iso.datetime(),
  /** Names who wrote it among the holders of the publish lock: while that one holds it, nobody else finishes it. */
  holder: z.string(),
};

const imageSchema = descriptorSchema.pick({ mediaType: true, digest: true, size: true });
const tagPlace = { repository: z.string(), tag: z.string() };

/**
 * What is about to happen to the tags of one release, on disk before the first of them moves and until the last
 * is remembered: whoever finds it after a crash can finish what was begun. All that it points at is in the
 * registry by then, tested.
 */
const moveJournalSchema = z.object({
  version: z.literal(2),
  kind: z.literal("move"),
  ...place,
  /** From one digest to another; `from` is absent where there was no such tag. */
  moves: z.array(z.object({ ...tagPlace, from: z.string().optional(), to: z.string() })),
  /** What the history of each tag is to say. */
  images: z.array(
    z.object({
      ...tagPlace,
      image: imageSchema,
      keep: z.number(),
    }),
  ),
  /** Tags that are to be held where they are put, or with null no longer. */
  holds: z.array(
    z.object({
      ...tagPlace,
      hold: z.object({ until: timeSchema, by: z.string(), reason: z.string() }).nullable(),
    }),
  ),
  /** Images that tags go back to. */
  again: z.array(z.object({ ...tagPlace, image: imageSchema })).default([]),
});

/** Builds that are about to be removed, with what goes with each. */
const removalJournalSchema = z.object({
  version: z.literal(2),
  kind: z.literal("removal"),
  ...place,
  builds: z.array(z.object({ repository: z.string(), digest: z.string(), parts: z.array(z.string()) })),
});

export type MoveJournal = z.infer<typeof moveJournalSchema>;
export type RemovalJournal = z.infer<typeof removalJournalSchema>;
type TagJournal = MoveJournal | RemovalJournal;

const journalSchema = z.discriminatedUnion("kind", [moveJournalSchema, removalJournalSchema]);

const SUFFIX = ".publish.json";

/** Characters of a file's name, of its 255 at most, that are for people. */
const READABLE = 100;
/** Digits of a hash that tell names apart. */
const DIGITS = 16;

/** Differs between two catalogs, whatever characters their names have. Pure. */
function nameOf({ registry, namespace, release, kind }: TagJournal): string {
  const identity = JSON.stringify([registry, namespace, release, kind]);
  const digits = createHash("sha256").update(identity).digest("hex").slice(0, DIGITS);
  const words = [namespace, release].join("_").replace(/[^\w.-]/g, "_");
  return `${words.slice(0, READABLE)}-${digits}${SUFFIX}`;
}

/** What moving and removing tags needs. */
export interface TagContext {
  readonly registry: Registry;
  readonly namespace: Namespace;
  readonly permit: TagPermit;
  /** Directory for what is to be finished after a crash. */
  readonly journals: string;
  /** Names us among the holders of the lock. */
  readonly holder: string;
  /** Now, for journals and histories. */
  readonly clock: () => Date;
}

/**
 * Writes a journal, so that it survives a power failure.
 * @param release as in the journal
 * @param body what it says beside whose tags it is about
 * @returns removes it, once all has happened
 */
export async function writeJournal(
  { journals, namespace, holder }: Pick<TagContext, "journals" | "namespace" | "holder">,
  release: string,
  now: Date,
  body: Omit<MoveJournal, "version" | keyof typeof place> | Pick<RemovalJournal, "kind" | "builds">,
): Promise<() => Promise<void>> {
  const place = { registry: namespace.registry, namespace: namespace.path, release };
  const journal: TagJournal = { version: 2, ...place, at: now.toISOString(), holder, ...body };
  const path = join(journals, nameOf(journal));
  await writeWhole(path, JSON.stringify(journal), { durable: true });
  return () => removeFile(path);
}

/**
 * The journals that earlier runs have left for one catalog's namespace; those of other namespaces belong to other
 * locks. Changes nothing: what cannot be read, such as a journal of a newer Birdhouse, is left where it is.
 * @returns each with what removes it
 */
export async function readJournals(directory: string, { registry, path }: Namespace) {
  const found: { readonly journal: TagJournal; remove(): Promise<void> }[] = [];
  for (const name of await namesIn(directory)) {
    const file = join(directory, name);
    const journal = journalSchema.safeParse(tryJson(await readFile(file, "utf8").catch(() => ""))).data;
    if (journal?.registry !== registry || journal.namespace !== path) continue;
    found.push({ journal, remove: () => removeFile(file) });
  }
  return found;
}

/** All digests that unfinished journals of a namespace name: none of them may be removed. */
export async function digestsInJournals(directory: string, namespace: Namespace): Promise<Set<string>> {
  const digests = (await readJournals(directory, namespace)).flatMap(({ journal }) => {
    if (journal.kind === "removal") return [];
    return [
      ...journal.moves.flatMap(({ from, to }) => (from === undefined ? [to] : [from, to])),
      ...journal.images.map(({ image }) => image.digest),
    ];
  });
  return new Set(digests);
}

/** Removes journals that are not JSON: writing them was never finished, so nothing had begun. */
export async function removeTorn(directory: string): Promise<void> {
  for (const name of await namesIn(directory)) {
    const file = join(directory, name);
    // A file that cannot be read now may be a whole journal.
    const text = await readFile(file, "utf8").catch(() => undefined);
    if (text !== undefined && tryJson(text) === undefined) await removeFile(file);
  }
}

async function namesIn(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch(() => []);
  return names.filter((one) => one.endsWith(SUFFIX)).sort();
}
