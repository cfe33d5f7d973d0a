import { type ChildProcess, spawn } from "node:child_process";
import { once, setMaxListeners } from "node:events";
import { constants } from "node:os";
import type { Readable } from "node:stream";
import type { Options as ZxOptions } from "zx/core";
import { messageOf } from "../errors.ts";
import { endGroup, holdGroup, releaseGroup } from "./group.ts";
import { MOST_PRINTED, OutputCollector } from "./output.ts";

/**
 * The one door to processes. They are run by zx, which is handed each command as an array and never as a line for a
 * shell; each leads a process group of its own, finds its input ended, and is ended with all its children.
 */

/** How a process is to run. Nothing is inherited from a shell: arguments are an array, never a string. */
export interface ProcessOptions {
  readonly cwd?: string;
  /** Added to our own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** What it reads on its standard input; without this it finds the end there. */
  readonly input?: string;
  /** Kills the process (and its children) when aborted. */
  readonly signal?: AbortSignal;
  /** Called with each piece of standard output and standard error as it comes. */
  readonly onOutput?: (text: string) => void;
  /** Characters that it may print before it is ended and has failed. */
  readonly mostPrinted?: number;
}

export interface ProcessResult {
  readonly exitCode: number;
  readonly stdout: string;
  /** Where it is long, its head and its tail. */
  readonly stderr: string;
  /** Standard output and standard error in the order they came; where it is long, its head and its tail. */
  readonly output: string;
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
      `${argv[0]} ended with exit code ${result.exitCode}\n${tail}\nthe command was: ${commandLine(argv)}`,
    );
  }
}

/** What a shell gives for a command that it cannot start. */
const NOT_STARTED = 127;

/** How much of a failed command's output its error message shows. */
const LINES_SHOWN = 30;

/** A command that has ended, for those who watch what is run. Its environment and its input are never told. */
export interface RanCommand {
  readonly argv: readonly string[];
  readonly exitCode: number;
  readonly milliseconds: number;
}

const observers = new Set<(ran: RanCommand) => void>();

/** Tells somebody of each command, once it has ended. @returns ends it */
export function observeCommands(observer: (ran: RanCommand) => void): () => void {
  observers.add(observer);
  return () => void observers.delete(observer);
}

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
 *
 * The command leads a process group of its own, so that it can be ended with all its children. Ctrl-C in a
 * terminal does not reach it either: `signal` does, and so the work ends in order.
 *
 * @throws the reason of `signal` when that is aborted; the command and its children have ended by then
 */
