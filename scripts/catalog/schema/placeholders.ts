import { didYouMean } from "../text/problems.ts";

/** What may stand between double braces in a catalog's packages, commands, environment and paths. */
export const PLACEHOLDERS = ["version", "branch", "compact", "package"] as const;

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
  return PLACEHOLDERS.reduce((done, name) => done.replaceAll(`{{${name}}}`, values[name]), text);
}

/**
 * What is wrong with the placeholders of a text, or undefined. Only a word in double braces is taken for
 * one, so that a program's own braces (`{{1, 2}}` in Lua) may stand in a command.
 */
export function placeholderProblem(text: string): string | undefined {
  const known = PLACEHOLDERS.map((name) => `{{${name}}}`);
  for (const [found, name = ""] of text.matchAll(/\{\{\s*([A-Za-z]\w*)\s*\}\}/g)) {
    if (known.includes(found)) continue;
    return `${found} is no placeholder; there are ${known.join(", ")}${didYouMean(`{{${name}}}`, known)}`;
  }
  return undefined;
}
