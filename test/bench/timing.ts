/** The middle one of several numbers; of an even count, the upper of the two. @throws Error when there is none */
export function median(values: readonly number[]): number {
  const middle = values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
  if (middle === undefined) throw new Error("there is no median of nothing");
  return middle;
}

/** The smallest of several numbers: of work that only the processor does, what others on it took no part of. */
export function best(values: readonly number[]): number {
  return Math.min(...values);
}

/**
 * Does several things in turn, round after round: what else the machine is busy with at a time then falls on
 * all of them alike. The first round is to warm up, and counts for nothing.
 * @param things name → what to do; it gives what was measured
 * @returns name → what each round gave
 */
export async function interleave<Name extends string, Measured>(
  things: Readonly<Record<Name, () => Measured | Promise<Measured>>>,
  rounds: number,
): Promise<Record<Name, Measured[]>> {
  const names = Object.keys(things) as Name[];
  const all = Object.fromEntries(names.map((name) => [name, [] as Measured[]])) as Record<Name, Measured[]>;
  for (let round = 0; round <= rounds; round++) {
    for (const name of names) {
      const measured = await things[name]();
      if (round > 0) all[name].push(measured);
    }
  }
  return all;
}

/** How long something takes, in milliseconds. */
export async function timed(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
