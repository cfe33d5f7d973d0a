import type { PipelineOptions } from "../app/options.ts";
import { runCommand } from "../app/run-command.ts";

/** Smoke-tests what an earlier `build` left. */
export function smoke(patterns: string[], options: PipelineOptions): Promise<void> {
  return runCommand("smoke", patterns, options);
}
