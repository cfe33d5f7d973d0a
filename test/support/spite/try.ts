import { attacksOn, textOf } from "./attacks.ts";

/** Characters of each attack. */
export const LENGTH = 100_000;

/** The most that one answer may take, in milliseconds. */
export const LIMIT = 100;

/** How often one that took longer is asked again: another process may have had the machine. */
const TRIES = 4;

/** How long something takes, in milliseconds of its own processor: the least of some tries, if the first is long. */
export function timeOf(work: () => void): number {
  let least = Infinity;
  for (let attempt = 0; attempt < TRIES && least > LIMIT; attempt++) {
    const start = process.cpuUsage();
    const since = performance.now();
    work();
    const wall = performance.now() - since;
    const { user, system } = process.cpuUsage(start);
    least = Math.min(least, wall, (user + system) / 1000);
    // What takes seconds is no matter of chance.
    if (least > 20 * LIMIT) break;
  }
  return least;
}

/** The first text, of LENGTH characters, that a pattern takes more than LIMIT for, in words; undefined where none is. */
export function slowAttack(pattern: RegExp): string | undefined {
  // As `replace` and `split` use it: wherever it may begin, and again behind each match.
  const everywhere = new RegExp(pattern.source, `${pattern.flags.replace("g", "")}g`);
  for (const attack of attacksOn(pattern)) {
    const text = textOf(attack, LENGTH);
    const time = timeOf(() => text.replace(everywhere, ""));
    if (time > LIMIT) return `${Math.round(time)} ms for ${JSON.stringify(attack)}`;
  }
  return undefined;
}

/** As timeOf, of something that may answer later; whatever it throws is an answer. */
export async function timeOfAnswer(work: () => unknown, limit: number): Promise<number> {
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
    if (least > 20 * limit) break;
  }
  return least;
}
