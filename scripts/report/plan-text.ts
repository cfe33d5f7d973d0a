import { daysUntil } from "../catalog/end-of-life.ts";
import { isDue, type PlannedTarget, unknownIn } from "../plan/plan.ts";
import { groupUnavailable } from "../plan/platforms.ts";
import { describeReason } from "../plan/reason.ts";
import { typed } from "../system/started.ts";
import { count, formatProse, formatTable } from "./format.ts";

/** How many targets one line names, and how many reasons a brief text has for a platform's absence. */
const NAMED = 3;

/**
 * A plan as a person reads it: each target that is due, with its reasons; what cannot be built, and why; and
 * what is about to end.
 *
 * @param brief where what is unavailable need only be counted
 * @param width of a line, in characters; undefined where there is no bound
 */
export function planText(
  planned: readonly PlannedTarget[],
  today: Date,
  { brief = false, width }: { brief?: boolean; width?: number | undefined } = {},
): string {
  const due = planned.filter((one) => isDue(one));
  const unavailable = planned.filter(({ obstacle }) => obstacle?.excused);
  const rows = due.map(({ target, reasons }) => [
    target.name,
    reasons.map((one) => describeReason(one)).join("; "),
  ]);
  const sections = [
    due.length > 0 ? formatTable([["TARGET", "REASON"], ...rows], width) : "",
    brief ? "" : unavailableText(unavailable, width),
    formatProse(platformsText(brief ? due : planned, brief), width),
    formatProse(mistakesText(planned), width),
    heldText(planned, width),
    formatProse(unknownText(planned), width),
    formatProse(endingText(planned, today), width),
    formatProse(tallyText(planned, due.length, unavailable.length), width),
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
      obstacle && !obstacle.excused ? [`${target.place}: ${target.name}: ${obstacle.text}`] : [],
    )
    .join("\n");
}

/** Platforms that images do without, each reason once: none is a failure. */
function platformsText(planned: readonly PlannedTarget[], brief: boolean): string {
  const groups = groupUnavailable(planned);
  const shown = brief ? groups.slice(0, NAMED) : groups;
  const lines = shown.map(({ platform, because, advice, targets }) => {
    const names = targets.slice(0, NAMED).join(", ");
    const more = targets.length > NAMED ? ` and ${targets.length - NAMED} more` : "";
    return `${names}${more}: skipping ${platform} (${because})${advice === undefined ? "" : `\n→ ${advice}`}`;
  });
  const rest = groups.slice(shown.length).flatMap(({ targets }) => targets).length;
  const unsaid =
    rest > 0 ? [`and ${count(rest, "target")} more without a platform: see ${typed("plan")}`] : [];
  return [...lines, ...unsaid].join("\n");
}

/** What an image's policy does not let count: the world moved, and the image stays as it is. */
function heldText(planned: readonly PlannedTarget[], width: number | undefined): string {
  const rows = planned
    .filter((one) => one.held.length > 0 && !isDue(one))
    .flatMap(({ target, held }) =>
      held.map(({ reason, because }) => [target.name, `${because}: ${describeReason(reason)}`]),
    );
  return rows.length === 0 ? "" : formatTable([["HELD", "BECAUSE"], ...rows], width);
}

/** What could not be found out: each once, however many targets it leaves unjudged. */
function unknownText(planned: readonly PlannedTarget[]): string {
  return [...unknownIn(planned)]
    .map(([problem, targets]) => `not compared for ${count(targets, "target")}: ${problem}`)
    .join("\n");
}

function unavailableText(unavailable: readonly PlannedTarget[], width: number | undefined): string {
  if (unavailable.length === 0) return "";
  const rows = unavailable.map(({ target, obstacle }) => [target.name, obstacle?.text ?? ""]);
  return formatTable([["UNAVAILABLE", "BECAUSE"], ...rows], width);
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

/** Only what was compared, and is as it should be, is called up to date. */
function tallyText(planned: readonly PlannedTarget[], due: number, unavailable: number): string {
  const blocked = planned.filter(({ obstacle }) => obstacle).length;
  const idle = planned.filter((one) => !isDue(one) && !one.obstacle);
  const isUnjudged = (one: PlannedTarget) => (one.offered?.unknown.length ?? 0) > 0;
  const unjudged = idle.filter((one) => isUnjudged(one)).length;
  const held = idle.filter((one) => one.held.length > 0 && !isUnjudged(one)).length;
  const rest = idle.length - unjudged - held;
  const mistakes = blocked - unavailable;
  const more = [
    ...(held > 0 ? [`${held} held back by policy`] : []),
    ...(unjudged > 0 ? [`${unjudged} not compared`] : []),
    ...(mistakes > 0 ? [`${mistakes} to mend in the catalog`] : []),
    ...(unavailable > 0 ? [`${unavailable} unavailable`] : []),
  ].map((text) => `, ${text}`);
  if (due > 0) return `${count(due, "target")} to rebuild, ${rest} up to date${more.join("")}.`;
  const head = held + unjudged + mistakes > 0 ? "Nothing to rebuild" : "Nothing to do";
  return `${head}: ${count(rest, "target")} up to date${more.join("")}.`;
}
