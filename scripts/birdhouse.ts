import { Argument, Command, CommanderError, Option } from "commander";
import {
  addCommonOptions,
  addEngineChoice,
  addEngineOptions,
  addPlanningOptions,
  addRunsOptions,
  addSessionOptions,
  parseHold,
  platformOption,
} from "./app/options.ts";
import { EXIT, exitCodeOfError } from "./app/result.ts";
import { hintOf } from "./pipeline/hint.ts";
import { failureText } from "./report/failure.ts";
import { debug, isDebugging, stackOf, startDebug } from "./system/debug.ts";
import { catchUncaught, surviveLostOutput } from "./system/ending.ts";
import { messageOf } from "./system/errors.ts";
import { errorWidth, printError, shown } from "./system/shown/output.ts";
import { rememberEnvironment } from "./system/shown/secrets.ts";
import { typed } from "./system/shown/started.ts";

/**
 * The command line: what commands there are, and with which options. Each command's code is loaded when it
 * is called, so that the quick ones are quick.
 */

const program = new Command("birdhouse")
  .description("Builds, proves and publishes a catalog of tiny base images.")
  .showHelpAfterError(`(${typed("help")} shows what there is)`)
  .configureOutput({
    // It repeats what was typed.
    writeErr: (text) => printError(text.trimEnd()),
    outputError: (text, write) => write(shown(text)),
  })
  .hook("preAction", (_, command) => {
    if (command.opts().debug === true || isSet(process.env.BIRDHOUSE_DEBUG)) startDebug();
    debug(`Node ${process.version}, ${process.platform} ${process.arch}: ${process.argv.slice(2).join(" ")}`);
  })
  .exitOverride();

addCommonOptions(program.command("list [targets...]"))
  .description("show the targets of the catalog")
  .action(async (targets, options) => (await import("./commands/list.ts")).list(targets, options));

addCommonOptions(program.command("check"))
  .description("validate the catalog: every mistake at once")
  .action(async (options) => (await import("./commands/check.ts")).check(options));

addCommonOptions(program.command("render"))
  .description("write Dockerfiles, READMEs and tables from the catalog and the templates")
  .option("--check", "write nothing; fail with a diff where a file is not as rendered", false)
  .option("--dry-run", "write nothing; show what would change", false)
  .action(async (options) => (await import("./commands/render.ts")).render(options));

addEngineChoice(addPlanningOptions(program.command("plan [targets...]")))
  .description("what would be rebuilt, and why")
  .option("--force", "as if the named targets had been asked for", false)
  .addOption(
    new Option("--matrix <ci>", "the jobs of a CI run as one line of JSON").choices(["github", "gitlab"]),
  )
  .action(async (targets, options) => (await import("./commands/plan.ts")).showPlan(targets, options));

addEngineChoice(addPlanningOptions(program.command("explain <targets...>")))
  .description("the full story of targets: what was compared, and what came of it")
  .action(async (targets, options) => (await import("./commands/explain.ts")).explain(targets, options));

addSessionOptions(program.command("update [targets...]"))
  .description("which branch of Alpine carries which version, and what the catalog should change for it")
  .option("--write", "make the changes in the catalog, and render", false)
  .option("--markdown", "the table of changes as Markdown: the body of a pull request", false)
  .action(async (targets, options) => (await import("./commands/update.ts")).update(targets, options));

addEngineOptions(program.command("rebuild [targets...]"))
  .description("plan, build, smoke-test and publish what is due")
  .option("--force", "rebuild the named targets even if nothing has changed", false)
  .option("--dry-run", "show the plan and stop", false)
  .option("--verify", "build everything twice, and fail what does not come out the same", false)
  .action(async (targets, options) => (await import("./commands/rebuild.ts")).rebuild(targets, options));

addEngineOptions(program.command("build [targets...]"))
  .description("build targets into OCI layouts, due or not")
  .action(async (targets, options) => (await import("./commands/build.ts")).buildCommand(targets, options));

addEngineOptions(program.command("smoke [targets...]"))
  .description("smoke-test what was built")
  .action(async (targets, options) => (await import("./commands/smoke.ts")).smokeCommand(targets, options));

addEngineOptions(program.command("publish [targets...]"))
  .description("smoke-test what was built, and publish it")
  .action(async (targets, options) =>
    (await import("./commands/publish.ts")).publishCommand(targets, options),
  );

