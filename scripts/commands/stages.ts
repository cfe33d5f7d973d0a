import type { Command } from "commander";
import type { Stage } from "../pipeline/events.ts";
import { outcomesJson } from "../report/json.ts";
import { outcomesText } from "../report/summary.ts";
import { makePlan } from "./make-plan.ts";
import { addEngineOptions, type EngineOptions } from "./options.ts";
import { printResult } from "./output.ts";
import { repeatCommand } from "./repeat.ts";
import { runStages } from "./run-stages.ts";
import { withSession } from "./session.ts";
import { updateImages } from "./update-images.ts";

const STAGE_COMMANDS = [
  { name: "build", first: "build", last: "build", description: "build targets into OCI layouts, due or not" },
  { name: "smoke", first: "smoke", last: "smoke", description: "smoke-test what was built" },
  {
    name: "publish",
    first: "smoke",
    last: "publish",
    description: "smoke-test what was built, and publish it",
  },
] as const satisfies readonly { name: string; first: Stage; last: Stage; description: string }[];

/** `build`, `smoke` and `publish`: parts of the pipeline, without a plan. */
export function addStages(program: Command): void {
  for (const { name, first, last, description } of STAGE_COMMANDS) {
    addEngineOptions(program.command(`${name} [targets...]`).description(description)).action(
      (patterns: string[], options: EngineOptions) => runCommand(patterns, { first, last, ...options }),
    );
  }
}

async function runCommand(
  patterns: string[],
  options: EngineOptions & { first: Stage; last: Stage },
): Promise<void> {
  await withSession(options, async (session) => {
    const { planned, rendered } = await makePlan(session, patterns, true);
    if (options.first === "build") await updateImages(session, rendered);
    const outcomes = await runStages(session, planned, options);
    const repeat = (target: string, stage: Stage) => repeatCommand(target, stage, session.profile, options);
    if (outcomes.some(({ status }) => status !== "done")) process.exitCode = 1;
    printResult(
      options,
      () => outcomesText(outcomes, repeat),
      () => ({ outcomes: outcomesJson(outcomes) }),
    );
  });
}
