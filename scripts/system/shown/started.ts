/**
 * How the command line was started, so that advice can be typed as it stands: there is no program called `birdhouse`.
 */

/**
 * A command as the reader can type it: `make list` where make started us, `npm run -s birdhouse -- list` elsewhere.
 * Only for words that need no quotes in a shell.
 * @param verb of the command line
 * @param only the targets, which make takes in ONLY
 * @param options further words
 */
export function typed(
  verb: string,
  only: readonly string[] = [],
  options: readonly string[] = [],
  env: NodeJS.ProcessEnv = process.env,
): string {
  if (!isMake(env) || !MADE.has(verb)) {
    return ["npm run -s birdhouse --", verb, ...only, ...options].join(" ");
  }
  return [
    `make ${verb}`,
    ...(only.length > 0 ? [`ONLY=${quoted(only.join(" "))}`] : []),
    ...(options.length > 0 ? [`ARGS=${quoted(options.join(" "))}`] : []),
  ].join(" ");
}

/** The verbs that make hands on with the same words; others have variables of their own there. */
const MADE: ReadonlySet<string> = new Set([
  ...[
    "check",
    "list",
    "render",
    "plan",
    "update",
    "explain",
    "rebuild",
    "build",
    "smoke",
    "publish",
    "inspect",
  ],
  ...["history", "rollback", "prune", "sizes", "runs", "doctor", "clean"],
]);

/** Make tells what it starts how deep it is nested. */
function isMake(env: NodeJS.ProcessEnv): boolean {
  return Number(env.MAKELEVEL ?? 0) > 0;
}

function quoted(words: string): string {
  return /[ '"]/.test(words) ? `"${words}"` : words;
}
