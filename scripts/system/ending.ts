import { setMaxListeners } from "node:events";
import { printError } from "./shown/output.ts";

/** What must be done at the end, however it comes. Run in reverse order; one failure keeps no other from it. */
export class Cleanup {
  readonly #actions: (() => unknown)[] = [];

  add(action: () => unknown): void {
    this.#actions.push(action);
  }

  /** @throws the first error, after everything has been tried */
  async run(): Promise<void> {
    const errors: unknown[] = [];
    for (let action = this.#actions.pop(); action; action = this.#actions.pop()) {
      try {
        await action();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }
}

/**
 * A signal that hears of an interruption some time after it: for what has to be set right when a run ends, such as
 * giving back a lock or finishing a move of tags. It may go on for so long, and no longer.
 * @param grace milliseconds
 */
export function lateSignal(signal: AbortSignal, grace: number): AbortSignal {
  const late = new AbortController();
  setMaxListeners(0, late.signal);
  const follow = () => {
    // Whatever it is to end keeps the process alive; the wait alone does not.
    setTimeout(() => late.abort(signal.reason), grace).unref();
  };
  if (signal.aborted) follow();
  else signal.addEventListener("abort", follow, { once: true });
  return late.signal;
}

/** How long the work has to end by itself once an error that nobody waited for has come. In milliseconds. */
const GRACE = 60_000;

const listeners = new Set<(error: unknown) => void>();

/** Has somebody end their work when an error comes that nobody waits for. @returns lets go of them */
export function onUncaught(listener: (error: unknown) => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/**
 * From now on an error that nobody waits for ends the work in order: those who listen are told, and clean up; where
 * nobody does or the work does not end, it is reported and the process ends with the exit code 1.
 */
export function catchUncaught(report: (error: unknown) => void): void {
  const caught = (error: unknown) => {
    if (listeners.size === 0) return giveUp(error);
    for (const listener of listeners) listener(error);
    setTimeout(() => giveUp(error), GRACE).unref();
  };
  const giveUp = (error: unknown) => {
    report(error);
    process.exit(1);
  };
  process.on("uncaughtException", caught);
  process.on("unhandledRejection", caught);
}

/**
 * From now on output that cannot be written is lost, and nothing else: whoever reads it may stop early, as `head` does,
 * and a terminal may be closed. Where it was to be kept and could not be, as on a full disk, the exit code is 1, unless
 * it would be another than 0 anyway.
 */
export function surviveLostOutput(): void {
  // Nobody could be told of this one.
  process.stderr.on("error", () => {});
  let isTold = false;
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    // EIO: the terminal is gone.
    if (error.code === "EPIPE" || error.code === "EIO" || isTold) return;
    isTold = true;
    printError(`cannot write to standard output: ${error.message}`);
    process.once("exit", (code) => {
      if (code === 0) process.exitCode = 1;
    });
  });
}
