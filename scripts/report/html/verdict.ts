import type { RunSummary } from "../../model/run.ts";
import { count } from "../../system/shown/format.ts";

/** How a run went, in words that fit into a heading. */
export interface Verdict {
  readonly tone: "good" | "warn" | "bad";
  readonly title: string;
}

/** Says how a run went: its exit code, read together with what became of its targets. */
export function verdictOf(summary: RunSummary): Verdict {
  const { exitCode, error, targets, unknown } = summary;
  const { failed } = countsOf(summary);
  if (exitCode === undefined) return { tone: "bad", title: "Killed, or still under way" };
  if (exitCode === 3) return { tone: "warn", title: "Did not run: another run was under way" };
  if (exitCode === 2) return { tone: "bad", title: "Something for you to mend" };
  if (failed > 0) return { tone: "bad", title: `${failed} of ${count(targets.length, "target")} failed` };
  if (error !== undefined) return { tone: "bad", title: "Broken off" };
  if (unknown.length > 0) return { tone: "warn", title: "Done, as far as could be found out" };
  if (exitCode !== 0) return { tone: "bad", title: `Ended with exit code ${exitCode}` };
  return doneVerdict(summary);
}

function doneVerdict(summary: RunSummary): Verdict {
  const { length } = summary.targets;
  const { done, held, unstarted } = countsOf(summary);
  if (unstarted + held > 0) return { tone: "warn", title: `${done} of ${count(length, "target")} done` };
  if (length === 0) return { tone: "good", title: "Nothing to do" };
  return { tone: "good", title: length === 1 ? "1 target, done" : `All ${length} targets done` };
}

/** How many targets came to what. */
export function countsOf({ targets }: RunSummary) {
  const counts = { done: 0, failed: 0, held: 0, unstarted: 0 };
  for (const { status } of targets) counts[status]++;
  return counts;
}
