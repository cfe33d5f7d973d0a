import { $, type ProcessOutput } from "zx";

/** How a process is to run. Nothing is inherited from a shell: arguments are an array, never a string. */
export interface ProcessOptions {
  readonly cwd?: string;
  /** Added to our own environment. */
  readonly env?: Readonly<Record<string, string>>;
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

/** Runs a command and gives its output and exit code, whatever that is. */
export async function tryRun(argv: readonly string[], options: ProcessOptions = {}): Promise<ProcessResult> {
  options.signal?.throwIfAborted();
  const child = $({
    nothrow: true,
    quiet: true,
    env: { ...process.env, ...options.env },
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    ...(options.input !== undefined && { input: options.input }),
    ...(options.signal && { signal: options.signal }),
  })`${argv}`;
  if (options.onOutput) {
    child.stdout.on("data", (chunk: Buffer) => options.onOutput?.(chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => options.onOutput?.(chunk.toString()));
  }
  const ended: ProcessOutput = await child;
  options.signal?.throwIfAborted();
  return {
    exitCode: ended.exitCode ?? 1,
    stdout: ended.stdout,
    stderr: ended.stderr,
    output: ended.stdall,
  };
}

/** A command as a person can paste it into a shell. */
export function commandLine(argv: readonly string[]): string {
  return argv
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(" ");
}
