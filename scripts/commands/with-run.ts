import { resolve } from "node:path";
import { notify } from "../notify/send.ts";
import { durationOf } from "../pipeline/deadline.ts";
import type { PlannedTarget } from "../plan/plan.ts";
import { endingText, mistakesText } from "../report/plan-text.ts";
import { RunJournal, runId, runsIn } from "../runs/journal.ts";
import { readEarlier } from "../runs/read.ts";
import type { Journal, JournalRecord } from "../runs/record.ts";
import { planRecordOf, recordOf } from "../runs/record-of.ts";
import { failureStreaks, type Streak } from "../runs/streak.ts";
import { summaryOf } from "../runs/summarize.ts";
import type { RunSummary } from "../runs/summary.ts";
import { messageOf } from "../system/errors.ts";
import { commandLine } from "../system/process.ts";
import { VERSION } from "../system/version.ts";
import { exitCodeOfError, hintOf } from "./exit-code.ts";
import type { EngineOptions } from "./options.ts";
import { givenOptions, repeatCommand } from "./repeat.ts";
import type { Session } from "./session.ts";
import { writeReports } from "./write-reports.ts";

/** A run that leaves an account of what it did. */
export interface Run {
  /** Names it among the runs. */
  readonly id: string;
  /** Writes down what is due, and why. */
  planned(planned: readonly PlannedTarget[]): void;
  /** In how many runs what failed now has failed one after the other: to be asked once nothing fails any more. */
  streaks(): Promise<ReadonlyMap<string, Streak>>;
}

/** What a person typed. */
export interface Typed {
  readonly verb: string;
  readonly patterns: readonly string[];
  readonly options: EngineOptions & { readonly force?: boolean; readonly verify?: boolean };
}

/**
 * Does the work of a command and writes its journal meanwhile; in the end, however that comes, the reports of it.
 * @param use does it, and gives the exit code
 * @throws what `use` throws
 */
export async function withRun(
  session: Session,
  typed: Typed,
  use: (run: Run) => Promise<number>,
): Promise<void> {
  const account = new Account(session, typed);
  try {
    const exitCode = await use(account);
    process.exitCode = exitCode;
    await account.end(exitCode);
  } catch (error) {
    const hint = hintOf(error);
    await account.end(exitCodeOfError(error), messageOf(error) + (hint === undefined ? "" : `\n→ ${hint}`));
    throw error;
  }
}

class Account implements Run {
  readonly id: string;
  readonly #session: Session;
  readonly #directory: string;
  readonly #journal: RunJournal;
  #streaks: Promise<ReadonlyMap<string, Streak>> | undefined;

  constructor(session: Session, { verb, patterns, options }: Typed) {
    const { profile, catalog } = session;
    const started = new Date();
    this.id = runId(started, process.pid);
    this.#session = session;
    this.#directory = runsIn(resolve(options.state));
    const run = {
      ...({ type: "run", format: 1, at: started.toISOString(), id: this.id, version: VERSION } as const),
      ...{ verb, command: typedCommand(session, { verb, patterns, options }), registry: catalog.registry },
      profile,
    };
    this.#journal = new RunJournal(this.#directory, run, (text) => this.#note(text));
    session.listen((event) => {
      const record = recordOf(event, now(), ({ target, stage }) =>
        repeatCommand(target, stage, profile, options),
      );
      if (record) this.#journal.write(record);
    });
  }

  planned(planned: readonly PlannedTarget[]): void {
    const remarks = [mistakesText(planned), endingText(planned, this.#session.today)];
    const lines = remarks.flatMap((text) => text.split("\n")).filter((line) => line !== "");
    this.#journal.write(planRecordOf(planned, now(), lines));
  }

  streaks(): Promise<ReadonlyMap<string, Streak>> {
    this.#streaks ??= this.#countStreaks();
    return this.#streaks;
  }

  #countStreaks(): Promise<ReadonlyMap<string, Streak>> {
    const records = this.#journal.records.filter((record) => record.type === "failed");
    const failed = records.map(({ target }) => target);
    return failureStreaks(failed, this.#journal.run.at, summariesOf(this.#earlier()));
  }

  /** @param error what the run could not go on for */
  async end(exitCode: number, error?: string): Promise<void> {
    const since = await this.streaks();
    for (const [target, streak] of since)
      this.#journal.write({ type: "streak", at: now(), target, ...streak });
    const ended = () =>
      ({ type: "end", at: now(), exitCode, ...(error !== undefined && { error }) }) as const;
    // Whom it could not tell is part of the account, whose last line is its end.
    await this.#notify(summaryOf({ run: this.#journal.run, records: [...this.#journal.records, ended()] }));
    this.#journal.write(ended());
    try {
      await writeReports(this.#directory, summaryOf(this.#journal), summariesOf(this.#earlier()));
    } catch (problem) {
      this.#note(`the reports of this run cannot be written: ${messageOf(problem)}`);
    }
  }

  /** Never fails: who is not told is noted. */
  async #notify(summary: RunSummary): Promise<void> {
    const webhooks = this.#session.catalog.notify ?? [];
    for (const problem of await notify(webhooks, summary, { env: process.env })) this.#note(problem);
  }

  #earlier(): AsyncGenerator<Journal> {
    return readEarlier(this.#directory, this.#journal);
  }

  #note(text: string): void {
    this.#session.listener({ type: "note", text });
  }
}

async function* summariesOf(journals: AsyncIterable<Journal>): AsyncGenerator<RunSummary> {
  for await (const journal of journals) yield summaryOf(journal);
}

function typedCommand({ profile }: Session, { verb, patterns, options }: Typed): string {
  const flags = [
    ...(options.force ? ["--force"] : []),
    ...(options.verify ? ["--verify"] : []),
    ...(options.deadline === undefined ? [] : ["--deadline", durationOf(options.deadline)]),
  ];
  const words = [verb, ...patterns, ...givenOptions(profile, options), ...flags];
  return commandLine(["npm", "run", "-s", "birdhouse", "--", ...words]);
}

function now(): JournalRecord["at"] {
  return new Date().toISOString();
}
