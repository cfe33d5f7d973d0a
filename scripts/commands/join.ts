import type { PipelineOptions } from "../app/options.ts";
import { runCommand } from "../app/run-command.ts";

/** Joins what several machines made, each of one platform, and publishes it: a version of which a part is missing stays. */
export function join(patterns: string[], options: PipelineOptions): Promise<void> {
  return runCommand("join", patterns, options);
}
