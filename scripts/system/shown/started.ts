import { dirname, join, sep } from "node:path";
import { PACKAGED, PROJECT } from "../environment.ts";

/** Where Birdhouse runs, as far as what a person types follows from it. */
export interface Started {
  readonly env: NodeJS.ProcessEnv;
  /** Whether it was installed as a package. */
  readonly packaged: boolean;
  /** Birdhouse's own folder. */
  readonly home: string;
  /** The folder that the command was typed in. */
  readonly folder: string;
}

const HERE: Started = { env: process.env, packaged: PACKAGED, home: PROJECT, folder: process.cwd() };

/**
 * A command as the reader can type it. The one place that knows: `make list` where make started a checkout, `npm run -s
 * birdhouse -- list` elsewhere in one, and `node …/start.mjs list` in any other folder; `npx birdhouse list` where it is installed for this folder, and `birdhouse list`
 * where for the whole machine. Only for words that need no quotes in a shell.
 * @param only the targets, which make takes in ONLY
 */
export function typed(
  verb: string,
  only: readonly string[] = [],
  options: readonly string[] = [],
  started: Partial<Started> = {},
): string {
  const here = { ...HERE, ...started };
  // Make tells what it starts how deep it is nested.
  const isByMake = !here.packaged && Number(here.env.MAKELEVEL ?? 0) > 0 && MADE.includes(verb);
  if (!isByMake) return [commandLine(programWords(here)), verb, ...only, ...options].join(" ");
  return `make ${verb}${variable("ONLY", only)}${variable("ARGS", options)}`;
}

/** The words of a command line that come before the verb, where make is not asked. */
export function programWords(started: Partial<Started> = {}): string[] {
  const { env, packaged, home, folder } = { ...HERE, ...started };
  // npm runs what the package.json of the folder names, and make likewise.
  if (!packaged && folder !== home) return ["node", join(home, "scripts/start.mjs")];
  if (!packaged) return ["npm", "run", "-s", "birdhouse", "--"];
  // npm says which of its commands started us; without one, npx finds what lies in the folder or above it.
  const isOfFolder = env.npm_command !== undefined || modulesAbove(folder).some((one) => isBelow(home, one));
  return isOfFolder ? ["npx", "birdhouse"] : ["birdhouse"];
}

/** A command as a person can paste it into a shell. */
export function commandLine(argv: readonly string[]): string {
  return argv
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(" ");
}

/** What renders files here, for their first line: it does not depend on who started it. */
export const RENDER_COMMAND = PACKAGED ? "npx birdhouse render" : "make render";

/** The folders that Node and npx look for packages in. */
function modulesAbove(folder: string): string[] {
  const above = dirname(folder);
  return [join(folder, "node_modules"), ...(above === folder ? [] : modulesAbove(above))];
}

function isBelow(path: string, folder: string): boolean {
  return path.startsWith(folder + sep);
}

/** The verbs that make hands on with the same words; others have variables of their own there. */
const MADE =
  `check list render plan update explain rebuild join build smoke publish inspect status scan site history rollback
  prune sizes runs doctor clean serve`.split(/\s+/);

/** ` ONLY="node:22 lua"`; nothing where there are no words. */
function variable(name: string, words: readonly string[]): string {
  const text = words.join(" ");
  if (text === "") return "";
  return ` ${name}=${/[ '"]/.test(text) ? `"${text}"` : text}`;
}
