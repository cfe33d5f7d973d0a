import { daysUntil } from "../model/end-of-life.ts";
import { isDue, isUncompared, notesIn, type PlannedTarget, unknownIn } from "../plan/plan.ts";
import { groupSkipped } from "../plan/platforms.ts";
import { describeReason } from "../plan/reasons.ts";
import { groupBy } from "../system/group.ts";
import { count, formatProse, formatTable } from "../system/shown/format.ts";
import { typed } from "../system/shown/started.ts";
import { leftOutText } from "./forecast-text.ts";
import { NAMED, SOURCE_AWAY, someOf } from "./names.ts";
import { countedTexts } from "./tally.ts";

/** How a plan is told; see `planText`. */
interface PlanTextOptions {
  readonly brief?: boolean;
  readonly newRegistry?: string | undefined;
  readonly width?: number | undefined;
}

/**
 * A plan as a person reads it: each target that is due, with its reasons; what cannot be built, and why; and
 * what is about to end.
 *
 * @param brief where what is unavailable need only be counted, unless few reasons explain it
 * @param newRegistry a registry that was started for this plan, and was empty then: nothing is up to date in it
 * @param width of a line, in characters; undefined where there is no bound
 */
export function planText(
  planned: readonly PlannedTarget[],
  today: Date,
  { brief = false, newRegistry, width }: PlanTextOptions = {},
): string {
  const due = planned.filter((one) => isDue(one));
  const unavailable = planned.filter(({ obstacle }) => obstacle?.excused);
  const leftOut = planned.filter((one) => one.leftOut).length;
  const whyOf = ({ reasons }: PlannedTarget) => reasons.map((one) => describeReason(one)).join("; ");
  const rows = due.map((one) => [one.target.name, whyOf(one)]);
  const sections = [
    due.length > 0 ? formatTable([["TARGET", "REASON"], ...rows], width) : "",
    brief ? formatProse(fewUnavailable(unavailable), width) : unavailableText(unavailable, width),
    formatProse(platformsText(brief ? due : planned, brief), width),
    formatProse(mistakesText(planned), width),
    heldText(planned, width),
    formatProse(unknownText(planned), width),
    formatProse(notesIn(planned).join("\n"), width),
    formatProse(awayText(planned), width),
    formatProse(notesText(planned), width),
    formatProse(endingText(planned, today), width),
    formatProse(leftOutText(planned), width),
    formatProse(
      newRegistry === undefined
        ? tallyText(planned, due.length, unavailable.length)
        : newRegistryText(newRegistry, due.length, unavailable.length, leftOut),
      width,
    ),
  ];
  return sections.filter((section) => section !== "").join("\n\n");
}

/**
 * What the catalog promises and no branch can keep, or this machine cannot without taking something away, each at its
 * place in the catalog.
 */
export function mistakesText(planned: readonly PlannedTarget[]): string {
  return planned
    .flatMap(({ target, obstacle }) =>
      obstacle && !obstacle.excused && !obstacle.isUnknown
        ? [`${target.place}: ${target.name}: ${obstacle.text}`]
        : [],
    )
    .join("\n");
}

/** Platforms that images do without, each reason once, in a brief text only some: none is a failure. */
function platformsText(planned: readonly PlannedTarget[], brief: boolean): string {
  // What is not built at all does without nothing.
  const groups = groupSkipped(planned.filter(({ obstacle }) => !obstacle));
  const shown = brief ? groups.slice(0, NAMED) : groups;
  const lines = shown.map(({ platform, because, advice, targets }) => {
    return `${someOf(targets)}: skipping ${platform} (${because})${advice === undefined ? "" : `\n→ ${advice}`}`;
  });
  const rest = groups.slice(shown.length).flatMap(({ targets }) => targets).length;
  const unsaid =
    rest > 0 ? [`and ${count(rest, "more target")} without a platform: see ${typed("plan")}`] : [];
  return [...lines, ...unsaid].join("\n");
}

/** What an image's policy does not let count: the world moved, and the image stays as it is. */
function heldText(planned: readonly PlannedTarget[], width: number | undefined): string {
  const rows = planned
    .filter((one) => one.held.length > 0 && !isDue(one))
    .flatMap(({ target, held }) =>
      [...groupBy(held, ({ because }) => because)].map(([because, group]) => {
        const reasons = group.map(({ reason }) => describeReason(reason));
        return [target.name, `${because}; would be rebuilt for: ${reasons.join("; ")}`];
      }),
    );
  return rows.length === 0 ? "" : formatTable([["HELD", "BECAUSE"], ...rows], width);
}

