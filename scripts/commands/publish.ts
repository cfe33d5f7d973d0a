import type { EngineOptions } from "../app/options.ts";
import { runCommand } from "../app/run-command.ts";

/** Publishes what an earlier build left. It is smoke-tested first: nothing else can be published. */
export function publishCommand(patterns: string[], options: EngineOptions): Promise<void> {
  return runCommand({ verb: "publish", first: "smoke", last: "publish" }, patterns, options);
}
