import type { EngineOptions } from "../app/options.ts";
import { runSomeStages } from "../app/some-stages.ts";

/** Builds targets into OCI layouts, due or not. */
export function buildCommand(patterns: string[], options: EngineOptions): Promise<void> {
  return runSomeStages(patterns, { first: "build", last: "build" }, options);
}
