import { expect, it } from "vitest";
import { tryRun } from "../../scripts/system/process/process.ts";

it("the benchmarks measure, and say so in a form that programs read", async () => {
  // What comes out depends on the machine and its neighbours: that it does is all that is asked here.
  const { exitCode, stdout, stderr } = await tryRun([
    "npm",
    "run",
    "-s",
    "bench",
    "--",
    "index",
    "render",
    "--json",
  ]);
  expect([0, 1], stderr).toContain(exitCode);
  const { results } = JSON.parse(stdout) as { results: { measured: number; against: { value: number } }[] };
  expect(results.length).toBeGreaterThanOrEqual(2);
  for (const { measured, against } of results) {
    expect(measured).toBeGreaterThan(0);
    expect(against.value).toBeGreaterThan(0);
  }
});
