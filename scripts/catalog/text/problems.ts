import { UserError } from "../../system/errors.ts";
import { quotedStart } from "../../system/shown/clean-text.ts";

/** One mistake in a catalog file. */
export interface CatalogProblem {
  /** The catalog file, as it was named. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** The key, item or word that is wrong, such as `pakcages`; empty where it is the file as a whole. */
  readonly subject: string;
  /** What stands there, what was expected, what to do. */
  readonly message: string;
}

/** Something wrong with the text, at so many characters from its beginning. */
export interface Mistake {
  readonly offset: number;
  readonly subject: string;
  readonly message: string;
}

/** A catalog with mistakes in it: all of them, in the order of the file. */
export class CatalogError extends UserError {
  constructor(readonly problems: readonly CatalogProblem[]) {
    super(problems.map((one) => renderProblem(one)).join("\n"));
  }
}

/** `catalog.yaml:12:5: pakcages: unknown key, …`: the form that editors and terminals make a link of. */
function renderProblem({ file, line, column, subject, message }: CatalogProblem): string {
  // One that is longer than a glance, or has lines, is shown as messages show any such text.
  const shown = /^.{0,60}$/.test(subject) ? subject : quotedStart(subject);
  return [`${file}:${line}:${column}`, ...(subject === "" ? [] : [shown]), message].join(": ");
}

/** In the order of the file, and at one place only the first: what follows there is its consequence. */
export function orderProblems(problems: readonly CatalogProblem[]): CatalogProblem[] {
  const firsts = new Map<string, CatalogProblem>();
  for (const problem of problems) {
    const place = `${problem.line}:${problem.column}`;
    if (!firsts.has(place)) firsts.set(place, problem);
  }
  return [...firsts.values()].sort((a, b) => a.line - b.line || a.column - b.column);
}

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
