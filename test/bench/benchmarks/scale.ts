import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Cleanup } from "../../../scripts/system/ending.ts";
import { count } from "../../../scripts/system/shown/format.ts";
import { largeCatalogs } from "../../support/large-catalogs.ts";
import { openAlpineData } from "../alpine.ts";
import { type Child, runNode } from "../child.ts";
import { openFleet } from "../fleet/fleet.ts";
import type { Benchmark, Result } from "../result.ts";

/** Tags in all, two of each version. */
const SIZES = [1_000, 10_000] as const;
const IMAGES = 20;
const MB = 1_000_000;

/** Versions of a catalog that is only checked: twice as many targets, and a limit in seconds. */
const CHECKED = { versions: 10_000, limit: 10 };

/** Ten times as many tags: what a first plan and an idle one take then, and what it takes to check a large catalog. */
export const scaleBenchmark: Benchmark = {
  name: "scale",
  title: `plans over ${SIZES.join(" and over ")} tags, and a catalog of ${CHECKED.versions * 2} targets`,
  async run(note) {
    const runs: Record<"first" | "idle", Child>[] = [];
    for (const tags of SIZES) runs.push(await plansOver(tags, note));
    const [small, large] = runs;
    if (!small || !large) return [];
    note("checking a large catalog");
    return [
      ...(["first", "idle"] as const).flatMap((which) => growth(which, small[which], large[which])),
      ...(await checkOf()),
    ];
  },
};

async function plansOver(
  tags: number,
  note: (text: string) => void,
): Promise<Record<"first" | "idle", Child>> {
  const cleanup = new Cleanup();
  try {
    const size = { images: IMAGES, versions: tags / 2 / IMAGES };
    note(`publishing ${count(tags, "tag")}`);
    const fleet = await openFleet(size, openAlpineData(), cleanup);
    const plan = ["scripts/start.mjs", "plan", "--catalog", fleet.catalog, "--state", fleet.state];
    note("planning");
    const first = await runNode(plan);
    await runNode(plan);
    return { first, idle: await runNode(plan) };
  } finally {
    await cleanup.run();
  }
}

/** Ten times as much may take ten times as long, and no more. */
function growth(which: "first" | "idle", small: Child, large: Child): Result[] {
  const line = { benchmark: "scale", allowed: SIZES[1] / SIZES[0] } as const;
  const name = which === "first" ? "a first plan" : "an idle plan";
  const of = (value: number) => ({ what: `of ${SIZES[0]}:`, value });
  return [
    {
      ...{ ...line, what: `${name} of ${SIZES[1]} tags`, unit: "s" },
      measured: large.ms / 1000,
      against: of(small.ms / 1000),
    },
    {
      ...{ ...line, what: `memory of ${name} of ${SIZES[1]} tags`, unit: "MB" },
      measured: large.memory / MB,
      against: of(small.memory / MB),
    },
  ];
}

async function checkOf(): Promise<Result[]> {
  const directory = await mkdtemp(join(tmpdir(), "birdhouse-bench-"));
  try {
    const results: Result[] = [];
    for (const [what, text] of largeCatalogs(CHECKED.versions)) {
      const file = join(directory, "catalog.yaml");
      await writeFile(file, text);
      const { ms, memory } = await runNode(["scripts/start.mjs", "check", "--catalog", file]);
      const limit = { what: "limit", value: CHECKED.limit };
      results.push(
        {
          ...{ benchmark: "scale", what: `check of ${what}`, unit: "s", allowed: 1 },
          measured: ms / 1000,
          against: limit,
        },
        {
          ...{ benchmark: "scale", what: "memory of it", unit: "MB" },
          measured: memory / MB,
          against: { what: "limit", value: 1_000 },
        },
      );
    }
    return results;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
