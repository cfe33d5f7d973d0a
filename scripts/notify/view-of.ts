import { calledOut, fixedIn, verdictOf } from "../report/run-verdict.ts";
import type { RunSummary, RunTarget } from "../runs/summary.ts";
import type { NotifyView } from "./view.ts";
import type { Occasion } from "./webhook.ts";

/** How many failures the text names. */
const NAMED = 10;

/** What a template sees of a run. Pure. */
export function viewOf(summary: RunSummary): NotifyView {
  const failed = summary.targets.filter(({ status }) => status === "failed");
  const cves = [...fixedIn(summary.targets).keys()].sort();
  const verdict = verdictOf(summary);
  const more = failed.length - NAMED;
  const lines = [
    `Birdhouse, ${summary.registry}: ${verdict}`,
    ...calledOut(summary.targets).map((text) => `‼ ${text}`),
    ...failed.slice(0, NAMED).map((one) => failureLine(one)),
    ...(more > 0 ? [`✖ ${more} more`] : []),
    ...(cves.length > 0 ? [`fixed: ${cves.join(", ")}`] : []),
  ];
  return { ...summary, verdict, text: lines.join("\n"), failed, cves };
}

function failureLine({ target, failure }: RunTarget): string {
  return `✖ ${target}: ${failure?.stage}: ${failure?.message.split("\n")[0]}`;
}

/**
 * Whether a run is an occasion to call. That somebody else was running is no failure: they give their own account.
 */
export function isOccasion(when: Occasion, { exitCode, targets }: RunSummary): boolean {
  if (when === "always") return true;
  if (when === "fixes") return fixedIn(targets).size > 0;
  return exitCode !== 0 && exitCode !== 3;
}
