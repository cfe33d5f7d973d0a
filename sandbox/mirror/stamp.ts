/** What a mirror holds: the languages in it, and the tables that they were made by. */
export interface Stamp {
  readonly languages: readonly string[];
  /** As it stands in the mirror: the hash of the tables, then the languages. */
  readonly text: string;
}

/**
 * The stamp that a mirror must have. One made by the same tables is never shrunk: it keeps its languages, and
 * gets those it lacks. One made by other tables is made anew, with what is asked for now.
 * @param standing the stamp that is there; empty where there is none
 */
export function nextStamp(standing: string, tables: string, asked: readonly string[]): Stamp {
  const [standingTables, ...held] = standing.trim().split(" ");
  const kept = standingTables === tables ? held : [];
  const languages = [...new Set([...kept, ...asked])].sort();
  return { languages, text: `${[tables, ...languages].join(" ")}\n` };
}
