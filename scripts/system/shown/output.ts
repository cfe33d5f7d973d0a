import { styleText } from "node:util";
import { tryJson } from "../json.ts";
import { cleanText } from "./clean-text.ts";
import { withoutSecrets } from "./secrets.ts";

/**
 * The one door for what is shown: nothing else writes to standard output or standard error, and all that leaves here
 * has been cleaned. What is of our own and must be obeyed (the moves of a live list, a group of a CI's log) is put
 * around texts after their cleaning, here and in scripts/report/progress.ts.
 */

/** A text as it may be shown, wherever that is. */
export function shown(text: string): string {
  // Cleaned first: a secret that is broken by what nobody sees would not be found.
  return withoutSecrets(cleanText(text));
}

/** The same for a value of any shape: every text in it as it may be shown. */
export function shownIn<T>(value: T): T;
export function shownIn(value: unknown): unknown {
  if (typeof value === "string") return shown(value);
  if (Array.isArray(value)) return value.map((one) => shownIn(one));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, shownIn(one)]));
}

/**
 * Colours the marks that lines begin with, where the stream shows colours: on a terminal, unless NO_COLOR says no, and
 * elsewhere if FORCE_COLOR says so. Source: Node, util.styleText, `validateStream`.
 * @param text cleaned already
 */
export function coloured(text: string, stream: NodeJS.WritableStream): string {
  return text.replace(/^( *)([✔✖✘!])(?= )/gm, (_, space: string, mark: string) => {
    const colour = mark === "✔" ? "green" : mark === "!" ? "yellow" : "red";
    return space + styleText(colour, mark, { validateStream: true, stream });
  });
}

/** Prints a text, and the end of its line, on standard output. */
export function print(text: string): void {
  process.stdout.write(`${coloured(shown(text), process.stdout)}\n`);
}

/** Prints a text, and the end of its line, on standard error. */
export function printError(text: string): void {
  process.stderr.write(`${coloured(shown(text), process.stderr)}\n`);
}

/** A part of an output: text, or what a program said, which is told behind the rest and folded where that can be. */
export type Block = string | Log;

export interface Log {
  /** What it is, in one line. */
  readonly title: string;
  /** All of it that is kept. */
  readonly text: string;
}

/** Prints blocks on standard output, with an empty line between. */
export function printBlocks(blocks: readonly Block[]): void {
  const isGitHub = process.env.GITHUB_ACTIONS === "true";
  const text = blocks.map((block) => shownBlock(block, isGitHub)).join("\n\n");
  process.stdout.write(`${coloured(text, process.stdout)}\n`);
}

/** A block as it is printed. @param isGitHub whether GitHub shows it: its log can be folded */
export function shownBlock(block: Block, isGitHub: boolean): string {
  if (typeof block === "string") return shown(block);
  const [title, text] = [shown(block.title).replaceAll("\n", " "), shown(block.text).trimEnd()];
  return isGitHub ? `::group::${title}\n${text}\n::endgroup::` : `${title}\n${tailOf(text)}`;
}

/** How many lines of a log are shown where it cannot be folded: programs say last why they ended. */
const LINES = 12;

/** The last lines of a log, set in. */
export function tailOf(text: string, most = LINES): string {
  const lines = text.split("\n");
  const left = lines.length - most;
  const last = left > 1 ? [`… ${left} lines before`, ...lines.slice(-most)] : lines;
  return last.map((line) => `    ${line}`.trimEnd()).join("\n");
}

/** Prints a value as one document of JSON on standard output. @param indent none puts it in one line */
export function printJson(value: unknown, indent?: number): void {
  process.stdout.write(`${withoutSecrets(escapeJson(JSON.stringify(value, null, indent)))}\n`);
}

/** Prints a document of JSON on standard output as it is, to the letter but for what would be obeyed: a stranger may have written it. */
export function printDocument(text: string): void {
  const lines = text.replace(/\r\n?/g, "\n").trimEnd();
  process.stdout.write(
    `${tryJson(lines) === undefined ? shown(lines) : withoutSecrets(escapeJson(lines))}\n`,
  );
}

/**
 * JSON in which nothing would be obeyed by a terminal or a CI: what would be, which only strings can hold, is written as
 * an escape, which says the same. Pure.
 */
export function escapeJson(json: string): string {
  return json
    .replace(/(?![\n\t])[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2028\u2029]/gu, (character) =>
      // What lies beyond 16 bits is two such.
      character.replace(/[\s\S]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`),
    )
    .replace(/##(?=\w*\[)/g, "\\u0023\\u0023");
}

/** How wide lines may be, in characters; undefined where a text goes to a file or a pipe, which have no width. */
export function outputWidth(
  stream: Pick<NodeJS.WriteStream, "isTTY" | "columns"> = process.stdout,
  env: NodeJS.ProcessEnv = process.env,
): number | undefined {
  const chosen = /^[1-9]\d{0,3}$/.test(env.COLUMNS ?? "") ? Number(env.COLUMNS) : undefined;
  return chosen ?? (stream.isTTY ? stream.columns : undefined);
}

/** The same for what goes to standard error. */
export function errorWidth(): number | undefined {
  return outputWidth(process.stderr);
}
