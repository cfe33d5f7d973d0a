/**
 * Whether what is slow and rare is tested whole, as `make soak` does and CI once a week: every version of every image, a
 * month of nights, many rounds of what is random. Otherwise a part is, in which each kind of it happens.
 */
export const SOAK = process.env.BIRDHOUSE_TEST_SOAK === "1";

/** How many rounds, nights or versions a test has. @param part without soak */
export function soaked(whole: number, part: number): number {
  return SOAK ? whole : part;
}
