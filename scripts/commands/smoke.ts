import type { EngineOptions } from "../app/options.ts";
import { runSomeStages } from "../app/some-stages.ts";

/** Smoke-tests what an earlier build left. */
export function smokeCommand(patterns: string[], options: EngineOptions): Promise<void> {
  return runSomeStages(patterns, { first: "smoke", last: "smoke" }, options);
}