export async function tryRun(argv: readonly string[], options: ProcessOptions = {}): Promise<ProcessResult> {
  const { signal, input = "", onOutput, mostPrinted = MOST_PRINTED } = options;
  const collector = new OutputCollector(mostPrinted);
  const enough = new AbortController();
  const exitCode = await exitCodeOf(argv, options, enough.signal, (child) => {
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

function resultOf(ended: number | string, collector: OutputCollector): ProcessResult {
  // What a shell gives for a command that it cannot start.
  if (typeof ended === "string") return { exitCode: NOT_STARTED, stdout: "", stderr: ended, output: ended };
  return { exitCode: collector.isTooLong ? ended || 1 : ended, ...collector.printed };
}

/** A command whose output is read as it comes. */
export interface Streamed {
  readonly stdout: Readable;
  /** Rejects with a CommandError when the exit code is not 0; its result has no standard output. */
  readonly ended: Promise<void>;
}

/** Starts a command whose standard output is too long to be kept. @throws as `run`, by way of `ended` */
export async function stream(
  argv: readonly string[],
  options: Omit<ProcessOptions, "onOutput"> = {},
): Promise<Streamed> {
  const collector = new OutputCollector();
  let started: (stdout: Readable) => void = () => {};
  const stdout = new Promise<Readable>((resolve) => {
    started = resolve;
  });
  const exit = exitCodeOf(argv, options, new AbortController().signal, (child) => {
    child.stderr?.setEncoding("utf8").on("data", (piece: string) => collector.add("stderr", piece));
    child.stdin?.on("error", () => {});
    child.stdin?.end(options.input ?? "");
    if (child.stdout && child.pid !== undefined) started(child.stdout);
  });
  const ended = exit.then((exitCode) => {
    options.signal?.throwIfAborted();
    const result = resultOf(exitCode, collector);
    if (result.exitCode !== 0) throw new CommandError(argv, result);
  });
  // Whoever reads the output hears of the failure when they await the end.
  ended.catch(() => {});
  return { stdout: await Promise.race([stdout, ended.then(() => stdout)]), ended };
}

/** A program that serves until it is told to end. */
export interface Service {
  /** Asks it to end, and waits until it has. */
  stop(): Promise<void>;
}

/** Starts a program that serves us; it runs once this ends. @param log descriptor of the file that it prints to */
export async function startService(argv: readonly string[], log: number): Promise<Service> {
  let child: ChildProcess | undefined;
  let ended: Promise<unknown> = Promise.resolve();
  await new Promise<void>((resolve) => {
    const onStart = (started: ChildProcess) => {
      child = started;
      resolve();
    };
    ended = exitCodeOf(argv, { stdio: ["ignore", log, log] }, new AbortController().signal, onStart);
    // One that cannot start is not waited for: whoever asks it something finds that out.
    ended.then(() => resolve());
  });
  return {
    async stop() {
      child?.kill("SIGTERM");
      await ended;
    },
  };
}

type SpawnOptions = ProcessOptions & Pick<Partial<ZxOptions>, "stdio">;

/**
 * Runs a command, and tells those who watch once it has ended.
 * @returns its exit code, or what a shell would say where it cannot start
 */
async function exitCodeOf(
  argv: readonly string[],
  options: SpawnOptions,
  enough: AbortSignal,
  onStart: (child: ChildProcess) => void,
): Promise<number | string> {
  const begun = performance.now();
  const ended = await runByZx(argv, options, enough, onStart);
  const exitCode = typeof ended === "string" ? NOT_STARTED : ended;
  const ran = { argv, exitCode, milliseconds: performance.now() - begun };
  for (const observer of observers) observer(ran);
  return ended;
}

/** Starts a command by zx, waits for it to end, and sees to it that it does when it is aborted. */
async function runByZx(
  argv: readonly string[],
  { cwd, env, signal, stdio }: SpawnOptions,
  enough: AbortSignal,
  onStart: (child: ChildProcess) => void,
): Promise<number | string> {
  signal?.throwIfAborted();
  const [command = "", ...args] = argv;
  if (argv.some((one) => one.includes("\0"))) return `${command}: an argument has a NUL character\n`;
  // Loaded only here: it is a large package, and the quick commands run nothing.
  const { $, quote } = await import("zx/core");
  signal?.throwIfAborted();
  let started: ChildProcess | undefined;
  let closed: Promise<unknown> | undefined;
  const running = $({
    cwd: cwd ?? process.cwd(),
    ...(stdio !== undefined && { stdio }),
    env: { ...process.env, ...env },
    // Ours, as there may be no bash; the command that zx makes of them is for its log only.
    ...{ shell: true, quote, prefix: "", postfix: "" },
    ...{ detached: true, nothrow: true, quiet: true, store: NOTHING_KEPT },
    // Else variables such as ZX_TIMEOUT in our environment would decide on them.
    ...{ verbose: false, preferLocal: false, timeout: 0 },
    // Here zx would hand a line to a shell: the command and its arguments go as they are.
    spawn: ((_line: string, _none: readonly string[], options: object) => {
      started = spawn(command, args, { ...options, shell: false });
      closed = once(started, "close");
      closed.catch(() => {});
      onStart(started);
      return started;
    }) as typeof spawn,
  })`${[command, ...args]}`;
  const output = await endedBy(running, () => started, [signal, enough]);
  if (started?.pid === undefined) return notStarted(command, cwd, output.cause ?? (await reasonOf(closed)));
  return started.exitCode ?? 128 + constants.signals[started.signalCode ?? "SIGKILL"];
}

/** zx keeps all that is printed, without a bound: here it keeps nothing, as we do. */
const NOTHING_KEPT = { stdout: noList(), stderr: noList(), stdall: noList() };

function noList(): NonNullable<ZxOptions["store"]>["stdout"] {
  const list: string[] = [];
  list.push = () => 0;
  return list;
}

/** Waits for the end of what zx runs; any of the signals ends its whole group, gently first. */
async function endedBy<T>(
  running: Promise<T>,
  child: () => ChildProcess | undefined,
  signals: readonly (AbortSignal | undefined)[],
): Promise<T> {
  const pid = child()?.pid;
  if (pid === undefined) return running;
  let ending: Promise<void> | undefined;
  const end = () => {
    ending ??= endGroup(pid).then(() => closeOutput(child()));
  };
  holdGroup(pid);
  for (const signal of signals) {
    // Many commands at once may wait for the same signal: Node need not warn of that.
    if (signal) setMaxListeners(0, signal);
    signal?.addEventListener("abort", end, { once: true });
  }
  const output = await running;
  for (const signal of signals) signal?.removeEventListener("abort", end);
  await ending;
  releaseGroup(pid);
  return output;
}

/** A process that left the group may still hold them, and we would wait for its end. */
function closeOutput(child: ChildProcess | undefined): void {
  child?.stdout?.destroy();
  child?.stderr?.destroy();
}

/** What a shell says of a command that it cannot start. */
function notStarted(command: string, cwd: string | undefined, error: unknown): string {
  const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
  const place = cwd === undefined ? "" : `, or no directory ${cwd}`;
  return `${command}: ${isMissing ? `command not found${place}` : messageOf(error)}\n`;
}

function reasonOf(closed: Promise<unknown> | undefined): Promise<unknown> {
  return closed?.catch((error: unknown) => error) ?? Promise.resolve("it did not start");
}

/** Where a program of this name is on the PATH; undefined where it is not. */
export async function findProgram(name: string): Promise<string | undefined> {
  const { which } = await import("zx/core");
  return (await which(name, { nothrow: true })) ?? undefined;
}

/** A command as a person can paste it into a shell. */
export function commandLine(argv: readonly string[]): string {
  return argv
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(" ");
}
