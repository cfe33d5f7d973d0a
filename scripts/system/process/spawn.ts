import { type ChildProcess, spawn } from "node:child_process";
import { once, setMaxListeners } from "node:events";
import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { Options as ZxOptions } from "zx/core";
import { messageOf } from "../errors.ts";

/** How long processes have to end by themselves once they are asked to. In milliseconds. */
const GRACE = 5_000;

/** Starting a command by zx, in a process group of its own, and ending all of that group. */

/** What a shell gives for a command that it cannot start. */
export const NOT_STARTED = 127;

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

/** How a command is started. */
export interface SpawnOptions extends Pick<Partial<ZxOptions>, "stdio"> {
  readonly cwd?: string;
  /** Added to our own environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Ends the process and its children when aborted. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds that they then have to end by themselves; else they are killed. Five seconds by default. */
  readonly grace?: number;
}

/**
 * Runs a command, and tells those who watch once it has ended.
 * @returns its exit code, or what a shell would say where it cannot start
 */
export async function exitCodeOf(
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
  { cwd, env, signal, stdio, grace = GRACE }: SpawnOptions,
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
  const output = await endedBy(running, () => started, [signal, enough], grace);
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
  grace: number,
): Promise<T> {
  const pid = child()?.pid;
  if (pid === undefined) return running;
  let ending: Promise<void> | undefined;
  const end = () => {
    ending ??= endGroup(pid, grace).then(() => closeOutput(child()));
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

/** How often to look whether they have. In milliseconds. */
const INTERVAL = 10;

/** The groups that must not outlive us, by the id of their first process. */
const groups = new Set<number>();

/** From now on the processes of this group are killed when our own process exits. */
function holdGroup(id: number): void {
  if (groups.size === 0) process.on("exit", killHeld);
  groups.add(id);
}

/** Lets go of a group: what is left of it may outlive us. */
function releaseGroup(id: number): void {
  groups.delete(id);
  if (groups.size === 0) process.off("exit", killHeld);
}

function killHeld(): void {
  for (const id of groups) signalGroup(id, "SIGKILL");
}

/** Asks all processes of a group to end, and kills those that have not within the grace. @param grace milliseconds */
async function endGroup(id: number, grace: number): Promise<void> {
  signalGroup(id, "SIGTERM");
  for (let waited = 0; waited < grace; waited += INTERVAL) {
    if (!signalGroup(id, 0)) return;
    await sleep(INTERVAL);
  }
  signalGroup(id, "SIGKILL");
}

/** Sends a signal to a group; 0 only asks. Tells whether there is any such process. */
function signalGroup(id: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-id, signal);
  } catch {
    return false;
  }
}
