import { join, resolve } from "node:path";
import type { Failing, RunSummary } from "../model/run.ts";
import { messageWithHint } from "../pipeline/hint.ts";
import type { PlannedTarget } from "../plan/plan.ts";
import { leftOutText } from "../report/forecast-text.ts";
import { notify } from "../report/notify.ts";
import { awayText, endingText, mistakesText } from "../report/plan-text.ts";
import { loadRunReports } from "../report/run-html.ts";
import { RunJournalFile, readEarlier, runId, runsIn } from "../report/runs/journal.ts";
import { planRecordOf, type RecordOf, recordOf } from "../report/runs/record.ts";
import { failureStreaks, type Streak, summaryOf } from "../report/runs/summarize.ts";
import { VERSION } from "../system/environment.ts";
import { messageOf } from "../system/errors.ts";
import { copyWhole, writeWhole } from "../system/files/files.ts";
import { once } from "../system/once.ts";
import { withoutSecrets } from "../system/shown/secrets.ts";
import { TEMPLATES } from "./paths.ts";
import { repeatCommand, type Typed, typedCommand } from "./repeat.ts";
import { exitCodeOfError } from "./result.ts";
import type { Session } from "./session.ts";

/** What the account of a run takes from a session. */
export type AccountSession = Pick<Session, "profile" | "catalog" | "today" | "listener" | "listen">;

/** What the work of a run has of its account. */
export type Run = Pick<Account, "id" | "started" | "planned" | "known" | "streaks">;

/**
 * Does the work of a command and writes its journal meanwhile; in the end, however that comes, the reports of it.
 * @param use does it, and gives the exit code
 * @throws what `use` throws
 */
export async function withRun(
  session: AccountSession,
  typed: Typed,
  use: (run: Run) => Promise<number>,
): Promise<void> {
  const account = new Account(session, typed);
  let exitCode: number;
  try {
    exitCode = await use(account);
  } catch (error) {
    await account.end(exitCodeOfError(error), messageWithHint(error));
    throw error;
  }
  process.exitCode = exitCode;
  await account.end(exitCode);
}

/** The account of a run while it runs: what goes wrong with it is noted, and never stops the run. */
class Account {
  /** Names the run among others. */
  readonly id: string;
  /**
   * In how many runs in a row each target that failed now has failed: to be asked once nothing fails any more, and
   * before old journals are removed.
   */
  readonly streaks = once(() => this.#countStreaks());
  readonly #session: AccountSession;
  readonly #directory: string;
  readonly #journal: RunJournalFile;
  #known: ReadonlyMap<string, Failing> = new Map();

  constructor(session: AccountSession, typed: Typed) {
    const { profile, catalog } = session;
    const { verb, options } = typed;
    const started = new Date();
    this.id = runId(started, process.pid);
    this.#session = session;
    this.#directory = runsIn(resolve(options.state));
    const run: RecordOf<"run"> = {
      type: "run",
      format: 1,
      at: started.toISOString(),
      id: this.id,
      version: VERSION,
      verb,
      command: typedCommand(profile, typed),
      registry: catalog.registry,
      profile,
    };
    this.#journal = new RunJournalFile(this.#directory, run, (text) => this.#note(text));
    session.listen((event) => {
      const record = recordOf(event, now(), ({ target, stage }) =>
        repeatCommand(target, verb === "join" ? verb : stage, profile, options),
      );
      if (record) this.#journal.write(record);
    });
  }

  /** When the run began, in ISO 8601. */
  get started(): string {
    return this.#journal.run.at;
  }

  /** Takes in how often targets failed before, by the registry: this machine may not have seen all of it. */
  known(failing: ReadonlyMap<string, Failing>): void {
    this.#known = failing;
  }

  /**
   * Writes down what is due, and why.
   * @param fingerprints of targets: what they would be made of
   */
  planned(planned: readonly PlannedTarget[], fingerprints?: ReadonlyMap<string, string>): void {
    const remarks = [
      mistakesText(planned),
      awayText(planned),
      endingText(planned, this.#session.today),
      leftOutText(planned),
    ];
    const lines = withoutSecrets(remarks.join("\n")).split("\n");
    const told = lines.filter((line) => line !== "");
    this.#journal.write(planRecordOf(planned, now(), told, fingerprints));
  }

  /**
   * Tells everyone how the run ended, and writes the reports.
   * @param error why it could not go on
   */
  async end(exitCode: number, error?: string): Promise<void> {
    for (const [target, streak] of await this.streaks()) {
      this.#journal.write({ type: "streak", at: now(), target, ...streak });
    }
    const why = error !== undefined && { error: withoutSecrets(error) };
    const ended = (): RecordOf<"end"> => ({ type: "end", at: now(), exitCode, ...why });
    const { run, records } = this.#journal;
    const webhooks = this.#session.catalog.notify ?? [];
    const summary = summaryOf({ run, records: [...records, ended()] });
    // A notification that failed is part of the account, whose last line is its end.
    for (const problem of await notify(webhooks, summary, { env: process.env })) this.#note(problem);
    this.#journal.write(ended());
    try {
      await writeReports(this.#directory, summaryOf(this.#journal), this.#earlier());
    } catch (problem) {
      this.#note(`cannot write the reports of this run: ${messageOf(problem)}`);
    }
  }

  async #countStreaks(): Promise<ReadonlyMap<string, Streak>> {
    const { run, records } = this.#journal;
    const failed = records.flatMap((record) => (record.type === "failed" ? [record.target] : []));
    const here = await failureStreaks(failed, run.at, this.#earlier()).catch((problem: unknown) => {
      this.#note(`cannot read earlier runs, so every failure counts as the first: ${messageOf(problem)}`);
      return new Map(failed.map((target) => [target, { runs: 1, since: run.at }]));
    });
    return new Map([...here].map(([target, streak]) => [target, longer(streak, this.#known.get(target))]));
  }

  async *#earlier(): AsyncGenerator<RunSummary> {
    for await (const journal of readEarlier(this.#directory, this.#journal)) yield summaryOf(journal);
  }

  #note(text: string): void {
    this.#session.listener({ type: "note", text });
  }
}

/** What this machine has counted, or the registry before this run, whichever is more. */
function longer(here: Streak, before: Failing | undefined): Streak {
  return before && before.runs >= here.runs ? { runs: before.runs + 1, since: before.since } : here;
}

function now(): string {
  return new Date().toISOString();
}

/** How many earlier runs a report may compare with. */
const EARLIER = 30;

/**
 * Writes the reports of a run beside its journal: `ID.md`, and the same again as `latest.md`, in each form that there is.
 * @param earlier the newest first; read only as far as is needed
 * @throws Error where they cannot be written
 */
export async function writeReports(
  directory: string,
  summary: RunSummary,
  earlier: AsyncIterable<RunSummary>,
): Promise<void> {
  const reports = await loadRunReports(join(TEMPLATES, "report"));
  const before: RunSummary[] = [];
  for await (const one of earlier) {
    if (before.push(one) === EARLIER) break;
  }
  for (const [form, render] of Object.entries(reports)) {
    const file = join(directory, `${summary.id}.${form}`);
    await writeWhole(file, render(summary, before));
    await copyWhole(file, join(directory, `latest.${form}`));
  }
}
