import { formatBytes } from "../../system/shown/format.ts";
import type { Build } from "./builds.ts";
import { dayOf } from "./words.ts";

/** The drawing's own units: it is stretched to the room there is. */
const WIDTH = 1000;
const HEIGHT = 100;
/** Of the height, above what is highest. */
const ROOM = 0.12;

/**
 * Sizes over time against the budget, as a line of steps for size-chart.hbs: an image weighs the same from one build to
 * the next. Undefined where fewer than two builds say what they weigh. Pure.
 * @param budget bytes; undefined where there is none
 */
export function sizeChart(name: string, builds: readonly Build[], budget: number | undefined) {
  const points = builds
    .flatMap(({ created, compressed }) =>
      compressed === undefined ? [] : [{ at: created, bytes: compressed }],
    )
    .reverse();
  const [first] = points;
  const last = points.at(-1);
  if (!first || !last || points.length < 2) return undefined;
  const most = Math.max(budget ?? 0, ...points.map(({ bytes }) => bytes));
  const span = Math.max(1, last.at.getTime() - first.at.getTime());
  // The last build goes on: some of the width is its.
  const across = (at: Date) => ((at.getTime() - first.at.getTime()) / span) * WIDTH * 0.94;
  const up = (bytes: number) => HEIGHT - (bytes / (most * (1 + ROOM))) * HEIGHT;
  const steps = points.map(({ at, bytes }, index) => {
    const height = rounded(up(bytes));
    return index === 0 ? `M0 ${height}` : `H${rounded(across(at))}V${height}`;
  });
  const line = `${steps.join("")}H${WIDTH}`;
  return {
    title: `${name}: from ${formatBytes(first.bytes)} on ${dayOf(first.at)} to ${formatBytes(last.bytes)} on ${dayOf(last.at)}, in ${points.length} builds`,
    line,
    area: `${line}V${HEIGHT}H0Z`,
    ...(budget !== undefined && { budget: rounded(up(budget)), budgetText: `budget ${formatBytes(budget)}` }),
    from: dayOf(first.at),
    to: dayOf(last.at),
    now: formatBytes(last.bytes),
    name,
  };
}

function rounded(value: number): number {
  return Number(value.toFixed(1));
}
