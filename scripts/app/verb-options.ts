import { type Command, Option } from "commander";
import { SCANNERS } from "../model/gate.ts";
import { PLATFORMS } from "../model/platform.ts";
import {
  addSessionOptions,
  addTestingOptions,
  limitOption,
  metricsOption,
  parseHold,
  platformOption,
} from "./options.ts";

/** Options that one verb has, or two. */

/** Options of the command that moves tags back. */
export function addRollbackOptions(command: Command): Command {
  return addSessionOptions(command)
    .option("--to <digest|day>", "the build, by its digest or by a day (default: the one before)")
    .option("--hold <time>", "keep the tags there for this long: 12h, 7d or 2w", parseHold)
    .option("--reason <text>", "why they are held, for others to read")
    .option("--release", "end a hold without moving a tag", false)
    .option("--dry-run", "show what would move, and stop", false);
}

/** Options of the command that takes builds on to another registry. */
export function addPromoteOptions(command: Command): Command {
  addSessionOptions(command);
  // It goes where its argument says; whoever gives another one is told so, and not that there is no such option.
  command.options.find(({ long }) => long === "--registry")?.hideHelp();
  return command
    .option("--now", "skip the soak time, for an urgent fix", false)
    .option("--dry-run", "show what would be sent and moved, and stop", false);
}

/** What of published targets is shown. */
export function addInspectOptions(command: Command): Command {
  return addSessionOptions(command)
    .option("--sbom", "print the SBOM of one target instead, as attached", false)
    .addOption(new Option("--provenance", "print its provenance instead").default(false).conflicts("sbom"))
    .addOption(
      new Option("--vex", "print what was let through with a reason instead, as OpenVEX")
        .default(false)
        .conflicts(["sbom", "provenance"]),
    )
    .addOption(platformOption("with --sbom or --vex: of which platform"));
}

/** Of which platform a machine does its part. */
function halfOption(): Option {
  return new Option(
    "--half <platform>",
    "make only this platform, and move no tag: join brings together what all machines made",
  )
    .choices(PLATFORMS)
    .conflicts(["platform", "verify", "dryRun"]);
}

/** What looks for vulnerabilities. */
export function scannerOption(): Option {
  return new Option(
    "--scanner <name>",
    "what looks beside Alpine's list of fixes, instead of the one of the catalog's gate",
  ).choices([...SCANNERS, "none"]);
}

/** As what the status is shown, one of them at a time. */
export function addStatusForms(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--cve <name>",
        "show instead which tags hold a vulnerability, such as CVE-2026-1234",
      ).conflicts(["markdown", "html"]),
    )
    .addOption(new Option("--markdown", "print it as a Markdown table").default(false).conflicts("json"))
    .addOption(
      new Option("--html", "print it as a page that needs nothing beside it")
        .default(false)
        .conflicts(["json", "markdown"]),
    );
}

export function addRebuildOptions(command: Command): Command {
  return addTestingOptions(command)
    .option("--force", "rebuild the named targets even if nothing has changed", false)
    .option("--dry-run", "show the plan and stop", false)
    .option("--verify", "build everything twice, and fail what differs", false)
    .addOption(
      limitOption("stop after this many versions, the newest of each image first; later runs do the rest"),
    )
    .addOption(halfOption())
    .addOption(metricsOption());
}
