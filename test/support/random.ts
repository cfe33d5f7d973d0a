/** Numbers that look random, from 0 to below 1, the same for the same seed. Source: mulberry32, by Tommy Ettinger. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The seed of a test: that of the environment, to repeat one, or a new one. */
export function seedOf(env: NodeJS.ProcessEnv): number {
  return Number(env.TEST_SEED ?? Math.floor(Math.random() * 2 ** 32));
}
