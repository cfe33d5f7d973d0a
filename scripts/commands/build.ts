import type { PipelineOptions } from "../app/options.ts";
import { runCommand } from "../app/run-command.ts";

/** Builds what is named into OCI layouts, whether due or not. */
export function build(patterns: string[], options: PipelineOptions): Promise<void> {
  return runCommand("build", patterns, options);
}
