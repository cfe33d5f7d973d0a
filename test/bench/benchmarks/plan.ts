import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { Cleanup } from "../../../scripts/system/cleanup.ts";
import { openAlpineData, REPOSITORIES } from "../alpine.ts";
import { type Child, childFile, runNode, TYPESCRIPT } from "../child.ts";
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
  const options = ["--json", "--catalog", catalog, "--state", state];
  note(`${ROUNDS} rounds of each, in turn`);
  const runs = await interleave(
    {
      loop: () => runNode([childFile("bare-loop.mjs"), urls, String(CONCURRENCY)]),
      process: () => runNode([...TYPESCRIPT, "scripts/birdhouse.ts", "plan", ...options]),
      command: () => runNode([...TYPESCRIPT, childFile("plan.ts"), catalog, state]),
    },
    ROUNDS,
  );
  for (const run of [...runs.process, ...runs.command]) checkIdle(run, fleet);
  return [...timeResults(runs), memoryResult(runs.process), requestResult(runs.process, fleet)];
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

function timeResults(runs: Record<"loop" | "process" | "command", readonly Child[]>): Result[] {
  const whole = (children: readonly Child[]) => median(children.map(({ ms }) => ms));
  const work = (children: readonly Child[]) => median(children.map(({ workMs }) => workMs ?? 0));
  const processor = (children: readonly Child[]) => median(children.map(({ cpuMs }) => cpuMs));
  const common = { benchmark: "plan", unit: "ms", allowed: ALLOWED_TIME } as const;
  return [
    {
      ...common,
      what: "idle plan, the command",
      measured: work(runs.command),
      against: { what: "bare loop", value: work(runs.loop) },
    },
    {
      ...common,
      what: "idle plan, the whole process",
      measured: whole(runs.process),
      against: { what: "bare loop, whole process", value: whole(runs.loop) },
    },
    {
      benchmark: "plan",
      unit: "ms",
      what: "processor time of the process",
      measured: processor(runs.process),
      against: { what: "bare loop, whole process", value: processor(runs.loop) },
    },
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
