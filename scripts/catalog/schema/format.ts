import { quotedStart } from "../../system/shown/clean-text.ts";
import { didYouMean } from "../text/problems.ts";

/**
 * How the words of a catalog are written: for each a pattern (it goes into the JSON schema too), and what
 * to tell the person whose word does not fit it.
 */
export interface Format {
  readonly pattern: RegExp;
  /** What is wrong with a text that does not match, and how to put it right. */
  readonly advise: (text: string) => string;
}

/** What is wrong with a text by this format, or undefined when it is as it should be. */
export function formatProblem(format: Format, text: string): string | undefined {
  return format.pattern.test(text) ? undefined : format.advise(text);
}

/** A format whose advice is what was expected, what was found, and the first hint that applies. */
export function format(pattern: RegExp, expected: string, hints: readonly Hint[] = []): Format {
  return {
    pattern,
    advise: (text) => {
      const [, hint, instead = ""] = hints.find(([applies]) => applies.test(text)) ?? [];
      const why = hint === undefined ? "" : ` (${hint})`;
      return `expected ${expected}${instead}, found ${quoted(text)}${why}`;
    },
  };
}

export type Hint = readonly [applies: RegExp, hint: string, instead?: string];

/** A text as a message shows it: in quotes, on one line, no longer than a glance, without the user of a URL. */
export function quoted(text: string): string {
  return quotedStart(text.replace(/:\/\/[^/\s]*@/g, "://…@"));
}

/** What may stand between double braces in a catalog's packages, commands, environment and paths. */
export const PLACEHOLDERS = ["version", "branch", "compact", "package"] as const;

/** Any of them where it stands in a text, as a part of a pattern. */
export const PLACEHOLDER = `\\{\\{(?:${PLACEHOLDERS.join("|")})\\}\\}`;

/** What the placeholders stand for in one version of an image. */
export type PlaceholderValues = Readonly<Record<(typeof PLACEHOLDERS)[number], string>>;

/**
 * The values for a version: `compact` is the version without its dots, as in Alpine's `php84`; `package` is
 * the package that gives the version, in which the other three may stand.
 */
export function placeholderValues(version: string, branch: string, packageName: string): PlaceholderValues {
  const values = { version, branch, compact: version.replaceAll(".", ""), package: "" };
  return { ...values, package: expand(packageName, values) };
}

/** Puts the values in for the placeholders. */
export function expand(text: string, values: PlaceholderValues): string {
  // Most texts have none, and each is asked about for every version.
  if (!text.includes("{{")) return text;
  return PLACEHOLDERS.reduce((done, name) => done.replaceAll(`{{${name}}}`, values[name]), text);
}

/**
 * What is wrong with the placeholders of a text, or undefined. Only a word in double braces is taken for
 * one, so that a program's own braces (`{{1, 2}}` in Lua) may stand in a command.
 */
function placeholderProblem(text: string): string | undefined {
  const known = PLACEHOLDERS.map((name) => `{{${name}}}`);
  for (const [found, name = ""] of text.matchAll(/\{\{\s*([A-Za-z]\w*)\s*\}\}/g)) {
    if (known.includes(found)) continue;
    return `${found} is not a placeholder; use one of ${known.join(", ")}${didYouMean(`{{${name}}}`, known)}`;
  }
  return undefined;
}

/** The same format, but an unknown placeholder is what is told of before anything else. */
export function withPlaceholders(inner: Format): Format {
  return { ...inner, advise: (text) => placeholderProblem(text) ?? inner.advise(text) };
}
