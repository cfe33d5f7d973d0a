import type { RunSummary, RunTarget } from "../../model/run.ts";
import { count } from "../../system/shown/format.ts";
import { type FailureGroup, groupFailures, printedBy, whyOf } from "../failure.ts";
import { PERSISTENT_AFTER_RUNS } from "../runs/summarize.ts";
import { linesOf, NAMES, reasonViews } from "./causes.ts";
import { fold, formatDay, shortened } from "./parts.ts";

/** How many failures are told in full, and how many in short behind a click; of the rest only the names. */
const SHOWN = 12;
const TOLD = 100;
/** Characters of a message: in full, and in short. */
const LONG = 6000;
const SHORT = 400;

/** Lines of a message that are seen without a click: what failed comes first, and why at the end. */
const FIRST_LINES = 3;
const LAST_LINES = 12;

/** What failed, with its messages, and what was left because of it, for failures.hbs; undefined where nothing failed. */
export function failuresView(summary: RunSummary) {
  const failed = summary.targets.filter(({ status }) => status === "failed");
  if (failed.length === 0) return undefined;
  const groups = groupFailures(failed, ({ failure, failedRuns }) => ({
    message: failure?.message ?? "",
    stage: failure?.stage ?? "",
    since: String(failedRuns),
  })).sort((a, b) => (b.members[0].failedRuns ?? 0) - (a.members[0].failedRuns ?? 0));
  const { shown, rest, more } = fold(groups, SHOWN, "failure");
  const told = rest.slice(0, TOLD - SHOWN);
  const named = rest.slice(told.length).flatMap(({ members }) => members.map(({ target }) => target));
  const left = leftViews(summary);
  return {
    lede: failedLede(failed),
    cards: {
      shown: shown.map((group) => failureCard(group, LONG)),
      rest: told.map((group) => failureCard(group, SHORT)),
      more,
    },
    named: fold(named, NAMES),
    ...(left.length > 0 && { left }),
  };
}

/** What was left though nothing failed; undefined where something did, or nothing was left. */
export function notDoneView(summary: RunSummary) {
  const left = summary.targets.filter(({ status }) => status === "held" || status === "unstarted");
  if (left.length === 0 || summary.targets.some(({ status }) => status === "failed")) return undefined;
  return { lede: `${count(left.length, "target")}, left for the next run.`, left: leftViews(summary) };
}

/** What nothing is wrong with, but was not done. */
function leftViews({ targets }: RunSummary) {
  return (["held", "unstarted"] as const).flatMap((status) => {
    const names = targets.filter((one) => one.status === status).map(({ target }) => target);
    return names.length > 0 ? [{ heading: HEADINGS[status], names: fold(names, NAMES) }] : [];
  });
}

const HEADINGS = {
  held: "Held back, because its pair failed",
  unstarted: "Not started, or not finished",
};

function failedLede(failed: readonly RunTarget[]): string {
  const stubborn = failed.filter(({ failedRuns = 0 }) => failedRuns >= PERSISTENT_AFTER_RUNS).length;
  const fresh = failed.filter(({ failedRuns }) => failedRuns === 1).length;
  const parts = [
    count(failed.length, "target"),
    ...(fresh > 0 ? [`${fresh} for the first time`] : []),
    ...(stubborn > 0
      ? [`${stubborn} for ${PERSISTENT_AFTER_RUNS} runs or more: somebody has to look at it`]
      : []),
  ];
  return `${parts.join(", ")}.`;
}

/** Targets that failed alike, the message once, for failure.hbs. @param most characters of the message */
function failureCard({ failure: read, members }: FailureGroup<RunTarget>, most: number) {
  const [first] = members;
  const { failure, failedRuns, failingSince } = first;
  const isAlone = members.length === 1;
  const names = members.map(({ target }) => target);
  const printed = shortened(printedBy(read), most);
  return {
    ...(isAlone
      ? { target: first.target }
      : { whom: count(names.length, "target"), names: fold(names, NAMES) }),
    ...(failure && { stage: failure.stage }),
    ...(failedRuns !== undefined && { since: sinceView(failedRuns, failingSince) }),
    message: messageView(shortened(whyOf(read).trim(), most)),
    hints: read.hints,
    ...(printed !== "" && { printed }),
    ...(failure?.repeat !== undefined && { repeat: failure.repeat }),
    ...(isAlone && first.reasons.length > 0 && { reasons: reasonViews(linesOf(first.reasons)) }),
  };
}

/** A message, its middle behind a click where it is long. */
function messageView(message: string) {
  const lines = message.split("\n");
  if (lines.length <= FIRST_LINES + LAST_LINES + 1) return { first: message };
  const middle = lines.slice(FIRST_LINES, -LAST_LINES);
  return {
    first: lines.slice(0, FIRST_LINES).join("\n"),
    lines: `${middle.length} lines between`,
    between: middle.join("\n"),
    last: lines.slice(-LAST_LINES).join("\n"),
  };
}

/** `for 3 runs in a row, since 23 Nov` */
function sinceView(runs: number, since: string | undefined) {
  if (runs <= 1) return { kind: "new", text: "for the first time" };
  const date = since === undefined ? "" : `, since ${formatDay(since)}`;
  return {
    kind: runs >= PERSISTENT_AFTER_RUNS ? "stubborn" : "again",
    text: `for ${runs} runs in a row${date}`,
  };
}
