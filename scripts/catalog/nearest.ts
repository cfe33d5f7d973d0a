/**
 * How many letters must be put in, left out, changed or swapped with their neighbour to make `a` into `b`
 * (the "optimal string alignment" distance: a swap, the commonest slip of the fingers, counts as one).
 */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = at(last, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? at(beforeLast, j - 2) + 1 : Infinity;
      row.push(Math.min(at(last, j) + 1, at(row, j - 1) + 1, changed, swapped));
    }
    [beforeLast, last] = [last, row];
  }
  return at(last, b.length);
}

/** A cell of the table; outside of it nothing can be reached. */
function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity;
}

/** A longer word is no slip of the fingers. */
const LONGEST = 200;

/**
 * The words a misspelt one may have been meant to be: those at the least distance, if that is within a
 * third of the longer word's length. Empty when none is near.
 */
export function nearest(word: string, words: readonly string[]): string[] {
  if (word.length > LONGEST) return [];
  const rated = words
    .filter(({ length }) => Math.abs(length - word.length) <= Math.max(word.length, length) / 3)
    .map((candidate) => ({ candidate, distance: editDistance(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ candidate, distance }) => distance <= Math.max(word.length, candidate.length) / 3);
  const least = Math.min(...rated.map(({ distance }) => distance));
  return rated.filter(({ distance }) => distance === least).map(({ candidate }) => candidate);
}

/** The end of a message: `; did you mean "packages"?`, or nothing when no word is near. */
export function didYouMean(word: string, words: readonly string[]): string {
  const near = nearest(word, words).map((candidate) => JSON.stringify(candidate));
  return near.length === 0 ? "" : `; did you mean ${near.join(" or ")}?`;
}
