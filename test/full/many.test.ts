import { randomUUID } from "node:crypto";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { Cleanup } from "../../scripts/system/ending.ts";
import { type ProcessResult, tryRun } from "../../scripts/system/process/process.ts";
import { mountPoints } from "../../scripts/system/state/run-folder.ts";
import { openWorkshop, type Workshop } from "../bench/move/workshop.ts";
import { soaked } from "../support/soak.ts";
import { BIRDHOUSE, type Document } from "../support/world.ts";

const VERSIONS = soaked(60, 6);
const MB = 1_000_000;
const LAST_WORDS = pathToFileURL(join(import.meta.dirname, "../support/last-words.mjs")).href;

const lastWordsSchema = z.object({
  peakBytes: z.number(),
  openFiles: z.array(z.string()),
  children: z.array(z.string()),
  resources: z.array(z.string()),
});

describe(`a rebuild of ${VERSIONS * 2} targets`, () => {
  const cleanup = new Cleanup();
  /** In the environment of the run, and so of all that it starts. */
  const mark = randomUUID();
  let shop: Workshop;
  /** Where programs put their temporary files, ours and the engine's. */
  let temporary: string;
  let run: ProcessResult;
  let lastWords: z.infer<typeof lastWordsSchema>;

  beforeAll(async () => {
    // Whoever bundles the code first has the bundler for a child.
    await tryRun([...BIRDHOUSE, "--version"]);
    shop = await openWorkshop(VERSIONS, availableParallelism(), cleanup, () => {});
    temporary = await mkdtemp(join(tmpdir(), "birdhouse-many-"));
    cleanup.add(() => rm(temporary, { recursive: true, force: true }));
  });
  afterAll(() => cleanup.run());

  const birdhouse = (command: string, ...args: readonly string[]) => {
    const words = [...BIRDHOUSE, command, "--json", "--profile", "catalog", "--catalog", shop.catalog];
    return tryRun([...words, "--state", shop.state, ...args], {
      env: {
        TMPDIR: temporary,
        BIRDHOUSE_TEST_LAST_WORDS: `${shop.state}.last-words`,
        BIRDHOUSE_TEST_MARK: mark,
        NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ""} --import=${LAST_WORDS}`,
      },
    });
  };

  it("publishes all of them", async () => {
    run = await birdhouse("rebuild", "--engine", "buildah");
    lastWords = lastWordsSchema.parse(JSON.parse(await readFile(`${shop.state}.last-words`, "utf8")));
    const { outcomes } = JSON.parse(run.stdout) as Document;
    expect(outcomes.filter(({ status }) => status !== "done")).toEqual([]);
    expect(outcomes).toHaveLength(VERSIONS * 2);
    expect(run.exitCode).toBe(0);
  });

  it("never has more than 300 MB of memory", () => {
    console.log(`at most ${Math.round(lastWords.peakBytes / MB)} MB`);
    expect(lastWords.peakBytes).toBeLessThan(300 * MB);
  });

  it("leaves no process behind, living or dead", async () => {
    expect(lastWords.children).toEqual([]);
    expect(await processesWith(mark)).toEqual([]);
  });

  it("leaves no file open", () => {
    expect(lastWords.openFiles).toEqual([]);
    // Files, children and timers keep a process from its end; this one came to its end by itself.
    expect(lastWords.resources.filter((one) => /FS|Process|Timeout|Immediate/.test(one))).toEqual([]);
  });

  it("leaves no mount and no store behind", async () => {
    const mounts = mountPoints(await readFile("/proc/self/mountinfo", "utf8"));
    expect(mounts.filter((point) => point.startsWith(shop.state))).toEqual([]);
    expect(await readdir(join(shop.state, "engine"))).toEqual([]);
    for (const name of ["scratch", "journals"]) {
      expect(await readdir(join(shop.state, name)).catch(() => []), name).toEqual([]);
    }
  });

  it("leaves no temporary file behind", async () => {
    expect(await readdir(temporary)).toEqual([]);
  });

  it("leaves nothing to do", async () => {
    const { stdout, exitCode } = await birdhouse("plan");
    const { plan } = JSON.parse(stdout) as Document;
    expect(plan.filter(({ rebuild }) => rebuild)).toEqual([]);
    expect(plan).toHaveLength(VERSIONS * 2);
    expect(exitCode).toBe(0);
  });
});

/** The command lines of processes that have a word in their environment. */
async function processesWith(word: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
    if (environment.includes(word))
      found.push(await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => pid));
  }
  return found;
}
