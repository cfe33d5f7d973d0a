/** The types of variables.mjs, for tests: the file itself is read by Node as it stands. */
export class VariableError extends Error {}
export function wordsOf(verb: string, env: Readonly<Record<string, string | undefined>>): string[];
export function splitWords(text: string): string[];
