import { LATENCY_DAYS, type Latency } from "../model/latency.ts";
import { count } from "../system/shown/format.ts";

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];

/** A time between two looks, as coarse as these are: `25 minutes`, `7 hours`, `3.2 days`. @param ms milliseconds */
export function formatWait(ms: number): string {
  if (ms < HOUR) return count(Math.round(ms / MINUTE), "minute");
  if (ms < 2 * DAY) return count(Math.round(ms / HOUR), "hour");
  return `${Number((ms / DAY).toFixed(1))} days`;
}

/** How long fixes take, in a sentence or two. */
export function latencyText({ published, p50, p95, waiting, longestWaiting }: Latency): string {
  const took =
    p50 === undefined || p95 === undefined
      ? `No fix of Alpine's was published in ${LATENCY_DAYS} days, as far as ledgers tell.`
      : `From Alpine's fix to ours: half within ${formatWait(p50)}, 95 of 100 within ${formatWait(p95)} ` +
        `(${published} in ${LATENCY_DAYS} days).`;
  const waits =
    longestWaiting === undefined
      ? ""
      : ` ${waiting} still ${waiting === 1 ? "waits" : "wait"}, the longest for ${formatWait(longestWaiting)}.`;
  return took + waits;
}

/** The same for scripts: times in whole seconds, null where there is none. */
export function latencyJson({ published, p50, p95, waiting, longestWaiting }: Latency) {
  const seconds = (ms: number | undefined) => (ms === undefined ? null : Math.round(ms / 1000));
  return {
    published,
    p50Seconds: seconds(p50),
    p95Seconds: seconds(p95),
    waiting,
    longestWaitingSeconds: seconds(longestWaiting),
  };
}
