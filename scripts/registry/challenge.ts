import { HEADER_LIMIT } from "../system/http/limits.ts";

/** What a registry asks for with status 401 (RFC 9110, section 11.6.1). */
export interface Challenge {
  /** In lower case: `bearer`, `basic`. */
  readonly scheme: string;
  /** Names in lower case: `realm`, `service`, `scope`. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** What stands at a place of a header; each of them reads a character once. */
const GAP = /[\s,]+/y;
const WORD = /[A-Za-z0-9!#$%&'*+.^_`|~-]+/y;
const EQUALS = /\s*=\s*/y;
const QUOTED = /"([^"\\]*(?:\\.[^"\\]*)*)"/sy;
const BARE = /[^\s,"]+/y;

/**
 * Reads a `WWW-Authenticate` header, which may hold several challenges: words that begin one, and `name=value`. What
 * can be neither ends it.
 */
export function parseChallenges(whole: string): Challenge[] {
  const header = whole.slice(0, HEADER_LIMIT);
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  let at = 0;
  /** What a pattern finds here, which is then behind us. */
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(header) ?? undefined;
    at += found?.[0].length ?? 0;
    return found;
  };
  for (take(GAP); at < header.length; take(GAP)) {
    const word = take(WORD)?.[0].toLowerCase();
    if (word === undefined) break;
    if (!take(EQUALS)) {
      challenges.push({ scheme: word, parameters: Object.create(null) });
      continue;
    }
    const value = take(QUOTED)?.[1]?.replace(/\\(.)/gs, "$1") ?? take(BARE)?.[0];
    const current = challenges.at(-1);
    if (current && value !== undefined) current.parameters[word] = value;
  }
  return challenges;
}
