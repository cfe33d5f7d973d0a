import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** What a child of this folder found. */
export interface Found {
  /** What was tried, by name. */
  readonly tried: readonly string[];
  /** What took too long, or never answered, with its name. */
  readonly slow: readonly string[];
}

/** How long a child may take for one text before it counts as one that never answers, in milliseconds. */
const PATIENCE = 60_000;

/**
 * Runs a child that prints `trying NAME` and `slow NAME …` lines, and any other before each text that it tries; one that
 * hangs is ended, and names what it hung in.
 */
export async function watch(file: string): Promise<Found> {
  const child = spawn(process.execPath, ["--import", "tsx/esm", join(import.meta.dirname, file)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const errors: Buffer[] = [];
  child.stderr.on("data", (chunk: Buffer) => errors.push(chunk));
  const ended = new Promise((resolve) => child.on("close", resolve));
  const tried: string[] = [];
  const slow: string[] = [];
  let isDone = false;
  let isHung = false;
  const hang = () => {
    isHung = true;
    slow.push(`${tried.at(-1)}: no answer within ${PATIENCE} ms`);
    child.kill("SIGKILL");
  };
  let timer = setTimeout(hang, PATIENCE);
  for await (const line of createInterface({ input: child.stdout })) {
    clearTimeout(timer);
    timer = setTimeout(hang, PATIENCE);
    if (line.startsWith("trying ")) tried.push(line.slice("trying ".length));
    else if (line.startsWith("slow ")) slow.push(line.slice("slow ".length));
    else if (line === "done") isDone = true;
  }
  clearTimeout(timer);
  await ended;
  if (!isDone && !isHung) throw new Error(`${file} ended early: ${Buffer.concat(errors).toString()}`);
  return { tried, slow };
}
