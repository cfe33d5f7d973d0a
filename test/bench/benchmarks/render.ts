import { join } from "node:path";
import { loadCatalog } from "../../../scripts/catalog/load.ts";
import { PROJECT, runNode } from "../child.ts";
import type { Benchmark } from "../result.ts";
import { interleave, median } from "../timing.ts";

const ROUNDS = 5;
const LIMIT_MS = 1000;

/** All Dockerfiles and READMEs of the project's own catalog, rendered and compared with those on disk. */
export const renderBenchmark: Benchmark = {
  name: "render",
  title: "rendering all targets, as a whole process",
  async run(note) {
    const { targets } = await loadCatalog(join(PROJECT, "catalog.yaml"));
    note(`${targets.length} targets, ${ROUNDS} rounds`);
    const { render } = await interleave(
      { render: () => runNode(["scripts/start.mjs", "render", "--dry-run"]) },
      ROUNDS,
    );
    return [
      {
        benchmark: "render",
        what: `render ${targets.length} targets, the whole process`,
        unit: "ms",
        measured: median(render.map(({ ms }) => ms)),
        against: { what: "limit", value: LIMIT_MS },
        allowed: 1,
      },
    ];
  },
};
