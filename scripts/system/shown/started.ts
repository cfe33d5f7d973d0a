/**
 * A command as the reader can type it: `make list` where make started us, `npm run -s birdhouse -- list` elsewhere, for
 * there is no program called `birdhouse`. Only for words that need no quotes in a shell.
 * @param only the targets, which make takes in ONLY
 */
export function typed(
  verb: string,
  only: readonly string[] = [],
  options: readonly string[] = [],
  env: NodeJS.ProcessEnv = process.env,
): string {
  // Make tells what it starts how deep it is nested.
  const isByMake = Number(env.MAKELEVEL ?? 0) > 0 && MADE.includes(verb);
  if (!isByMake) return ["npm run -s birdhouse --", verb, ...only, ...options].join(" ");
  return `make ${verb}${variable("ONLY", only)}${variable("ARGS", options)}`;
}

/** The verbs that make hands on with the same words; others have variables of their own there. */
const MADE = `check list render plan update explain rebuild build smoke publish inspect history rollback prune
  sizes runs doctor clean`.split(/\s+/);

/** ` ONLY="node:22 lua"`; nothing where there are no words. */
function variable(name: string, words: readonly string[]): string {
  const text = words.join(" ");
  if (text === "") return "";
  return ` ${name}=${/[ '"]/.test(text) ? `"${text}"` : text}`;
}
