import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, UserError } from "../../system/errors.ts";
import { FileError } from "../../system/files/errors.ts";
import { append, makeFolderNow } from "../../system/files/files.ts";
import { tryJson } from "../../system/json.ts";
import { typed } from "../../system/shown/started.ts";
import { type JournalRecord, type RunJournal, type RunRecord, recordSchema, runRecord } from "./record.ts";

/** Where the journals are, below the state directory. */
export function runsIn(state: string): string {
  return join(state, "runs");
}

/** Names a run so that names sort by time: `2026-11-25T030000Z-4711`. */
export function runId(started: Date, pid: number): string {
  return `${started.toISOString().replace(/\.\d+/, "").replaceAll(":", "")}-${pid}`;
}

/** The file of a run's journal. */
export function journalFile(directory: string, id: string): string {
  return join(directory, `${id}.jsonl`);
}

/**
 * A run's journal while it is written. Each line is on disk before the run goes on, so that a run that is killed has
 * told all that it did. A journal that cannot be written, on a full disk, keeps no run from its work.
 */
export class RunJournalFile implements RunJournal {
  readonly records: JournalRecord[] = [];
  readonly #file: string;
  #isBroken = false;

  /**
   * @param directory made where it is missing
   * @param onProblem told, once, that the journal cannot be written
   */
  constructor(
    directory: string,
    readonly run: RunRecord,
    private readonly onProblem: (text: string) => void,
  ) {
    this.#file = journalFile(directory, run.id);
    this.#attempt(() => makeFolderNow(directory));
    this.write(run);
  }

  /** Writes a line. Behind the end there is none. */
  write(record: JournalRecord): void {
    if (this.records.at(-1)?.type === "end") return;
    this.records.push(record);
    // After a line that was written in part the next one would be lost as well.
    if (!this.#isBroken) this.#attempt(() => append(this.#file, `${JSON.stringify(record)}\n`));
  }

  #attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (this.#isBroken) return;
      this.#isBroken = true;
      // A run without an account is looked into: the system's own word is what one searches for.
      const code = error instanceof FileError ? `${error.code}: ` : "";
      this.onProblem(`this run's journal cannot be written: ${code}${messageOf(error)}`);
    }
  }
}

/**
 * Reads a journal's text. A line that is no record is left out, such as the last one of a run that was killed while it
 * wrote. Undefined where not even the first can be read: then it is not known what run this was.
 */
export function parseJournal(text: string): RunJournal | undefined {
  const [first = "", ...others] = text.split("\n");
  const run = runRecord.safeParse(tryJson(first)).data;
  if (!run) return undefined;
  const records = others.flatMap((line): JournalRecord[] => {
    const record = line.startsWith("{") ? recordSchema.safeParse(tryJson(line)).data : undefined;
    return record ? [record] : [];
  });
  return { run, records: [run, ...records] };
}

const JOURNAL = /^(\d{4}-\d\d-\d\dT\d{6}Z-\d+)\.jsonl$/;

/** The runs of a directory by their names, the newest first; none where there is no such directory. */
export async function runIds(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  return names
    .flatMap((name) => JOURNAL.exec(name)?.[1] ?? [])
    .sort()
    .reverse();
}

/** The journal of a run; undefined where it is gone, or cannot be read. */
async function readJournal(directory: string, id: string): Promise<RunJournal | undefined> {
  const text = await readFile(journalFile(directory, id), "utf8").catch(() => undefined);
  return text === undefined ? undefined : parseJournal(text);
}

/** All journals of a directory that can be read, the newest first, each read when its turn comes. */
export async function* readRunJournals(directory: string): AsyncGenerator<RunJournal> {
  for (const id of await runIds(directory)) {
    const journal = await readJournal(directory, id);
    if (journal) yield journal;
  }
}

/**
 * Earlier runs that did the same as this one, the newest first: those of one command, to one registry.
 */
export async function* readEarlier(directory: string, { run }: RunJournal): AsyncGenerator<RunJournal> {
  for await (const journal of readRunJournals(directory)) {
    const { id, verb, registry } = journal.run;
    if (id < run.id && verb === run.verb && registry === run.registry) yield journal;
  }
}

/**
 * Finds a run.
 * @param which its name, or how many runs ago it was: 1 is the newest
 * @throws UserError where there is none such
 */
export async function findJournal(directory: string, which: string): Promise<RunJournal> {
  const ids = await runIds(directory);
  const id = /^\d{1,6}$/.test(which) ? ids[Number(which) - 1] : ids.find((one) => one === which);
  if (id === undefined) throw new UserError(`there is no run ${which} in ${directory}`, adviceFor(ids));
  const journal = await readJournal(directory, id);
  if (journal) return journal;
  throw new UserError(
    `the journal of run ${id} in ${directory} cannot be read: its first line does not say which run it is`,
    "another version of Birdhouse wrote it, or it is damaged: read the file itself, or remove it",
  );
}

function adviceFor(ids: readonly string[]): string {
  if (ids.length === 0) return "no run has used this state directory yet: name another one with --state";
  return `give a number from 1 (newest) to ${ids.length}, or an ID shown by ${typed("runs")}`;
}
