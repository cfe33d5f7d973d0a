import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { tryRun } from "../../scripts/system/process/process.ts";

/** The project's own directory: children work in it, so that `tsx` is found. */
export const PROJECT = resolve(import.meta.dirname, "../..");

const CHILDREN = join(import.meta.dirname, "children");
const PROBE = join(CHILDREN, "probe.mjs");

/** What a child is started with, to run TypeScript as the command line does. */
export const TYPESCRIPT = ["--import", "tsx/esm"] as const;

/** A program among the children. */
export function childFile(name: string): string {
  return join(CHILDREN, name);
}

/** What a whole process took. */
export interface Child {
  readonly stdout: string;
  /** From before it was started until it had ended. */
  readonly ms: number;
  /** What it measured itself as its work; without loading Node and modules. */
  readonly workMs: number | undefined;
  /** The most memory that it had, in bytes. */
  readonly memory: number;
  /** What the processor spent on it, in milliseconds. */
  readonly cpuMs: number;
  /** Every HTTP request that it sent: method and address. */
  readonly requests: readonly string[];
}

/** How many characters of a failed child's output are shown. */
const SHOWN = 800;

const probedSchema = z.object({
  maxRss: z.number(),
  work: z.number().nullable(),
  cpu: z.number(),
  requests: z.array(z.string()),
});

/**
 * Runs Node with a probe in it, see children/probe.mjs.
 * @param args of node
 * @param accepted exit codes that are no failure
 * @throws Error with the end of what it printed when it fails
 */
export async function runNode(args: readonly string[], accepted: readonly number[] = [0]): Promise<Child> {
  const directory = await mkdtemp(join(tmpdir(), "birdhouse-bench-"));
  const file = join(directory, "probe.json");
  try {
    const start = performance.now();
    const { exitCode, stdout, output } = await tryRun([process.execPath, "--import", PROBE, ...args], {
      cwd: PROJECT,
      env: { BIRDHOUSE_PROBE: file },
    });
    const ms = performance.now() - start;
    if (!accepted.includes(exitCode)) {
      throw new Error(`node ${args.join(" ")} ended with exit code ${exitCode}\n${output.slice(-SHOWN)}`);
    }
    const { maxRss, work, cpu, requests } = probedSchema.parse(JSON.parse(await readFile(file, "utf8")));
    return { stdout, ms, workMs: work ?? undefined, memory: maxRss, cpuMs: cpu, requests };
  } finally {
    await rm(directory, { recursive: true });
  }
}
