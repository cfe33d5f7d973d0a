import type { NotifyView } from "../../catalog/notify-view.ts";
import type { RunSummary, RunTarget } from "../../model/run.ts";
import type { Occasion } from "../../model/webhook.ts";
import { shown } from "../../system/shown/output.ts";
import { type FailureGroup, groupFailures } from "../failure.ts";
import { calledOut, fixedIn, verdictOf } from "../run-verdict.ts";

/** How many failures the text names. */
const NAMED = 10;

/** What a template sees of a run. Pure. */
export function viewOf(summary: RunSummary): NotifyView {
  const failed = summary.targets.filter(({ status }) => status === "failed");
  const cves = [...fixedIn(summary.targets).keys()].sort();
  const verdict = verdictOf(summary);
  const groups = groupFailures(failed, ({ failure }) => ({ message: "", stage: "", ...failure }));
  const more = groups.slice(NAMED).flatMap(({ members }) => members).length;
  const lines = [
    `Birdhouse, ${summary.registry}: ${verdict}`,
    ...calledOut(summary.targets).map((text) => `‼ ${text}`),
    ...groups.slice(0, NAMED).map((group) => failureLine(group)),
    ...(more > 0 ? [`✖ ${more} more`] : []),
    ...(cves.length > 0 ? [`fixed: ${cves.join(", ")}`] : []),
  ];
  return cleanView({ ...summary, verdict, text: lines.join("\n"), failed, cves });
}

/** One cause, with the targets that it stops. */
function failureLine({ failure, members }: FailureGroup<RunTarget>): string {
  const [{ target, failure: first }] = members;
  const whom = members.length === 1 ? target : `${target} and ${members.length - 1} more`;
  return `✖ ${whom}: ${first?.stage}: ${failure.cause}`;
}

/** Whatever a template takes of a view can be shown: it is cleaned, and has no secret in it. */
function cleanView<T>(value: T): T {
  return cleaned(value) as T;
}

function cleaned(value: unknown): unknown {
  if (typeof value === "string") return shown(value);
  if (Array.isArray(value)) return value.map((one) => cleaned(one));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, cleaned(one)]));
}

/**
 * Whether a run is an occasion to call. That somebody else was running is no failure: they give their own account.
 */
export function isOccasion(when: Occasion, { exitCode, targets }: RunSummary): boolean {
  if (when === "always") return true;
  if (when === "fixes") return fixedIn(targets).size > 0;
  return exitCode !== 0 && exitCode !== 3;
}
