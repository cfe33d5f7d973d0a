import type { RunSummary, RunTarget } from "../../model/run.ts";
import { count } from "../../system/shown/format.ts";
import { type Failure, readFailure } from "../failure.ts";
import { CALLED_OUT } from "../runs/summarize.ts";
import { groupBy } from "../tally.ts";
import { linesOf, NAMES, type ReasonView, reasonViews } from "./causes.ts";
import { type Folded, fold, formatDay, shortened } from "./parts.ts";

/** What failed, with its messages, and what was left because of it: as failures.hbs shows it. */
export interface FailuresView {
  readonly lede: string;
  readonly cards: Folded<FailureCard>;
  /** Of what is beyond those that are told, the names. */
  readonly named: Folded<string>;
  readonly left?: readonly LeftView[];
}

/** Targets that failed alike, the message once. */
interface FailureCard {
  /** The target that failed; of several, how many. */
  readonly target?: string;
  readonly whom?: string;
  readonly names?: Folded<string>;
  readonly stage?: string;
  readonly since?: { readonly kind: string; readonly text: string };
  readonly message: MessageView;
  readonly hints: readonly string[];
  readonly printed?: string;
  readonly repeat?: string;
  readonly reasons?: readonly ReasonView[];
}

/** A message, its middle behind a click where it is long. */
interface MessageView {
  readonly first: string;
  readonly lines?: string;
  readonly between?: string;
  readonly last?: string;
}

/** What nothing is wrong with, but was not done. */
interface LeftView {
  readonly heading: string;
  readonly names: Folded<string>;
}

/** How many failures are told in full, and how many in short behind a click; of the rest only the names. */
const SHOWN = 12;
const TOLD = 100;
/** Characters of a message: in full, and in short. */
const LONG = 6000;
const SHORT = 400;

/** Lines of a message that are seen without a click: what failed comes first, and why at the end. */
const FIRST_LINES = 3;
const LAST_LINES = 12;

/** Undefined where nothing failed. */
export function failuresView(summary: RunSummary): FailuresView | undefined {
  const failed = summary.targets.filter(({ status }) => status === "failed");
  if (failed.length === 0) return undefined;
  const groups = groupBy(failed, ({ failure, failedRuns }) => {
    const { cause, detail, hints } = readFailure(failure?.message ?? "");
    return JSON.stringify([failure?.stage, cause, detail, hints, failedRuns]);
  }).sort(([a], [b]) => (b.failedRuns ?? 0) - (a.failedRuns ?? 0));
  const { shown, rest, more } = fold(groups, SHOWN, "failure");
  const told = rest.slice(0, TOLD - SHOWN);
  const named = rest.slice(told.length).flatMap((group) => group.map(({ target }) => target));
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
export function notDoneView(summary: RunSummary): { lede: string; left: readonly LeftView[] } | undefined {
  const left = summary.targets.filter(({ status }) => status === "held" || status === "unstarted");
  if (left.length === 0 || summary.targets.some(({ status }) => status === "failed")) return undefined;
  return { lede: `${count(left.length, "target")}, left for the next run.`, left: leftViews(summary) };
}

function leftViews({ targets }: RunSummary): LeftView[] {
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
  const stubborn = failed.filter(({ failedRuns = 0 }) => failedRuns >= CALLED_OUT).length;
  const fresh = failed.filter(({ failedRuns }) => failedRuns === 1).length;
  const parts = [
    count(failed.length, "target"),
    ...(fresh > 0 ? [`${fresh} for the first time`] : []),
    ...(stubborn > 0 ? [`${stubborn} for ${CALLED_OUT} runs or more: somebody has to look at it`] : []),
  ];
  return `${parts.join(", ")}.`;
}

function failureCard(group: readonly [RunTarget, ...RunTarget[]], most: number): FailureCard {
  const [first] = group;
  const { failure, failedRuns, failingSince } = first;
  const isAlone = group.length === 1;
  const read = readFailure(failure?.message ?? "");
  const printed = shortened(printedOf(read), most);
  const why = read.detail === undefined ? read.cause : `${read.cause}\n${read.detail}`;
  return {
    ...(isAlone ? { target: first.target } : { whom: count(group.length, "target") }),
    ...(!isAlone && {
      names: fold(
        group.map(({ target }) => target),
        NAMES,
      ),
    }),
    ...(failure && { stage: failure.stage }),
    ...(failedRuns !== undefined && { since: sinceView(failedRuns, failingSince) }),
    message: messageView(shortened(why.trim(), most)),
    hints: read.hints,
    ...(printed !== "" && { printed }),
    ...(failure?.repeat !== undefined && { repeat: failure.repeat }),
    ...(isAlone && first.reasons.length > 0 && { reasons: reasonViews(linesOf(first.reasons)) }),
  };
}

/** What a program printed, and the command it was started by. */
function printedOf({ log = "", command }: Failure): string {
  return [log, ...(command === undefined ? [] : [`the command was: ${command}`])].join("\n").trim();
}

function messageView(message: string): MessageView {
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
function sinceView(runs: number, since: string | undefined): { kind: string; text: string } {
  if (runs <= 1) return { kind: "new", text: "for the first time" };
  const date = since === undefined ? "" : `, since ${formatDay(since)}`;
  return { kind: runs >= CALLED_OUT ? "stubborn" : "again", text: `for ${runs} runs in a row${date}` };
}
