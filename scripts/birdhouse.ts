import { Argument, Command, Option } from "commander";
import { SHELLS } from "./app/completion.ts";
import { examplesText } from "./app/examples.ts";
import { afterHelp, descriptionOf, groupCommands, termOf, versionText } from "./app/help.ts";
import {
  addCommonOptions,
  addEngineChoice,
  addEngineOptions,
  addPlanningOptions,
  addRunsOptions,
  addSessionOptions,
  addTestingOptions,
  metricsOption,
  platformOption,
  smokePodsOption,
} from "./app/options.ts";
import { runProgram } from "./app/run-program.ts";
import {
  addInspectOptions,
  addPromoteOptions,
  addRebuildOptions,
  addRollbackOptions,
  addStatusForms,
  scannerOption,
} from "./app/verb-options.ts";
import { debug, setDebugging } from "./system/debug.ts";
import { printError, shown } from "./system/shown/output.ts";
import { typed } from "./system/shown/started.ts";

/** Runs what was typed: the start of everything, called by start.mjs. */
export function main(): Promise<void> {
  return runProgram(commandLine());
}

/**
 * The command line: what commands there are, and with which options. Each command's code is loaded when it
 * is called, so that the quick ones are quick.
 */
export function commandLine(): Command {
  const program = new Command("birdhouse")
    .description("Builds, tests and publishes a catalog of tiny base images.")
    .version(versionText(), "-V, --version", "print the version")
    .showHelpAfterError(`(${typed("help")} lists the commands)`)
    .addHelpText("after", () => afterHelp())
    .configureHelp({ optionDescription: descriptionOf, subcommandTerm: termOf })
    .configureOutput({
      // It repeats what was typed.
      writeErr: (text) => printError(text.trimEnd()),
      outputError: (text, write) => write(shown(text)),
    })
    .hook("preAction", (_, command) => {
      if (command.opts().debug === true || isSet(process.env.BIRDHOUSE_DEBUG)) setDebugging(true);
      const { version, platform, arch, argv } = process;
      debug(() => `Node ${version}, ${platform} ${arch}: ${argv.slice(2).join(" ")}`);
    })
    .exitOverride();

  program
    .command("init")
    .description("begin a catalog of your own in this folder; overwrites nothing")
    .option("--registry <host/namespace>", "where images will be published")
    .addOption(platformOption("for which platforms, such as linux/amd64,linux/arm64"))
    .option("--images <list>", "which images, with or without a version: node:24,python")
    .option("--workflows <owner/repository>", "call Birdhouse's workflows there, on GitHub, from a short one")
    .option("--yes", "ask nothing: what is usual, where no option says otherwise", false)
    .action(async (options) => (await import("./commands/init.ts")).init(options));

  addCommonOptions(program.command("list [targets...]"))
    .description("show the targets of the catalog")
    .option("--eol", "only those that have ended, or end within 90 days", false)
    .option("--branch <branch>", "only those on a branch of Alpine, such as 3.22")
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
    .description("show what would be rebuilt, and why")
    .option("--force", "plan the named targets even if nothing has changed", false)
    .option(
      "--detailed-exitcode",
      "exit with 4 where something is due, and with 0 only where nothing is",
      false,
    )
    .addOption(
      new Option("--matrix <ci>", "the jobs of a CI run as one line of JSON").choices(["github", "gitlab"]),
    )
    .action(async (targets, options) => (await import("./commands/plan.ts")).plan(targets, options));

  addEngineChoice(addPlanningOptions(program.command("explain <targets...>")))
    .description("show in full why targets are due or not: what was compared, and the result")
    .action(async (targets, options) => (await import("./commands/explain.ts")).explain(targets, options));

  addSessionOptions(program.command("update [targets...]"))
    .description("show which Alpine branch has which version, and what the catalog should change")
    .option("--write", "make the changes in the catalog, and render", false)
    .option("--markdown", "print the changes as a Markdown table, for a pull request", false)
    .action(async (targets, options) => (await import("./commands/update.ts")).update(targets, options));

  addRebuildOptions(program.command("rebuild [targets...]"))
    .description("plan, build, smoke-test and publish what is due")
    .action(async (targets, options) => (await import("./commands/rebuild.ts")).rebuild(targets, options));

  addTestingOptions(program.command("join [targets...]"))
    .description("publish what several machines made with rebuild --half, each of one platform")
    .option("--force", "join the named targets even if nothing has changed", false)
    .action(async (targets, options) => (await import("./commands/join.ts")).join(targets, options));

  addEngineOptions(program.command("build [targets...]"))
    .description("build targets into OCI layouts, whether due or not")
    .action(async (targets, options) => (await import("./commands/build.ts")).build(targets, options));

  addTestingOptions(program.command("smoke [targets...]"))
    .description("smoke-test what was built")
    .action(async (targets, options) => (await import("./commands/smoke.ts")).smoke(targets, options));

  addTestingOptions(program.command("publish [targets...]"))
    .description("smoke-test what was built, and publish it")
    .action(async (targets, options) => (await import("./commands/publish.ts")).publish(targets, options));

  addInspectOptions(program.command("inspect <targets...>"))
    .description("show what published targets hold: packages, sizes, tags, attachments")
    .action(async (targets, options) => (await import("./commands/inspect.ts")).inspect(targets, options));

  addStatusForms(addSessionOptions(program.command("status [targets...]")))
    .description("show what the registry holds: age, size, vulnerabilities, what is due")
    .addOption(metricsOption())
    .action(async (targets, options) => (await import("./commands/status.ts")).status(targets, options));

  addSessionOptions(program.command("scan [targets...]"))
    .description("look for vulnerabilities in what is published, and write down what became of each")
    .addOption(scannerOption())
    .option("--dry-run", "write nothing down", false)
    .addOption(metricsOption())
    .action(async (targets, options) => (await import("./commands/scan.ts")).scan(targets, options));

  addSessionOptions(program.command("history <targets...>"))
    .description("show what tags pointed at, when, and which packages changed in between")
    .action(async (targets, options) => (await import("./commands/history.ts")).history(targets, options));

  addRollbackOptions(program.command("rollback <targets...>"))
    .description("move the tags of versions back to an earlier build, runtime and dev together")
    .action(async (targets, options) => (await import("./commands/rollback.ts")).rollback(targets, options));

  addSessionOptions(program.command("prune [targets...]"))
    .description("remove published builds beyond what the catalog keeps (policy.keep)")
    .option("--dry-run", "show what would be removed, and stop", false)
    .action(async (targets, options) => (await import("./commands/prune.ts")).prune(targets, options));

  addSessionOptions(program.command("export [targets...]"))
    .description("write published targets and their attachments as one OCI image layout")
    .requiredOption("--to <path>", "a directory, or an archive if it ends in .tar")
    .action(async (targets, options) =>
      (await import("./commands/export.ts")).exportImages(targets, options),
    );

  addSessionOptions(program.command("import <path> [targets...]"))
    .description("verify what was exported elsewhere, and publish it")
    .option("--dry-run", "verify it, show what would be sent and moved, and stop", false)
    .action(async (path, targets, options) =>
      (await import("./commands/import.ts")).importImages(path, targets, options),
    );

  addPromoteOptions(program.command("promote <from> <to> [targets...]"))
    .description("take published targets on from a staging registry to the public one, by the catalog's rule")
    .action(async (from, to, targets, options) =>
      (await import("./commands/promote.ts")).promote(from, to, targets, options),
    );

  addSessionOptions(program.command("sizes [targets...]"))
    .description("show how many bytes each package takes in published images")
    .option("--write", "write the sizes into published.json beside the catalog, and render READMEs", false)
    .action(async (targets, options) => (await import("./commands/sizes.ts")).sizes(targets, options));

  addSessionOptions(program.command("site [targets...]"))
    .description("write static pages of what the registry holds, for a disk or any web server")
    .option("--output <folder>", "where to, in the place of the site before", "site")
    .action(async (targets, options) => (await import("./commands/site.ts")).site(targets, options));

  addSessionOptions(program.command("serve"))
    .description("keep this machine's registry running until Ctrl-C, to pull from")
    .action(async (options) => (await import("./commands/serve.ts")).serve(options));

  addSessionOptions(program.command("sandbox"))
    .description("keep the sandbox's registry and mirror running until Ctrl-C, to pull from")
    .action(async (options) => (await import("./commands/sandbox.ts")).sandbox(options));

  addEngineChoice(addSessionOptions(program.command("doctor")))
    .addOption(smokePodsOption())
    .description("check everything that a run needs, and say how to fix what is wrong")
    .action(async (options) => (await import("./commands/doctor.ts")).doctor(options));

  addRunsOptions(program.command("runs"))
    .description("list what runs did, newest first; runs show N shows one")
    .addArgument(new Argument("[show]", "show one run").choices(["show"]))
    .argument("[run]", "its number in the list, or its name", "1")
    .action(async (show, run, options) => {
      const { listRuns, showRun } = await import("./commands/runs.ts");
      await (show ? showRun(run, options) : listRuns(options));
    });

  addCommonOptions(program.command("clean"))
    .description("remove old layouts, old runs and leftovers, by the catalog's rule (clean)")
    .option("--state <directory>", "the state directory to clean", ".birdhouse")
    .addOption(
      new Option("--builder <name>", "the buildx builder whose cache is cleaned too").env("BUILDX_BUILDER"),
    )
    .option("--dry-run", "show what would be removed, and stop", false)
    .action(async (options) => (await import("./commands/clean.ts")).cleanState(options));

  program
    .command("schema")
    .description("print the JSON schema of the catalog, for editors, or of what a command prints with --json")
    .argument("[output]", "whose: plan, status-cve, error; without it the catalog's")
    .option("--write", "write all to catalog.schema.json and docs/json instead", false)
    .action(async (output, options) => (await import("./commands/schema.ts")).schema(output, options));

  program
    .command("completion")
    .description("print what completes commands, options and targets in a shell")
    .addArgument(new Argument("<shell>").choices(SHELLS))
    // What the shell asks: the words that were typed, behind `--`. No argument that help shows, as nobody types it.
    .allowExcessArguments()
    .action(async (shell, _, { args }) =>
      (await import("./commands/completion.ts")).completion(program, shell, args.slice(1)),
    );

  groupCommands(program);
  for (const command of program.commands) {
    command
      .addHelpText("after", () => examplesText(command.name()))
      .option(
        "--debug",
        "also print commands, HTTP requests and where errors come from (or BIRDHOUSE_DEBUG=1)",
      );
  }
  return program;
}

/** Whether a variable that turns something on does. */
function isSet(value: string | undefined): boolean {
  return value !== undefined && !["", "0", "false", "no"].includes(value);
}
