import { UserError } from "../system/errors.ts";
import { quotedStart } from "../system/shown/clean-text.ts";

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
export function renderProblem(problem: CatalogProblem): string {
  const { file, line, column, subject, message } = problem;
  return [`${file}:${line}:${column}`, ...(subject === "" ? [] : [oneLine(subject)]), message].join(": ");
}

/** A subject that is longer than a glance, or has lines, as a message shows any such text. */
function oneLine(subject: string): string {
  return /^.{1,60}$/.test(subject) ? subject : quotedStart(subject);
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
