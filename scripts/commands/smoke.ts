import type { EngineOptions } from "../app/options.ts";
import { runCommand } from "../app/run-command.ts";

/** Smoke-tests what an earlier build left. */
export function smokeCommand(patterns: string[], options: EngineOptions): Promise<void> {
  return runCommand({ verb: "smoke", first: "smoke", last: "smoke" }, patterns, options);
}
