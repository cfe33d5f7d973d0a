import type { Failing, Waiting } from "../model/run.ts";
import { releaseOf, type Target } from "../model/target.ts";
import type { PlannedTarget } from "./plan.ts";

/**
 * What failed again and again is not tried every night, for nobody mends it by building it: the pauses grow. Whatever it
 * is made of has moved, it is tried at once. All functions here are pure.
 */

/** From so many failures on it waits. */
const PATIENCE = 3;

const HOUR = 60 * 60 * 1000;

/** The longest pause. */
const LONGEST = 7 * 24 * HOUR;

/** A nightly run does not begin to the minute. */
const EARLY = 6 * HOUR;

/**
 * Whether a target waits: for as long as it has been failing already, at most a week.
 * @param fingerprint what it would be made of now; one that is not known waits for nothing
 * @param now milliseconds since 1970
 */
export function waitingOf(
  failing: Failing,
  fingerprint: string | undefined,
  now: number,
): Waiting | undefined {
  const { runs, since } = failing;
  const hasMoved = fingerprint === undefined || fingerprint !== failing.fingerprint;
  if (runs < PATIENCE || hasMoved) return undefined;
  const last = Date.parse(failing.last);
  const until = new Date(last + Math.min(last - Date.parse(since), LONGEST) - EARLY);
  return now < until.getTime() ? { runs, since, until } : undefined;
}

/** Leaves out the releases of which one target waits: all variants of a version are published together. */
export function withWaiting(
  planned: readonly PlannedTarget[],
  waiting: ReadonlyMap<Target["name"], Waiting>,
): PlannedTarget[] {
  const stopped = new Set(
    planned.flatMap(({ target }) => (waiting.has(target.name) ? [releaseOf(target)] : [])),
  );
  return planned.map((one) => {
    if (!stopped.has(releaseOf(one.target)) || one.reasons.length === 0) return one;
    const own = waiting.get(one.target.name);
    return { ...one, leftOut: "waiting", ...(own && { waiting: own }) };
  });
}
