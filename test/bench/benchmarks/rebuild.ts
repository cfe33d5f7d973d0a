import { availableParallelism } from "node:os";
import { z } from "zod";
import { Cleanup } from "../../../scripts/system/ending.ts";
import { runNode } from "../child.ts";
import type { BuildTarget } from "../move/build-all.ts";
import { NAMESPACES } from "../move/catalog.ts";
import { installedIn } from "../move/installed.ts";
import { AFTER, BEFORE, SHARED, writeRepository } from "../move/packages.ts";
import { openWorkshop, type Workshop } from "../move/workshop.ts";
import type { Benchmark, Result } from "../result.ts";
import { timed } from "../timing.ts";

/** How many versions the catalog has; each is two images. */
const VERSIONS = Number(process.env.BIRDHOUSE_BENCH_VERSIONS ?? 12);
/** `rebuild` works on so many versions at once, on both variants of each. The loop may do as much. */
const CONCURRENCY = availableParallelism() * 2;
const MB = 1_000_000;

type Way = keyof typeof NAMESPACES;

/** What a way to bring images up to date took, and what it left. */
interface Outcome {
  readonly seconds: number;
  /** Sent to the registry. */
  readonly bytes: number;
  /** Images that still hold the old package. */
  readonly missed: number;
}

/** One package moves: `rebuild`, beside a loop over all Dockerfiles, without and with its cache of layers. */
export const rebuildBenchmark: Benchmark = {
  name: "rebuild",
  title: `${VERSIONS * 2} images brought up to date after one package has moved`,
  async run(note) {
    const cleanup = new Cleanup();
    try {
      const shop = await openWorkshop(VERSIONS, CONCURRENCY, cleanup, note);
      note(`building all ${shop.targets.length} images, twice`);
      await rebuild(shop);
      await shop.loop.run(shop.targets, true, [NAMESPACES.fresh, NAMESPACES.cached]);
      const holders = await imagesWith(BEFORE, NAMESPACES.rebuild, shop);
      note(`${SHARED} moves to ${AFTER}: ${holders.length} of them hold it`);
      await writeRepository(shop.mirror, AFTER);
      return await compare(shop, holders, note);
    } finally {
      await cleanup.run();
    }
  },
};

async function compare(shop: Workshop, holders: readonly string[], note: (text: string) => void) {
  let touched: string[] = [];
  const ways: Readonly<Record<Way, () => Promise<unknown>>> = {
    rebuild: async () => {
      touched = await rebuild(shop);
    },
    fresh: () => shop.loop.run(shop.targets, false, [NAMESPACES.fresh]),
    cached: () => shop.loop.run(shop.targets, true, [NAMESPACES.cached]),
  };
  const outcomes = {} as Record<Way, Outcome>;
  for (const way of Object.keys(ways) as Way[]) {
    note(way);
    outcomes[way] = await measure(way, ways[way], shop);
  }
  const astray = [...new Set([...touched, ...holders])].filter(
    (name) => touched.includes(name) !== holders.includes(name),
  );
  return [...resultsOf(outcomes), ...exactness(touched, astray)];
}

async function measure(way: Way, work: () => Promise<unknown>, shop: Workshop): Promise<Outcome> {
  const before = await shop.meter.ask();
  const ms = await timed(work);
  const bytes = (await shop.meter.ask()) - before;
  const missed = (await imagesWith(BEFORE, NAMESPACES[way], shop)).length;
  return { seconds: ms / 1000, bytes, missed };
}

const outcomesSchema = z.object({
  outcomes: z.array(z.object({ target: z.string(), status: z.string(), message: z.string().optional() })),
});

/** Runs the command; gives the targets that it built and published. */
export async function rebuild({ catalog, state }: Workshop): Promise<string[]> {
  const options = ["--json", "--engine", "buildah", "--catalog", catalog, "--state", state];
  const { stdout } = await runNode(["scripts/start.mjs", "rebuild", ...options], [0, 1]);
  const { outcomes } = outcomesSchema.parse(JSON.parse(stdout));
  return outcomes.map(({ target, status, message = "" }) => {
    if (status !== "done") throw new Error(`${target}: ${status} ${message}`);
    return target;
  });
}

/** The targets whose published image has the package that moves in a version. */
async function imagesWith(version: string, namespace: string, shop: Workshop): Promise<string[]> {
  const names: string[] = [];
  for (const { target } of shop.targets) {
    const installed = await installedIn(shop.registry, ...placeOf({ target }, namespace), SHARED);
    if (installed === version) names.push(target.name);
  }
  return names;
}

function placeOf({ target }: Pick<BuildTarget, "target">, namespace: string) {
  return [`${namespace}/${target.image}`, target.name.slice(target.image.length + 1)] as const;
}

function resultsOf({ rebuild, fresh, cached }: Record<Way, Outcome>): Result[] {
  const [all, warm] = ["all built without cache", "all built with warm cache"];
  const line = { benchmark: "rebuild" } as const;
  const time = { ...line, what: "rebuild: time", unit: "s", measured: rebuild.seconds } as const;
  const sent = { ...line, what: "rebuild: sent", unit: "MB", measured: rebuild.bytes / MB } as const;
  const missed = {
    ...line,
    what: "rebuild: updates missed",
    unit: "targets",
    measured: rebuild.missed,
  } as const;
  return [
    { ...time, against: { what: all, value: fresh.seconds } },
    { ...time, against: { what: warm, value: cached.seconds } },
    { ...sent, against: { what: all, value: fresh.bytes / MB }, allowed: 1 },
    { ...sent, against: { what: warm, value: cached.bytes / MB } },
    { ...missed, against: { what: all, value: fresh.missed } },
    { ...missed, against: { what: warm, value: cached.missed } },
    { ...missed, against: { what: "limit", value: 0 }, allowed: 1 },
  ];
}

function exactness(touched: readonly string[], astray: readonly string[]): Result[] {
  return [
    {
      benchmark: "rebuild",
      what: `rebuild: built in vain or left out, beside ${touched.length} built`,
      unit: "targets",
      measured: astray.length,
      against: { what: "limit", value: 0 },
      allowed: 1,
    },
  ];
}
