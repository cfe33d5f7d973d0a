import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once, setMaxListeners } from "node:events";
import { constants } from "node:os";
import { messageOf } from "./errors.ts";
import { endGroup, holdGroup, releaseGroup } from "./process-group.ts";

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
}

export interface ProcessResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output and standard error in the order they came. */
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
 * when there is no such command, and 128 plus the signal's number when a signal ended it.
 *
 * The command leads a process group of its own, so that it can be ended with all its children. Ctrl-C in a
 * terminal does not reach it either: `signal` does, and so the work ends in order.
 *
 * @throws the reason of `signal` when that is aborted; the command and its children have ended by then
 */
export async function tryRun(argv: readonly string[], options: ProcessOptions = {}): Promise<ProcessResult> {
  const { cwd, env, input = "", signal, onOutput } = options;
  signal?.throwIfAborted();
  const [command = "", ...args] = argv;
  const child = spawn(command, args, {
    detached: true,
    env: { ...process.env, ...env },
    ...(cwd !== undefined && { cwd }),
  });
  const closed = once(child, "close");
  const output = collectOutput(child, onOutput);
  // A command may well end before it has read all of its input.
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  if (child.pid === undefined) return notStarted(command, cwd, await closed.catch((error: unknown) => error));
  return output(await exitCodeOf(child, child.pid, closed, signal));
}

/** What a shell gives for a command that it cannot start. */
function notStarted(command: string, cwd: string | undefined, error: unknown): ProcessResult {
  const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
  const place = cwd === undefined ? "" : `, or no directory ${cwd}`;
  const stderr = `${command}: ${isMissing ? `command not found${place}` : messageOf(error)}\n`;
  return { exitCode: 127, stdout: "", stderr, output: stderr };
}

/** Waits for a process to end, and sees to it that it does when it is aborted. */
async function exitCodeOf(
  child: ChildProcessWithoutNullStreams,
  pid: number,
  closed: Promise<unknown[]>,
  signal: AbortSignal | undefined,
): Promise<number> {
  let ending: Promise<void> | undefined;
  const end = () => {
    ending = endGroup(pid).then(() => closeOutput(child));
  };
  holdGroup(pid);
  // Many commands at once may wait for the same signal: Node need not warn of that.
  if (signal) setMaxListeners(0, signal);
  signal?.addEventListener("abort", end, { once: true });
  await closed;
  signal?.removeEventListener("abort", end);
  await ending;
  releaseGroup(pid);
  signal?.throwIfAborted();
  return child.exitCode ?? 128 + constants.signals[child.signalCode ?? "SIGKILL"];
}

/** A process that left the group may still hold them, and we would wait for its end. */
function closeOutput({ stdout, stderr }: ChildProcessWithoutNullStreams): void {
  stdout.destroy();
  stderr.destroy();
}

/** Keeps what a process prints, and gives the result once its exit code is known. */
function collectOutput(
  { stdout, stderr }: ChildProcessWithoutNullStreams,
  onOutput: ProcessOptions["onOutput"],
): (exitCode: number) => ProcessResult {
  const text = { stdout: "", stderr: "", output: "" };
  for (const [name, stream] of [
    ["stdout", stdout],
    ["stderr", stderr],
  ] as const) {
    // Decoded by the stream: a letter of several bytes may come in two pieces.
    stream.setEncoding("utf8").on("data", (piece: string) => {
      text[name] += piece;
      text.output += piece;
      onOutput?.(piece);
    });
  }
  return (exitCode) => ({ exitCode, ...text });
}

/** A command as a person can paste it into a shell. */
export function commandLine(argv: readonly string[]): string {
  return argv
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(" ");
}
