/** How long a deadline is written: hours, minutes and seconds, each at most once and in this order. */
const DURATION = /^(?:(\d{1,4})h)?(?:(\d{1,5})m)?(?:(\d{1,6})s)?$/;

/** `1h30m` in seconds; undefined where a text is no such duration, or is `0s`. */
export function secondsOf(text: string): number | undefined {
  const [, hours = "0", minutes = "0", seconds = "0"] = DURATION.exec(text) ?? [];
  const sum = (Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds);
  return sum > 0 ? sum : undefined;
}

/** Seconds as `1h30m`. */
export function durationOf(seconds: number): string {
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part, index) => (part > 0 ? `${part}${"hms"[index]}` : "")).join("");
}

/**
 * Tells whether some time from now has passed.
 * @param seconds undefined for one that never does
 * @param now milliseconds, of a clock that only goes forward
 */
export function passesAfter(
  seconds: number | undefined,
  now: () => number = () => performance.now(),
): () => boolean {
  if (seconds === undefined) return () => false;
  const end = now() + seconds * 1000;
  return () => now() >= end;
}
