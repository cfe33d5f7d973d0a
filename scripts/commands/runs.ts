import { resolve } from "node:path";
import type { SessionOptions } from "../app/options.ts";
import { printResult } from "../app/result.ts";
import type { RunSummary } from "../model/run.ts";
import { runMarkdown } from "../report/run-markdown.ts";
import { runsJson, runsText } from "../report/run-verdict.ts";
import { findJournal, readRunJournals, runsIn } from "../report/runs/journal.ts";
import { summaryOf } from "../report/runs/summarize.ts";

type RunsOptions = Pick<SessionOptions, "json" | "state">;

/** Lists the runs that are remembered, the newest first. */
export async function listRuns(options: RunsOptions): Promise<void> {
  const summaries: RunSummary[] = [];
  const directory = runsIn(resolve(options.state));
  for await (const journal of readRunJournals(directory)) summaries.push(summaryOf(journal));
  printResult(
    options,
    "runs",
    (width) => runsText(summaries, width),
    () => runsJson(summaries),
  );
}

/**
 * Prints what one run did.
 * @param which its name, or its number in the list
 * @throws UserError where there is no such run
 */
export async function showRun(which: string, options: RunsOptions): Promise<void> {
  const summary = summaryOf(await findJournal(runsIn(resolve(options.state)), which));
  printResult(
    options,
    "runs show",
    () => runMarkdown(summary).trimEnd(),
    () => ({ run: summary }),
  );
}
