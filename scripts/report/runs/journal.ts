import { join } from "node:path";
import { messageOf } from "../../system/errors.ts";
import { FileError } from "../../system/files/errors.ts";
import { append, makeFolderNow } from "../../system/files/files.ts";
import type { Journal, JournalRecord, RunRecord } from "./record.ts";

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
export class RunJournal implements Journal {
  readonly #lines: JournalRecord[];
  readonly #file: string;
  readonly #onProblem: (text: string) => void;
  #isBroken = false;

  /**
   * @param directory made where it is missing
   * @param onProblem told, once, that the journal cannot be written
   */
  constructor(
    directory: string,
    readonly run: RunRecord,
    onProblem: (text: string) => void,
  ) {
    this.#lines = [];
    this.#file = journalFile(directory, run.id);
    this.#onProblem = onProblem;
    this.#attempt(() => makeFolderNow(directory));
    this.write(run);
  }

  get records(): readonly JournalRecord[] {
    return this.#lines;
  }

  /** Writes a line. Behind the end there is none. */
  write(record: JournalRecord): void {
    if (this.#lines.at(-1)?.type === "end") return;
    this.#lines.push(record);
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
      this.#onProblem(`this run's journal cannot be written: ${code}${messageOf(error)}`);
    }
  }
}
