/**
 * What the variables of the Makefile mean, as words of a command line. Plain JavaScript without packages, as it runs
 * before `npm ci` has.
 */

/** What is wrong with a variable, for whoever typed it. */
export class VariableError extends Error {}

/** What each command takes, in the order of its words. `only`, `from`, `source` and `destination` are no options: they come last. */
const CATALOG = ["catalog"];
const KEPT = [...CATALOG, "state"];
const REMOTE = [...KEPT, "registry", "mirrorPort"];
const WORLD = [...KEPT, "profile", "registry", "mirrorPort"];

/** @type {Readonly<Record<string, readonly string[]>>} */
const TAKES = {
  check: CATALOG,
  render: CATALOG,
  list: [...CATALOG, "only"],
  clean: KEPT,
  doctor: WORLD,
  serve: WORLD,
  sandbox: REMOTE,
  runs: ["state", "show"],
  export: [...WORLD, "to", "only"],
  import: [...WORLD, "from", "only"],
  promote: [...KEPT, "profile", "mirrorPort", "source", "destination", "only"],
  matrix: [...WORLD, "matrix", "only"],
};
const FOR_TARGETS = [...WORLD, "only"];

/** The command itself, where it is not called as the Makefile's target is. */
const COMMANDS = { matrix: "plan" };

/** Options, each with the variable that it is given by. */
const OPTIONS = {
  catalog: ["--catalog", "CATALOG"],
  state: ["--state", "STATE"],
  profile: ["--profile", "PROFILE"],
  registry: ["--registry", "REGISTRY"],
  mirrorPort: ["--mirror-port", "MIRROR_PORT"],
  to: ["--to", "TO"],
  matrix: ["--matrix", "CI_SYSTEM"],
};

/** Where the variable is not given. The command itself takes the catalog's world; whoever types make, what can be had. */
const DEFAULTS = { PROFILE: "auto", CI_SYSTEM: "github" };

/** What must be given, and how. */
const NEEDED = {
  to: ["TO", "say where to, a directory or an archive: make export ONLY=node:22 TO=node.tar"],
  from: ["FROM", "say what to import, a directory or an archive: make import FROM=node.tar"],
  source: ["FROM", "say from which registry: make promote FROM=ghcr.io/birds-staging TO=ghcr.io/birds"],
  destination: ["TO", "say to which registry: make promote FROM=ghcr.io/birds-staging TO=ghcr.io/birds"],
};

/**
 * The words of the command line that a target of the Makefile stands for. Pure.
 * @param {string} verb the target of the Makefile, such as `rebuild`
 * @param {Readonly<Record<string, string | undefined>>} env the environment
 * @returns {string[]} `["rebuild", "--profile", "auto", "--", "node:22"]`
 * @throws {VariableError} where a variable cannot be what it is for
 */
export function wordsOf(verb, env) {
  const takes = TAKES[verb] ?? FOR_TARGETS;
  for (const one of takes) {
    const [name, advice] = NEEDED[one] ?? [];
    if (name && given(env, name) === "") throw new VariableError(`${name} is missing: ${advice}`);
  }
  const last = [
    ...(takes.includes("from") ? [given(env, "FROM")] : []),
    ...(takes.includes("source") ? [given(env, "FROM"), given(env, "TO")] : []),
    ...(takes.includes("show") && given(env, "SHOW") !== "" ? ["show", given(env, "SHOW")] : []),
    ...(takes.includes("only") ? targetsIn(given(env, "ONLY")) : []),
  ];
  const options = takes.flatMap((one) => optionOf(one, verb, env));
  const more = [...splitWords(given(env, "ARGS")), ...splitWords(env.BIRDHOUSE_OPTIONS ?? "")];
  // What follows a `--` is no option, whatever it begins with.
  return [COMMANDS[verb] ?? verb, ...options, ...more, ...(last.length > 0 ? ["--", ...last] : [])];
}

/**
 * make hands each variable on with BIRDHOUSE_ before its name, so that no other program takes it for its own; a
 * workflow has it under its plain name.
 */
function given(env, name) {
  return env[`BIRDHOUSE_${name}`] || env[name] || DEFAULTS[name] || "";
}

function optionOf(one, verb, env) {
  const [option, name] = OPTIONS[one] ?? [];
  if (!option) return [];
  const value = given(env, name);
  // Where nothing is reached it is not the sandbox: these take the profile, and its port, only where it was chosen.
  const isUnchosen = ["import", "promote"].includes(verb) && given(env, "PROFILE") === "auto";
  if (value === "" || (isUnchosen && (one === "profile" || one === "mirrorPort"))) return [];
  return [option, value];
}

/** Names of targets have these letters and no others; see IMAGE_NAME and TAG in scripts/catalog/schema/formats.ts. A `*` stands for any. */
const TARGET = /^[a-z0-9*][\w.:+*-]*$/i;

/** @param {string} text such as `node:22 python` */
function targetsIn(text) {
  const words = text.split(/\s+/).filter((word) => word !== "");
  const wrong = words.filter((word) => !TARGET.test(word));
  if (wrong.length > 0) {
    const names = wrong.map((word) => JSON.stringify(word)).join(", ");
    throw new VariableError(
      `ONLY: ${names}: no target has such a name; expected words such as node or node:22`,
    );
  }
  return words;
}

/**
 * Splits a text into words at white space, with quotes as in a shell: '…' as it is, "…" with \" and \\, and a \ before
 * any letter elsewhere. Nothing is expanded. Source: POSIX, Shell Command Language, section 2.2 "Quoting".
 * @param {string} text such as `--force --to "a folder/x.tar"`
 * @returns {string[]}
 * @throws {VariableError} where a quote has no end
 */
export function splitWords(text) {
  const words = [];
  let word;
  let quote = "";
  for (let at = 0; at < text.length; at++) {
    const letter = text[at];
    const next = text[at + 1];
    if (quote === "'" || (quote === '"' && letter !== "\\")) {
      if (letter === quote) quote = "";
      else word += letter;
    } else if (letter === "\\" && next !== undefined) {
      const isPlain = quote === '"' && !/["\\$`]/.test(next);
      word = `${word ?? ""}${isPlain ? letter : ""}${next}`;
      at++;
    } else if (letter === "'" || letter === '"') {
      quote = letter;
      word ??= "";
    } else if (/\s/.test(letter)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = `${word ?? ""}${letter}`;
    }
  }
  if (quote !== "") throw new VariableError(`ARGS: there is a ${quote} without its second one: ${text}`);
  return word === undefined ? words : [...words, word];
}