addSessionOptions(program.command("inspect <targets...>"))
  .description("what published targets hold: packages, sizes, tags, what is attached")
  .addOption(new Option("--sbom", "the SBOM of one of them instead, as it is attached").default(false))
  .addOption(new Option("--provenance", "its provenance instead").default(false).conflicts("sbom"))
  .addOption(platformOption("of several, whose SBOM"))
  .action(async (targets, options) => (await import("./commands/inspect.ts")).inspect(targets, options));

addSessionOptions(program.command("history <targets...>"))
  .description("what tags pointed at, when, and what changed in between, package by package")
  .action(async (targets, options) => (await import("./commands/history.ts")).history(targets, options));

addSessionOptions(program.command("rollback <targets...>"))
  .description("move the tags of versions back to where they pointed, both variants together")
  .option("--to <digest|day>", "the image, or what it was on that day; without it the one before")
  .addOption(new Option("--hold <time>", "keep them there for so long: 12h, 7d or 2w").argParser(parseHold))
  .option("--reason <text>", "why they are held, for others to read")
  .option("--release", "end a hold; no tag moves", false)
  .option("--dry-run", "show what would move, and stop", false)
  .action(async (targets, options) => (await import("./commands/rollback.ts")).rollback(targets, options));

addSessionOptions(program.command("prune [targets...]"))
  .description("remove builds that are older than what the catalog keeps: see policy.keep")
  .option("--dry-run", "show what would be removed, and stop", false)
  .action(async (targets, options) => (await import("./commands/prune.ts")).prune(targets, options));

addSessionOptions(program.command("export [targets...]"))
  .description("write published targets, with all that is attached to them, as one OCI image layout")
  .requiredOption("--to <path>", "a directory, or an archive where it ends in .tar")
  .action(async (targets, options) => (await import("./commands/export.ts")).exportImages(targets, options));

addSessionOptions(program.command("import <path> [targets...]"))
  .description("publish what was exported elsewhere, after all of it was verified")
  .option("--dry-run", "verify it, show what would be sent and moved, and stop", false)
  .action(async (path, targets, options) =>
    (await import("./commands/import.ts")).importImages(path, targets, options),
  );

addSessionOptions(program.command("sizes [targets...]"))
  .description("what published images spend their bytes on, by package")
  .action(async (targets, options) => (await import("./commands/sizes.ts")).sizes(targets, options));

addSessionOptions(program.command("sandbox"))
  .description("keep the sandbox's registry and mirror running, to pull from; Ctrl-C ends it")
  .action(async (options) => (await import("./commands/sandbox.ts")).sandbox(options));

addEngineChoice(addSessionOptions(program.command("doctor")))
  .description("look at all that a run needs, and say what to do about what is not as it should be")
  .action(async (options) => (await import("./commands/doctor.ts")).doctor(options));

addRunsOptions(program.command("runs"))
  .description("list what runs did, the newest first; runs show N tells of one")
  .addArgument(new Argument("[show]", "tell of one run").choices(["show"]))
  .argument("[run]", "its number in the list, or its name", "1")
  .action(async (show, run, options) => {
    const { listRuns, showRun } = await import("./commands/runs.ts");
    await (show ? showRun(run, options) : listRuns(options));
  });

addCommonOptions(program.command("clean"))
  .description("remove what the catalog's rule no longer allows: old layouts, runs, the engine's leftovers")
  .option("--state <directory>", "what to clean", ".birdhouse")
  .addOption(
    new Option("--builder <name>", "the buildx builder whose cache is bounded").env("BUILDX_BUILDER"),
  )
  .option("--dry-run", "show what would go, and stop", false)
  .action(async (options) => (await import("./commands/clean.ts")).cleanState(options));

program
  .command("schema")
  .description("print the catalog's JSON schema, which editors read")
  .option("--write", "write it to catalog.schema.json instead", false)
  .action(async (options) => (await import("./commands/schema.ts")).schema(options));

for (const command of program.commands) {
  command.option(
    "--debug",
    "tell commands, HTTP requests and where errors come from too (or BIRDHOUSE_DEBUG=1)",
  );
}
rememberEnvironment(process.env);
surviveLostOutput();
catchUncaught((error) => report(error));

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = report(error);
}

/** Whether a variable that turns something on does. */
function isSet(value: string | undefined): boolean {
  return value !== undefined && !["", "0", "false", "no"].includes(value);
}

/** Says what went wrong, and gives the exit code for it. */
function report(error: unknown): number {
  // Commander has printed its own message, and --help is no error at all.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.misconfigured;
  printError(failureText(messageOf(error), hintOf(error), errorWidth()));
  if (isDebugging()) debug(stackOf(error));
  return exitCodeOfError(error);
}