/** What could not be found out: each once, however many targets it leaves unjudged. */
function unknownText(planned: readonly PlannedTarget[]): string {
  return [...unknownIn(planned)]
    .map(([problem, targets]) => `${count(targets, "target")} not compared: ${problem}`)
    .join("\n");
}

/**
 * What is due and not started, since what it would be made of cannot be read: the cause stands above where it was
 * compared, and here only for versions that have ended, which are not.
 */
export function awayText(planned: readonly PlannedTarget[]): string {
  const told = unknownIn(planned);
  const away = planned.flatMap(({ target, obstacle }) =>
    obstacle?.isUnknown ? [{ name: target.name, problem: obstacle.problem ?? obstacle.text }] : [],
  );
  return [...groupBy(away, ({ problem }) => problem)]
    .map(([problem, group]) => {
      const why = told.has(problem) ? SOURCE_AWAY : problem;
      return `not started: ${someOf(group.map(({ name }) => name))}: ${why}`;
    })
    .join("\n");
}

/** What a maintainer should know: each once, with the targets that it is about. */
function notesText(planned: readonly PlannedTarget[]): string {
  const all = planned.flatMap(({ target: { name }, notes = [] }) => notes.map((note) => ({ name, note })));
  return [...groupBy(all, ({ note }) => note)]
    .map(([note, group]) => `note: ${someOf(group.map(({ name }) => name))}: ${note}`)
    .join("\n");
}

function unavailableText(unavailable: readonly PlannedTarget[], width: number | undefined): string {
  if (unavailable.length === 0) return "";
  const rows = unavailable.map(({ target, obstacle }) => [target.name, obstacle?.text ?? ""]);
  return formatTable([["UNAVAILABLE", "BECAUSE"], ...rows], width);
}

/** Each reason once, with some of the targets; nothing where a catalog that is far larger than its mirror has many. */
function fewUnavailable(unavailable: readonly PlannedTarget[]): string {
  const groups = groupBy(unavailable, ({ obstacle }) => obstacle?.text ?? "");
  if (groups.size > NAMED) return "";
  return [...groups]
    .map(([because, group]) => `unavailable: ${someOf(group.map(({ target }) => target.name))}: ${because}`)
    .join("\n");
}

/** One line for both variants: they end together. */
export function endingText(planned: readonly PlannedTarget[], today: Date): string {
  return planned
    .filter(({ target, support }) => support === "ending" && target.variant === "runtime")
    .map(({ target: { name, endOfLife = "" } }) => {
      const days = count(daysUntil(endOfLife, today), "day");
      return `${name} reaches end of life on ${endOfLife} (${days}) and will not be rebuilt after that.`;
    })
    .join("\n");
}

function newRegistryText(host: string, due: number, unavailable: number, leftOut: number): string {
  const sum = due === 0 ? "Nothing can be built now" : `${count(due, "target")} to rebuild`;
  const told = [sum, ...countedTexts({ unavailable, "left out": leftOut })].join(", ");
  return `The registry at ${host} was started just now and is empty.\n${told}.`;
}

/** Only what was compared, and is as it should be, is called up to date. */
function tallyText(planned: readonly PlannedTarget[], due: number, unavailable: number): string {
  const blocked = planned.filter(({ obstacle }) => obstacle).length;
  const idle = planned.filter((one) => !isDue(one) && !one.obstacle && !one.leftOut);
  const unjudged = idle.filter((one) => isUncompared(one)).length;
  const held = idle.filter((one) => one.held.length > 0 && !isUncompared(one)).length;
  const away = planned.filter(({ obstacle }) => obstacle?.isUnknown).length;
  const rest = idle.length - unjudged - held;
  const mistakes = blocked - unavailable - away;
  const more = countedTexts({
    "held back": held,
    "not compared": unjudged,
    "to fix in the catalog": mistakes,
    unavailable,
    "not started": away,
    "left out": planned.filter((one) => one.leftOut).length,
  });
  const told = ["up to date", ...more].join(", ");
  if (due > 0) return `${count(due, "target")} to rebuild, ${rest} ${told}.`;
  const idleText = held + unjudged + mistakes > 0 ? "Nothing to rebuild" : "Nothing to do";
  return `${away > 0 ? "Nothing could be started" : idleText}: ${count(rest, "target")} ${told}.`;
}
