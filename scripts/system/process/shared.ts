import { existsSync } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { openPipe, removeFile } from "../files/files.ts";
import { CommandError, run, tryRun } from "./process.ts";

/** Our part in a program that several processes use. */
export interface Use {
  /** Whether it was started for us. */
  readonly isFirst: boolean;
  /** The program ends with the last use of it. */
  end(): Promise<void>;
}

export interface SharedOptions {
  /** A named pipe, which is there while the program is. Its folder must be there. */
  readonly pipe: string;
  /** The file that it prints to. */
  readonly log: string;
}

/** Milliseconds between two looks; for a program to be gone when nobody uses it; and to have ended if we were the last. */
const PAUSE = 10;
const GONE_WITHIN = 3_000;
const ENDED_WITHIN = 300;

/**
 * Whoever uses the program holds the pipe open to write, and nobody writes: its reader comes to the end when the last of
 * them has closed it or is gone, however that came, as the system closes what a process had. Where the program ends by
 * itself, the pipe goes with it, and the next one starts it anew. Source: pipe(7)
 */
const SCRIPT = `
pipe=$1 log=$2
shift 2
{
  exec 3<"$pipe"
  "$@" 3<&- &
  own=$!
  { read -r _ <&3; exec 3<&-; kill $own; } &
  exec 3<&-
  wait $own
  rm -f "$pipe"
  kill $! 2>/dev/null
} >"$log" 2>&1 </dev/null &
`;

/**
 * Starts a program that serves other processes of ours too, and ends when none of them is left; where one of them has
 * started it, joins them. It may not be ready yet.
 * @throws CommandError where there can be no named pipe, FileError where something else has its place
 */
export async function useShared(argv: readonly string[], { pipe, log }: SharedOptions): Promise<Use> {
  const make = ["mkfifo", "-m", "600", pipe];
  for (;;) {
    const joined = await joinShared(pipe);
    if (joined) return joined;
    // Made by one alone, whoever else tries: that one starts it.
    const made = await tryRun(make);
    if (made.exitCode === 0) break;
    if (!existsSync(pipe)) throw new CommandError(make, made);
  }
  // To write alone it can be opened only where it is open to read; and who reads it is to be the program's watch alone.
  const both = await openPipe(pipe, true);
  const held = await openPipe(pipe);
  await both?.close();
  if (!held) throw new Error(`the pipe ${pipe} is gone`);
  try {
    await run(["sh", "-c", SCRIPT, "sh", pipe, log, ...argv]);
  } catch (error) {
    await held.close();
    await removeFile(pipe);
    throw error;
  }
  return useOf(held, pipe, true);
}

/**
 * Joins those who use a program. One that is ending is waited for.
 * @returns undefined where nobody uses any
 * @throws FileError where something else has the place of the pipe
 */
export async function joinShared(pipe: string): Promise<Use | undefined> {
  for (let waited = 0; existsSync(pipe); waited += PAUSE) {
    const held = await openPipe(pipe);
    if (held) return useOf(held, pipe, false);
    await sleep(PAUSE);
    // Left by one that was killed together with what watches it.
    if (waited >= GONE_WITHIN) await removeFile(pipe);
  }
  return undefined;
}

function useOf(held: FileHandle, pipe: string, isFirst: boolean): Use {
  return {
    isFirst,
    async end() {
      await held.close();
      // Others may go on with it; if not, its port and its files are free when this ends.
      for (let waited = 0; waited < ENDED_WITHIN && existsSync(pipe); waited += PAUSE) await sleep(PAUSE);
    },
  };
}
