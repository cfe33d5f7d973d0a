/** What a registry asks for with status 401 (RFC 9110, section 11.6.1). */
export interface Challenge {
  /** In lower case: `bearer`, `basic`. */
  readonly scheme: string;
  /** Names in lower case: `realm`, `service`, `scope`. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** One `name=value`, or a word that begins a challenge; commas and white space between them. */
const TOKEN = /([A-Za-z0-9!#$%&'*+.^_`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+)))?/g;

/** Reads a `WWW-Authenticate` header, which may hold several challenges. */
export function parseChallenges(header: string): Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  for (const [, word = "", quoted, bare] of header.matchAll(TOKEN)) {
    const value = quoted?.replace(/\\(.)/g, "$1") ?? bare;
    if (value === undefined) {
      challenges.push({ scheme: word.toLowerCase(), parameters: {} });
    } else {
      const current = challenges.at(-1);
      if (current) current.parameters[word.toLowerCase()] = value;
    }
  }
  return challenges;
}
