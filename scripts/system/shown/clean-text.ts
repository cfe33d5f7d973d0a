/**
 * Makes text that came from outside (a registry, a mirror, a program, a catalog, the environment) safe to show. A
 * terminal obeys escape sequences in it, and the machines of a CI obey commands in what jobs print: neither is
 * something that a stranger's annotation may give. All functions here are pure, and linear in the length of the text.
 */

/**
 * Escape sequences of terminals, whole, as ECMA-48 has them; each may begin with ESC or with one character of C1:
 * - strings (DCS, SOS, OSC, PM, APC) up to their end, which is ST or, by xterm's custom, BEL. One that never ends
 *   loses its beginning alone: what it says is then harmless, and hiding it would hide the rest of the line;
 * - control sequences (CSI) with their parameters;
 * - all others: ESC, intermediate characters, a final one.
 * No part can match in two ways, and no string reaches past the beginning of another: so the time is linear.
 */
const ESCAPES =
  /(?:\x1b[PX\]^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\n\x90\x98\x9c-\x9f]*(?:\x07|\x1b\\|\x9c)|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|\x1b[ -/]*[0-~]?/g;

/** All that ends a line for somebody: Unicode's list, and a carriage return alone, which would write over the line. */
const LINE_ENDS = /\r\n|[\r\v\f\x85\u2028\u2029]/g;

/**
 * Characters that show nothing, and change what others show: controls, format characters (they turn the direction of
 * text, or part and join it with no width) and what Unicode says to ignore where it is not known.
 */
const UNSEEN = /(?![\n\t])[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/** Halves of a pair, which are no text: they break what must be UTF-8. */
const HALVES = /\p{Cs}/gu;

/** GitHub's runner obeys `::error::…` at the beginning of a line, behind any white space (its `ActionCommand.cs`). */
const COMMANDS = /^([^\S\n\r\u2028\u2029]*):(?=:)/gm;

/** `##[…]`, which GitHub's runner still finds, Azure's `##vso[…]` and TeamCity's `##teamcity[…]`: anywhere in a line. */
const OLD_COMMANDS = /##(?=\w*\[)/g;

/** Most texts are of such characters alone, and need none of what follows. */
const HARMLESS = /^[\t\n -~]*$/;

/**
 * A text of several lines without all that a terminal or a CI would obey: it keeps its letters, tabs and line ends.
 * A command of a CI stays readable, but is none any longer: `::error::` becomes `: :error::`.
 */
export function cleanText(text: string): string {
  const plain = HARMLESS.test(text)
    ? text
    : text.replace(LINE_ENDS, "\n").replace(ESCAPES, "").replace(UNSEEN, "").replace(HALVES, "\ufffd");
  return plain.replace(OLD_COMMANDS, "## ").replace(COMMANDS, "$1: ");
}

/** How long a line may be where nobody says otherwise, in UTF-16 units. */
const MOST = 500;

/**
 * The same in one line: line ends and tabs become spaces, and what is too long is cut, with `…` in its place.
 * @param most of the result's length, in UTF-16 units
 */
export function cleanLine(text: string, most = MOST): string {
  const line = cleanText(text).replace(/\s+/g, " ").trim();
  if (line.length <= most) return line;
  // Never between the halves of a pair.
  return `${line.slice(0, Math.max(0, most - 1)).replace(/[\ud800-\udbff]$/, "")}…`;
}

/** How much of a text a message shows, in characters. */
const GLANCE = 60;

/** A text as a message shows it: in quotes, on one line, no longer than a glance, however long it is. */
export function quotedStart(text: string): string {
  return JSON.stringify(text.length > GLANCE ? `${text.slice(0, GLANCE)}…` : text);
}
