import { setTimeout as sleep } from "node:timers/promises";
import { attacksOn, textOf } from "./attacks.ts";

/** Characters of each attack. */
export const LENGTH = 100_000;

/** What one answer may take and not be looked at further, in milliseconds. */
export const LIMIT = 100;

/** What no machine is too slow for: an answer that takes this many limits is too long, however it grows. */
const FAR_TOO_LONG = 20;

/** How much longer four times the text may take. Four is what it would be for work in proportion; sixteen, for a square. */
const GROWTH = 8;

/** How often a text that took too long is looked at again, after a pause of so many milliseconds: others may be at work. */
const LOOKS = 3;
const PAUSE = 500;

/** How often one that took longer is asked again: another process may have had the machine. */
const TRIES = 4;

/**
 * Milliseconds that a work takes for a text of so many characters, if that is too long: more than a limit, and, so that a
 * slow machine is no fault, out of proportion to what a quarter of the text takes. Undefined where it is not.
 */
export async function tooLong(
  work: (text: string) => unknown,
  text: string,
  limit: number,
): Promise<number | undefined> {
  for (let look = 1; ; look++) {
    const time = await tooLongNow(work, text, limit);
    if (time === undefined || time > FAR_TOO_LONG * limit || look === LOOKS) return time;
    await sleep(PAUSE);
  }
}

async function tooLongNow(
  work: (text: string) => unknown,
  text: string,
  limit: number,
): Promise<number | undefined> {
  const whole = await leastTime(() => work(text), limit);
  if (whole <= limit) return undefined;
  if (whole > FAR_TOO_LONG * limit) return whole;
  const quarter = await leastTime(() => work(text.slice(0, text.length / 4)), 0);
  return whole > GROWTH * quarter ? whole : undefined;
}

/** The first text of so many characters that a pattern takes too long for, in words; undefined where none is. */
export async function slowAttack(pattern: RegExp, length = LENGTH): Promise<string | undefined> {
  // As `replace` and `split` use it: wherever it may begin, and again behind each match.
  const everywhere = new RegExp(pattern.source, `${pattern.flags.replace("g", "")}g`);
  for (const attack of attacksOn(pattern)) {
    const time = await tooLong((text) => text.replace(everywhere, ""), textOf(attack, length), LIMIT);
    if (time !== undefined) return `${Math.round(time)} ms for ${JSON.stringify(attack)}`;
  }
  return undefined;
}

/** The least of some tries, in milliseconds of this process's own processor; whatever the work throws is an answer. */
async function leastTime(work: () => unknown, limit: number): Promise<number> {
  let least = Infinity;
  for (let attempt = 0; attempt < TRIES && least > limit; attempt++) {
    const start = process.cpuUsage();
    const since = performance.now();
    try {
      await work();
    } catch {
      // It answered.
    }
    const wall = performance.now() - since;
    const { user, system } = process.cpuUsage(start);
    least = Math.min(least, wall, (user + system) / 1000);
    // What takes seconds is no matter of chance.
    if (limit > 0 && least > FAR_TOO_LONG * limit) break;
  }
  return least;
}
