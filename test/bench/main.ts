import { availableParallelism } from "node:os";
import { UserError } from "../../scripts/system/errors.ts";
import { coldBenchmark } from "./benchmarks/cold.ts";
import { farmBenchmark } from "./benchmarks/farm.ts";
import { latencyBenchmark } from "./benchmarks/latency.ts";
import { planBenchmark } from "./benchmarks/plan.ts";
import { publishBenchmark } from "./benchmarks/publish.ts";
import { readIndexBenchmark } from "./benchmarks/read-index.ts";
import { rebuildBenchmark } from "./benchmarks/rebuild.ts";
import { renderBenchmark } from "./benchmarks/render.ts";
import { scaleBenchmark } from "./benchmarks/scale.ts";
import { siteBenchmark } from "./benchmarks/site.ts";
import { startupBenchmark } from "./benchmarks/startup.ts";
import { type Benchmark, isOver, type Result, resultsJson, resultsText } from "./result.ts";

/** npm run bench -- [--json] [NAME…]: without names, all. Exit code 1 when something is over its limit. */

const BENCHMARKS: readonly Benchmark[] = [
  planBenchmark,
  readIndexBenchmark,
  renderBenchmark,
  rebuildBenchmark,
  publishBenchmark,
  siteBenchmark,
];

async function main(words: readonly string[]): Promise<void> {
  const json = words.includes("--json");
  const chosen = choose(words.filter((word) => word !== "--json"));
  const results: Result[] = [];
  for (const benchmark of chosen) {
    note(`${benchmark.name}: ${benchmark.title}`);
    results.push(...(await benchmark.run((text) => note(`  ${text}`))));
  }
  const machine = { node: process.version, cores: availableParallelism(), date: new Date().toISOString() };
  const document = { ...machine, results: resultsJson(results) };
  process.stdout.write(`${json ? JSON.stringify(document, null, 2) : resultsText(results)}\n`);
  if (results.some((one) => isOver(one))) process.exitCode = 1;
}

/** Those that take long, or need what a rebuild has published: only where they are named. */
const NAMED: readonly Benchmark[] = [
  coldBenchmark,
  farmBenchmark,
  latencyBenchmark,
  scaleBenchmark,
  startupBenchmark,
];

function choose(names: readonly string[]): readonly Benchmark[] {
  if (names.length === 0) return BENCHMARKS;
  const all = [...BENCHMARKS, ...NAMED];
  return names.map((name) => {
    const found = all.find((benchmark) => benchmark.name === name);
    if (found) return found;
    const known = all.map((benchmark) => benchmark.name).join(", ");
    throw new UserError(`there is no benchmark ${name}`, `there are ${known}`);
  });
}

function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  note(error.message);
  if (error.hint !== undefined) note(`→ ${error.hint}`);
  process.exitCode = 2;
}
