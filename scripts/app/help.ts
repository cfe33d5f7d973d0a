import { type Command, Help, type Option } from "commander";
import { BUILD, VERSION } from "../system/environment.ts";
import { typed } from "../system/shown/started.ts";

/** What the help of the command line says of all commands together. */

/** What the commands are for, in the order in which a newcomer needs them. */
const GROUPS: Readonly<Record<string, string>> = {
  "To begin:": "init doctor sandbox completion",
  "The catalog:": "check list render update schema",
  "To rebuild:": "plan explain rebuild join build smoke publish",
  "What is published:": "serve status scan site inspect sizes history rollback prune promote export import",
  "This machine:": "runs clean",
};

/** Puts each command into its group. */
export function groupCommands(program: Command): void {
  for (const [heading, names] of Object.entries(GROUPS)) {
    for (const name of names.split(" ")) {
      program.commands.find((command) => command.name() === name)?.helpGroup(heading);
    }
  }
  const help = program.createCommand("help").argument("[command]").helpGroup("To begin:");
  program.addHelpCommand(help.description("show the options and examples of a command"));
}

/** What stands below the list of commands. */
export function afterHelp(): string {
  return `
Examples:
  # begin with five images, in an empty folder
  ${typed("init")}
  # what is due, and why
  ${typed("plan")}
  # all versions of Node.js that are due, and nothing else
  ${typed("rebuild", ["node"])}
  # what ends soon, or has ended
  ${typed("list", [], ["--eol"])}

${typed("help", ["rebuild"])} shows the options and examples of one.`;
}

/** What `--version` prints. */
export function versionText(): string {
  return BUILD === undefined ? `birdhouse ${VERSION}` : `birdhouse ${VERSION} (build ${BUILD})`;
}

/** As usual, but for the default of a switch: that it is off goes without saying. */
export function descriptionOf(option: Option): string {
  return new Help().optionDescription(option).replace(" (default: false)", "");
}

/** How the list of commands names one: that it has options goes without saying, as each has, and takes the width. */
export function termOf(command: Command): string {
  return new Help().subcommandTerm(command).replace(" [options]", "");
}
