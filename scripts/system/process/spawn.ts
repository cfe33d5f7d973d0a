import { type ChildProcess, spawn } from "node:child_process";
import { setMaxListeners } from "node:events";
import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { Options as ZxOptions } from "zx/core";
import { messageOf } from "../errors.ts";

/** How long processes have to end by themselves once they are asked to. In milliseconds. */
const GRACE = 5_000;

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
 * Starts a command by zx in a process group of its own, waits for it to end, and sees to it that all of the group does
 * when it is aborted.
 * @returns its exit code, or what a shell would say where it cannot start
 */
export async function runByZx(
  argv: readonly string[],
  { cwd, env, signal, stdio, grace = GRACE }: SpawnOptions,
  onStart: (child: ChildProcess) => void,
): Promise<number | string> {
  signal?.throwIfAborted();
  const [command = "", ...args] = argv;
  if (argv.some((one) => one.includes("\0"))) return `${command}: an argument has a NUL character\n`;
  // Loaded only here: it is a large package, and the quick commands run nothing.
  const { $, quote } = await import("zx/core");
  signal?.throwIfAborted();
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
    spawn: ((_line: string, _none: readonly string[], options: object) =>
      spawn(command, args, { ...options, shell: false })) as typeof spawn,
  })`${[command, ...args]}`;
  const { child } = running;
  if (child) onStart(child);
  if (child?.pid === undefined) return notStarted(command, cwd, (await running).cause);
  await endOf(running, child, child.pid, signal, grace);
  return child.exitCode ?? 128 + constants.signals[child.signalCode ?? "SIGKILL"];
}

/** zx keeps all that is printed, without a bound: here it keeps nothing, as we do. */
const NOTHING_KEPT = { stdout: noList(), stderr: noList(), stdall: noList() };

function noList(): NonNullable<ZxOptions["store"]>["stdout"] {
  const list: string[] = [];
  list.push = () => 0;
  return list;
}

/** Waits for the end of what zx runs; the signal ends its whole group, gently first. */
async function endOf(
  running: Promise<unknown>,
  { stdout, stderr }: ChildProcess,
  pid: number,
  signal: AbortSignal | undefined,
  grace: number,
): Promise<void> {
  let ending: Promise<void> | undefined;
  const end = () => {
    ending = endGroup(pid, grace).then(() => {
      // A process that left the group may still hold them, and we would wait for its end.
      stdout?.destroy();
      stderr?.destroy();
    });
  };
  if (groups.size === 0) process.on("exit", killHeld);
  groups.add(pid);
  // Many commands at once may wait for the same signal: Node need not warn of that.
  if (signal) setMaxListeners(0, signal);
  signal?.addEventListener("abort", end, { once: true });
  await running;
  signal?.removeEventListener("abort", end);
  await ending;
  // What is left of it may outlive us.
  groups.delete(pid);
  if (groups.size === 0) process.off("exit", killHeld);
}

/** What a shell says of a command that it cannot start. */
function notStarted(command: string, cwd: string | undefined, error: unknown): string {
  const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
  const place = cwd === undefined ? "" : `, or no directory ${cwd}`;
  return `${command}: ${isMissing ? `command not found${place}` : messageOf(error)}\n`;
}

/** How often to look whether they have. In milliseconds. */
const INTERVAL = 10;

/** The groups that must not outlive us, by the id of their first process: they are killed when our own process exits. */
const groups = new Set<number>();

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
