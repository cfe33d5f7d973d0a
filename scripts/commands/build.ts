import type { EngineOptions } from "../app/options.ts";
import { runCommand } from "../app/run-command.ts";

/** Builds targets into OCI layouts, due or not. */
export function buildCommand(patterns: string[], options: EngineOptions): Promise<void> {
  return runCommand({ verb: "build", first: "build", last: "build" }, patterns, options);
}
