import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { Cleanup } from "../../../scripts/system/ending.ts";
import { openAlpineData, REPOSITORIES } from "../alpine.ts";
import { type Child, childFile, runNode } from "../child.ts";
import { type Fleet, openFleet } from "../fleet/fleet.ts";
import type { Benchmark, Result } from "../result.ts";
import { interleave, median } from "../timing.ts";

/** 500 versions, two tags each. */
const SIZE = { images: 20, versions: 25 };
/** Connections of the bare loop: as many as the registry's client has. */
const CONCURRENCY = 16;
const ROUNDS = 5;
const ALLOWED_TIME = 1.3;
const ALLOWED_MB = 150;
/** Beyond one for each tag, index and base image: for a login, or a repeated one. */
const SPARE_REQUESTS = 5;
const MB = 1_000_000;

/** A plan that finds nothing to do, beside a loop that only reads what a plan has to read. */
export const planBenchmark: Benchmark = {
  name: "plan",
  title: "an idle plan over 1,000 tags",
  async run(note) {
    const cleanup = new Cleanup();
    try {
      const data = openAlpineData();
      note(`publishing ${SIZE.images * SIZE.versions} versions; ${data.title}`);
      const fleet = await openFleet(SIZE, data, cleanup);
      return await measure(fleet, cleanup, note);
    } finally {
      await cleanup.run();
    }
  },
};

async function measure(fleet: Fleet, cleanup: Cleanup, note: (text: string) => void): Promise<Result[]> {
  const directory = await mkdtemp(join(tmpdir(), "birdhouse-bench-"));
  cleanup.add(() => rm(directory, { recursive: true }));
  const urls = join(directory, "urls.json");
  await writeFile(urls, JSON.stringify(fleet.manifests));
  const { catalog, state } = fleet;
  const planIn = (place: string) => [
    ...["scripts/start.mjs", "plan", "--json", "--catalog", catalog, "--state", place],
  ];
  const plan = planIn(state);
  // The first one keeps copies of the indexes, and the code in one piece; the second remembers what was found with them.
  await runNode(plan);
  await runNode(plan);
  const fresh = join(directory, "fresh");
  note(`${ROUNDS} rounds of each, in turn`);
  const runs = await interleave(
    {
      loop: () => runNode([childFile("bare-loop.mjs"), urls, String(CONCURRENCY)]),
      idle: () => runNode(plan),
      // As on a machine that throws its disk away each night.
      first: async () => {
        await rm(fresh, { recursive: true, force: true });
        return runNode(planIn(fresh));
      },
    },
    ROUNDS,
  );
  for (const run of [...runs.first, ...runs.idle]) checkIdle(run, fleet);
  return [...timeResults(runs), memoryResult(runs.idle), requestResult(runs.idle, fleet)];
}

const planSchema = z.object({ plan: z.array(z.object({ target: z.string(), rebuild: z.boolean() })) });

/** A plan that was quick because it saw only half is none. */
function checkIdle({ stdout }: Child, fleet: Fleet): void {
  const { plan } = planSchema.parse(JSON.parse(stdout));
  const due = plan.filter(({ rebuild }) => rebuild);
  if (plan.length === fleet.manifests.length && due.length === 0) return;
  throw new Error(
    `not an idle plan: ${due.length} of ${plan.length} targets are due, ${due[0]?.target} first`,
  );
}

function timeResults(runs: Record<"loop" | "idle" | "first", readonly Child[]>): Result[] {
  const time = (children: readonly Child[]) => median(children.map(({ ms }) => ms));
  const processor = (children: readonly Child[]) => median(children.map(({ cpuMs }) => cpuMs));
  const loop = { what: "bare loop", value: time(runs.loop) };
  const common = { benchmark: "plan", unit: "ms" } as const;
  return [
    { ...common, what: "idle plan", measured: time(runs.idle), against: loop, allowed: ALLOWED_TIME },
    { ...common, what: "the first plan of a machine", measured: time(runs.first), against: loop },
    ...(["idle", "first"] as const).map((which) => ({
      ...common,
      what: `processor time of ${which === "idle" ? "an idle plan" : "a first plan"}`,
      measured: processor(runs[which]),
      against: { what: "bare loop", value: processor(runs.loop) },
    })),
  ];
}

function memoryResult(runs: readonly Child[]): Result {
  return {
    benchmark: "plan",
    what: "memory of the process",
    unit: "MB",
    measured: Math.max(...runs.map(({ memory }) => memory)) / MB,
    against: { what: "limit", value: ALLOWED_MB },
    allowed: 1,
  };
}

function requestResult(runs: readonly Child[], fleet: Fleet): Result {
  const tags = fleet.manifests.length;
  const indexes = fleet.branches.length * REPOSITORIES.length;
  const bases = fleet.branches.length;
  return {
    benchmark: "plan",
    what: `requests: ${tags} tags, ${indexes} indexes, ${bases} bases`,
    unit: "requests",
    measured: Math.max(...runs.map(({ requests }) => requests.length)),
    against: { what: "limit", value: tags + indexes + bases + SPARE_REQUESTS },
    allowed: 1,
  };
}
