import { availableParallelism } from "node:os";
import { Cleanup } from "../../../scripts/system/ending.ts";
import { AFTER, SHARED, writeRepository } from "../move/packages.ts";
import { openWorkshop } from "../move/workshop.ts";
import type { Benchmark, Result } from "../result.ts";
import { timed } from "../timing.ts";
import { rebuild } from "./rebuild.ts";

/** Versions of the app, of which every third holds the package that moves: each is a pair of images. */
const SIZES = [3, 30];

/** A run each hour waits for half of one on average, and for all of one at most. */
const HOUR = 3600;

/** How long it takes from the moment that an index names a new package until all tags that hold it have moved. */
export const latencyBenchmark: Benchmark = {
  name: "latency",
  title: `one package moves, held by ${SIZES.map((size) => (size / 3) * 2).join(" and by ")} images`,
  async run(note) {
    const results: Result[] = [];
    for (const size of SIZES) results.push(await latencyOf(size, note));
    return results;
  },
};

async function latencyOf(versions: number, note: (text: string) => void): Promise<Result> {
  const cleanup = new Cleanup();
  try {
    const shop = await openWorkshop(versions, availableParallelism(), cleanup, note);
    note(`building all ${shop.targets.length} images`);
    await rebuild(shop);
    note(`${SHARED} moves to ${AFTER}`);
    await writeRepository(shop.mirror, AFTER);
    let moved: string[] = [];
    const ms = await timed(async () => {
      moved = await rebuild(shop);
    });
    if (moved.length !== (versions / 3) * 2) throw new Error(`${moved.length} images were rebuilt`);
    return {
      benchmark: "latency",
      what: `until ${moved.length} of ${shop.targets.length} images have moved`,
      unit: "s",
      measured: ms / 1000,
      against: { what: "an hour", value: HOUR },
    };
  } finally {
    await cleanup.run();
  }
}
