import type { ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import { debug } from "../debug.ts";
import { formatSeconds } from "../shown/format.ts";
import { commandLine } from "../shown/started.ts";
import { MOST_PRINTED, OutputCollector, type Printed } from "./output.ts";
import { runByZx, type SpawnOptions } from "./spawn.ts";

/**
 * The one door to processes. They are run by zx, which is handed each command as an array and never as a line for a
 * shell; each leads a process group of its own, finds its input ended, and is ended with all its children.
 */

/** How a process is to run. */
export interface ProcessOptions extends Omit<SpawnOptions, "stdio"> {
  /** What it reads on its standard input; without this it finds the end there. */
  readonly input?: string | Uint8Array;
  /** Called with each piece of standard output and standard error as it comes. */
  readonly onOutput?: (text: string) => void;
  /** Characters that it may print before it is ended and has failed. */
  readonly mostPrinted?: number;
}

export interface ProcessResult extends Printed {
  readonly exitCode: number;
}

/** A command ended with another exit code than 0. Holds what it printed and how to repeat it. */
export class CommandError extends Error {
  override readonly name = "CommandError";

  constructor(
    readonly argv: readonly string[],
    readonly result: ProcessResult,
  ) {
    const tail = result.output.trimEnd().split("\n").slice(-LINES_SHOWN).join("\n");
    super(
      `${programIn(argv)} ended with exit code ${result.exitCode}\n${tail}\nthe command was: ${commandLine(argv)}`,
    );
  }
}

/** The program that a command line starts, also by env(1) with other variables. */
function programIn(argv: readonly string[]): string | undefined {
  return argv[0] === "env" ? argv.slice(1).find((word) => !word.includes("=")) : argv[0];
}

/** How much of a failed command's output its error message shows. */
const LINES_SHOWN = 30;

/** Runs a command and gives its output. @throws CommandError when the exit code is not 0. */
export async function run(argv: readonly string[], options: ProcessOptions = {}): Promise<ProcessResult> {
  const result = await tryRun(argv, options);
  if (result.exitCode !== 0) throw new CommandError(argv, result);
  return result;
}

/**
 * Runs a command and gives its output and exit code, whatever that is. As in a shell, the exit code is 127
 * when there is no such command, and 128 plus the signal's number when a signal ended it. A command that prints
 * without end is ended, and has failed.
 * Ctrl-C in a terminal does not reach it: `signal` does, and so the work ends in order.
 * @throws the reason of `signal` when that is aborted; the command and its children have ended by then
 */
export async function tryRun(argv: readonly string[], options: ProcessOptions = {}): Promise<ProcessResult> {
  const { signal, input = "", onOutput, mostPrinted = MOST_PRINTED } = options;
  const collector = new OutputCollector(mostPrinted);
  const enough = new AbortController();
  const either = signal ? AbortSignal.any([signal, enough.signal]) : enough.signal;
  const exitCode = await exitCodeOf(argv, { ...options, signal: either }, (child) => {
    for (const name of ["stdout", "stderr"] as const) {
      // Decoded by the stream: a letter of several bytes may come in two pieces.
      child[name]?.setEncoding("utf8").on("data", (piece: string) => {
        collector.add(name, piece);
        if (collector.isTooLong) enough.abort();
        else onOutput?.(piece);
      });
    }
    // A command may well end before it has read all of its input.
    child.stdin?.on("error", () => {});
    child.stdin?.end(input);
  });
  signal?.throwIfAborted();
  return resultOf(exitCode, collector);
}

/** What a shell gives for a command that it cannot start. */
const NOT_STARTED = 127;

/** Runs a command, and tells of it once it has ended; its environment and its input are never told. */
async function exitCodeOf(
  argv: readonly string[],
  options: SpawnOptions,
  onStart: (child: ChildProcess) => void,
): Promise<number | string> {
  const begun = performance.now();
  const ended = await runByZx(argv, options, onStart);
  const exitCode = typeof ended === "string" ? NOT_STARTED : ended;
  const seconds = (performance.now() - begun) / 1000;
  debug(() => `ran ${commandLine(argv)} (exit code ${exitCode}, ${formatSeconds(seconds)})`);
  return ended;
}

function resultOf(ended: number | string, collector: OutputCollector): ProcessResult {
  if (typeof ended === "string") return { exitCode: NOT_STARTED, stdout: "", stderr: ended, output: ended };
  return { exitCode: collector.isTooLong ? ended || 1 : ended, ...collector.printed };
}

/**
 * Starts a command whose standard output is too long to be kept: it is read as it comes.
 * @returns `ended` rejects with a CommandError when the exit code is not 0; its result has no standard output
 */
export async function stream(
  argv: readonly string[],
  options: Pick<ProcessOptions, "signal"> = {},
): Promise<{ readonly stdout: Readable; readonly ended: Promise<void> }> {
  const collector = new OutputCollector();
  let ended = Promise.resolve();
  const stdout = await new Promise<Readable>((resolve, reject) => {
    const exit = exitCodeOf(argv, options, (child) => {
      child.stderr?.setEncoding("utf8").on("data", (piece: string) => collector.add("stderr", piece));
      child.stdin?.on("error", () => {});
      child.stdin?.end();
      if (child.stdout && child.pid !== undefined) resolve(child.stdout);
    });
    ended = exit.then((exitCode) => {
      options.signal?.throwIfAborted();
      const result = resultOf(exitCode, collector);
      if (result.exitCode !== 0) throw new CommandError(argv, result);
    });
    // Once it has started, whoever reads the output hears of the failure when they await the end.
    ended.catch(reject);
  });
  return { stdout, ended };
}
