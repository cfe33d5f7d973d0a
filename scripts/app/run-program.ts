import { type Command, CommanderError } from "commander";
import { catchUncaught, surviveLostOutput } from "../system/ending.ts";
import { messageOf, UserError } from "../system/errors.ts";
import { printError } from "../system/shown/output.ts";
import { rememberEnvironment } from "../system/shown/secrets.ts";
import type { Asked } from "./failure.ts";

/** Of a command line that cannot be understood, as of all that the user is to mend: see EXIT in result.ts. */
const MISCONFIGURED = 2;

/** Tells of an error, and gives the exit code for it. What it takes for that is loaded once a command begins. */
type Report = (error: unknown) => number;

async function loadReport(asked: Asked): Promise<Report> {
  const { report } = await import("./failure.ts");
  return (error) => report(error, asked);
}

/** Runs the command that was typed. What goes wrong is told on standard error and becomes the exit code. */
export async function runProgram(program: Command): Promise<void> {
  // Help needs none of what knows errors, which takes longer to load than help to print.
  let report: Report | undefined;
  program.hook("preAction", async (_, command) => {
    report = await loadReport({ command: command.name(), json: command.opts().json === true });
  });
  rememberEnvironment(process.env);
  for (const name of emptyVariables(program, process.env)) delete process.env[name];
  surviveLostOutput();
  catchUncaught((error) => void (report ?? reportPlainly)(error));
  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = await exitCodeAfter(error, report, askedOf(program, process.argv.slice(2)));
  }
}

/**
 * The variables that stand for an option and hold nothing. A CI system sets what nobody filled in to the empty text, by
 * which nobody means anything; an option that is typed with an empty text is a mistake.
 */
export function emptyVariables(
  program: Command,
  environment: Readonly<Record<string, string | undefined>>,
): string[] {
  const options = program.commands.flatMap((command) => command.options);
  const names = new Set(options.flatMap(({ envVar }) => envVar ?? []));
  return [...names].filter((name) => environment[name] === "");
}

/** Says what went wrong, and gives the exit code for it. */
async function exitCodeAfter(error: unknown, report: Report | undefined, asked: Asked): Promise<number> {
  if (!(error instanceof CommanderError)) return (report ?? (await loadReport(asked)))(error);
  // --help is no error at all.
  if (error.exitCode === 0) return 0;
  // Commander has printed its own message for people.
  if (asked.json) {
    const { printFailure } = await import("./result.ts");
    printFailure(new UserError(error.message.replace(/^error: /, "")), asked.command);
  }
  return MISCONFIGURED;
}

/** What a command line asks for that could not be understood. */
function askedOf(program: Command, words: readonly string[]): Asked {
  const command = program.commands.map((one) => one.name()).find((name) => name === words[0]);
  return { command, json: words.includes("--json") };
}

function reportPlainly(error: unknown): number {
  printError(messageOf(error));
  return 1;
}
