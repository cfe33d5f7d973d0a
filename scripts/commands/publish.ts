import type { PipelineOptions } from "../app/options.ts";
import { runCommand } from "../app/run-command.ts";

/** Smoke-tests what an earlier `build` left, and publishes it: nothing is published that was not tested. */
export function publish(patterns: string[], options: PipelineOptions): Promise<void> {
  return runCommand("publish", patterns, options);
}
