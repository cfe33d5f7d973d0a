import { groupBy } from "../system/group.ts";
import { cleanText } from "../system/shown/clean-text.ts";
import { formatProse } from "../system/shown/format.ts";
import { tailOf } from "../system/shown/output.ts";

/** A failure as it is told: why first, then what to do, and what the program printed behind that. Made of its message. */
export interface Failure {
  /** Why, in one line. */
  readonly cause: string;
  /** Of a message of several lines those that follow, where they are no program's. */
  readonly detail?: string;
  /** What to do about it. */
  readonly hints: readonly string[];
  /** What a program printed, its last lines. */
  readonly log?: string;
  /** What was run, as a person can paste it. */
  readonly command?: string;
}

/** As scripts/pipeline/hint.ts joins what to do to a message. */
const HINT = "→ ";
/** As scripts/system/process/process.ts begins and ends the message of a command that failed. */
const ENDED = /^\S.{0,200} ended (?:with exit code|by signal|with)\b/;
const COMMAND = "the command was: ";

/** Takes a failure's message apart. Pure, and linear in its length. */
export function readFailure(message: string): Failure {
  const all = cleanText(message).trimEnd().split("\n");
  const hints = all.filter((line) => line.startsWith(HINT)).map((line) => line.slice(HINT.length));
  const lines = all.filter((line) => !line.startsWith(HINT));
  const command = lines.findLast((line) => line.startsWith(COMMAND))?.slice(COMMAND.length);
  const said = lines.filter((line) => !line.startsWith(COMMAND));
  const [head = "", ...rest] = said;
  if (command === undefined && !ENDED.test(head)) {
    const detail = rest.join("\n").trimEnd();
    return { cause: head, hints, ...(detail !== "" && { detail }) };
  }
  const log = rest.join("\n").trim() === "" ? {} : { log: rest.join("\n") };
  return { cause: causeIn(rest) ?? head, hints, ...log, ...(command !== undefined && { command }) };
}

/**
 * How programs say why they failed, the most telling first: that a server is away explains a missing package, and a
 * missing package explains that a step of a Dockerfile failed. Sources: apk-tools 2 and 3 (`WARNING: opening URL:
 * …`, `WARNING: fetching URL: …`, `ERROR: …`), Go's net and containers/image, buildah and BuildKit.
 */
const TELLING: readonly RegExp[] = [
  /^(?:WARNING|ERROR): (?:opening|fetching|updating|.{0,40}\bfetch)\b.*:/i,
  /no space left on device|disk quota exceeded/i,
  /dial tcp|no such host|connection refused|connection reset|i\/o timeout|TLS handshake|x509:|certificate/i,
  /unexpected (?:HTTP )?status|toomanyrequests|unauthorized|denied/i,
  /^ERROR: /,
  /\(no such package\)/,
  /^(?:fatal|panic)\b/i,
  /^(?:\S+: )?error\b.*:/i,
];

/** Lines that name an error and say nothing of it: which step it was is known otherwise. */
const EMPTY =
  /^(?:ERROR|Error): (?:building at STEP|failed to solve: process)|exit status \d+$|did not complete successfully: exit code/;

function causeIn(lines: readonly string[]): string | undefined {
  for (const pattern of TELLING) {
    const index = lines.findIndex((line) => pattern.test(line.trim()) && !EMPTY.test(line));
    if (index >= 0) return joined(lines, index);
  }
  return lines.findLast((line) => line.trim() !== "" && !EMPTY.test(line))?.trim();
}

/** A line that ends with a colon says nothing without the next one: `unable to select packages:`. */
function joined(lines: readonly string[], index: number): string {
  const line = (lines[index] ?? "").trim().replace(/^(?:WARNING|ERROR|Error|error): /, "");
  const next = lines[index + 1]?.trim().replace(/:$/, "") ?? "";
  return line.endsWith(":") && next !== "" ? `${line} ${next}` : line;
}

/** Why, in as many lines as the message had. */
export function whyOf({ cause, detail }: Failure): string {
  return detail === undefined ? cause : `${cause}\n${detail}`;
}

/** What a program printed, and by what command it was started; empty where it was no program. */
export function printedBy({ log = "", command }: Failure): string {
  return [log, ...(command === undefined ? [] : [`${COMMAND}${command}`])].join("\n").trim();
}

/**
 * A failure that ends a command: why, what to do, and then the end of what a program said.
 * @param width of a line, in characters; undefined where there is no bound
 */
export function failureText(message: string, hint?: string, width?: number): string {
  const failure = readFailure(message);
  const { cause, hints, log, command } = failure;
  return [
    formatProse(whyOf(failure), width),
    ...[...hints, ...(hint === undefined ? [] : [hint])].map((one) => formatProse(`${HINT}${one}`, width)),
    ...(log === undefined || log.trim() === cause ? [] : ["", tailOf(log)]),
    ...(command === undefined ? [] : [`    ${COMMAND}${command}`]),
  ].join("\n");
}

/** Targets that failed alike. */
export interface FailureGroup<T> {
  readonly failure: Failure;
  /** At least one, in their order. */
  readonly members: readonly [T, ...T[]];
}

/**
 * Puts what failed for the same cause, at the same stage, together: one mirror that is away fails every image.
 * @param failureOf the message and the stage of one; and what else has to be the same, such as since when it fails
 */
export function groupFailures<T>(
  failed: readonly T[],
  failureOf: (one: T) => { readonly message: string; readonly stage: string; readonly since?: string },
): FailureGroup<T>[] {
  const read = failed.map((one) => ({
    one,
    ...failureOf(one),
    failure: readFailure(failureOf(one).message),
  }));
  const groups = groupBy(read, ({ stage, since, failure: { cause, detail, hints } }) =>
    JSON.stringify([stage, since, cause, detail, hints]),
  );
  return [...groups.values()].map(([first, ...others]) => ({
    failure: first.failure,
    members: [first.one, ...others.map(({ one }) => one)],
  }));
}
