import type { EngineOptions } from "../app/options.ts";
import { runSomeStages } from "../app/some-stages.ts";

/** Publishes what an earlier build left. It is smoke-tested first: nothing else can be published. */
export function publishCommand(patterns: string[], options: EngineOptions): Promise<void> {
  return runSomeStages(patterns, { first: "smoke", last: "publish" }, options);
}
