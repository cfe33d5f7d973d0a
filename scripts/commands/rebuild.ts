import type { DryRunOption, PipelineOptions } from "../app/options.ts";
import { runCommand } from "../app/run-command.ts";
import { showPlan } from "../app/show-plan.ts";

/** Plans, builds, smoke-tests and publishes what is due; in a dry run, only shows what that is. */
export function rebuild(patterns: string[], options: PipelineOptions & DryRunOption): Promise<void> {
  if (options.dryRun) return showPlan(patterns, options);
  return runCommand("rebuild", patterns, options);
}
