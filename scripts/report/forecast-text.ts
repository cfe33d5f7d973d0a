import { type Forecast, SECONDS_PER_RELEASE } from "../plan/forecast.ts";
import { isDue, type PlannedTarget } from "../plan/plan.ts";
import { groupBy } from "../system/group.ts";
import { count, formatBytes, formatSeconds } from "../system/shown/format.ts";
import { typed } from "../system/shown/started.ts";
import { releaseNames, someOf } from "./names.ts";

/** What a run is going to take, in a sentence that says what it goes by. Pure. */
export function forecastText({ targets, releases, seconds, bytes, basis, known }: Forecast): string {
  const what = `${count(targets, "target")} of ${count(releases, "version")}`;
  const cost = `about ${aboutSeconds(seconds)}, and at most ${formatBytes(bytes)} of packages and images`;
  const sizes = known === 0 ? "usual sizes" : `the sizes known of ${known} of them`;
  const by =
    basis === "runs"
      ? `by what ${known} of them took in this machine's past runs`
      : `by ${sizes} and ${SECONDS_PER_RELEASE} seconds for each version, as no past run of this machine tells`;
  return `This run: ${what}, ${cost} (${by}).`;
}

/** Nobody knows to the second what takes an hour: `45s`, `5m 30s`, `2h 30m`. */
function aboutSeconds(seconds: number): string {
  const step = seconds < 60 ? 5 : seconds < 600 ? 30 : seconds < 7200 ? 300 : 1800;
  const rounded = Math.max(step, Math.round(seconds / step) * step);
  return rounded < 60 ? `${rounded}s` : formatSeconds(rounded);
}

/** What a run leaves out though it would be built, why, and how to have it. Pure. */
export function leftOutText(planned: readonly PlannedTarget[]): string {
  return [archivedText(planned), limitText(planned), waitingText(planned)]
    .filter((text) => text !== "")
    .join("\n");
}

function archivedText(planned: readonly PlannedTarget[]): string {
  const all = planned.filter(({ leftOut }) => leftOut === "archived");
  const [first, ...others] = releaseNames(all);
  if (first === undefined) return "";
  const named = typed("rebuild", [first]);
  return `left out, as they have ended and are not published: ${count(all.length, "target")} of ${someOf([first, ...others])}\n→ name a version to build it (${named}), or write archived: true in the catalog to have them all`;
}

/** What `--limit` leaves for later runs. Pure. */
export function limitText(planned: readonly PlannedTarget[]): string {
  const all = planned.filter(({ leftOut }) => leftOut === "limit");
  if (all.length === 0) return "";
  const names = releaseNames(all);
  const done = releaseNames(planned.filter((one) => isDue(one))).length;
  return `left for later runs by --limit ${done}: ${count(all.length, "target")} of ${count(names.length, "version")}: ${someOf(names)}`;
}

/** What failed run after run and is not tried again yet. */
function waitingText(planned: readonly PlannedTarget[]): string {
  const all = planned.flatMap(({ target, waiting }) => (waiting ? [{ name: target.name, ...waiting }] : []));
  const [first] = all;
  if (!first) return "";
  const day = (time: Date) => time.toISOString().slice(0, 10);
  const lines = [...groupBy(all, ({ runs, since, until }) => `${runs} ${since} ${day(until)}`).values()].map(
    ([one, ...others]) =>
      `waits, as it failed ${one.runs} runs in a row since ${one.since.slice(0, 10)}: ` +
      `${someOf([one, ...others].map(({ name }) => name))}: tried again on ${day(one.until)}, ` +
      "or as soon as an input or a package of it moves",
  );
  return [...lines, `→ to try it now: ${typed("rebuild", [first.name])}`].join("\n");
}
