import { Command, CommanderError } from "commander";
import { addCheck } from "./commands/check.ts";
import { addList } from "./commands/list.ts";
import { addPlan } from "./commands/plan.ts";
import { addRebuild } from "./commands/rebuild.ts";
import { addRender } from "./commands/render.ts";
import { addSandbox } from "./commands/sandbox.ts";
import { addSchema } from "./commands/schema.ts";
import { Interrupted } from "./commands/session.ts";
import { addStages } from "./commands/stages.ts";
import { messageOf, UserError } from "./system/errors.ts";

/** Exit codes that a cron job can act on. */
const EXIT = { failed: 1, misconfigured: 2, interrupted: 130 } as const;

const program = new Command("birdhouse")
  .description("Builds, proves and publishes a catalog of tiny base images.")
  .showHelpAfterError("(birdhouse help shows what there is)")
  .exitOverride();

for (const add of [addList, addCheck, addRender, addPlan, addRebuild, addStages, addSandbox, addSchema])
  add(program);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Says what went wrong, and gives the exit code for it. */
function report(error: unknown): number {
  // Commander has printed its own message, and --help is no error at all.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.misconfigured;
  console.error(messageOf(error));
  if (error instanceof Interrupted) return EXIT.interrupted;
  if (!(error instanceof UserError)) return EXIT.failed;
  if (error.hint !== undefined) console.error(`→ ${error.hint}`);
  return EXIT.misconfigured;
}
