import { type Command, CommanderError } from "commander";
import { catchUncaught, surviveLostOutput } from "../system/ending.ts";
import { messageOf } from "../system/errors.ts";
import { printError } from "../system/shown/output.ts";
import { rememberEnvironment } from "../system/shown/secrets.ts";

/** Of a command line that cannot be understood, as of all that the user is to mend: see EXIT in result.ts. */
const MISCONFIGURED = 2;

/** Tells of an error, and gives the exit code for it. What it takes for that is loaded once a command begins. */
type Report = (error: unknown) => number;

const loadReport = async (): Promise<Report> => (await import("./failure.ts")).report;

/** Runs the command that was typed. What goes wrong is told on standard error and becomes the exit code. */
export async function runProgram(program: Command): Promise<void> {
  // Help needs none of what knows errors, which takes longer to load than help to print.
  let report: Report | undefined;
  program.hook("preAction", async () => {
    report = await loadReport();
  });
  rememberEnvironment(process.env);
  surviveLostOutput();
  catchUncaught((error) => void (report ?? reportPlainly)(error));
  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = await exitCodeAfter(error, report);
  }
}

/** Says what went wrong, and gives the exit code for it. */
async function exitCodeAfter(error: unknown, report: Report | undefined): Promise<number> {
  // Commander has printed its own message, and --help is no error at all.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : MISCONFIGURED;
  return (report ?? (await loadReport()))(error);
}

function reportPlainly(error: unknown): number {
  printError(messageOf(error));
  return 1;
}
