import { type Command, CommanderError } from "commander";
import { hintOf } from "../pipeline/hint.ts";
import { failureText } from "../report/failure.ts";
import { debug, stackOf } from "../system/debug.ts";
import { catchUncaught, surviveLostOutput } from "../system/ending.ts";
import { messageOf } from "../system/errors.ts";
import { errorWidth, printError } from "../system/shown/output.ts";
import { rememberEnvironment } from "../system/shown/secrets.ts";
import { EXIT, exitCodeOfError } from "./result.ts";

/** Runs the command that was typed. What goes wrong is told on standard error and becomes the exit code. */
export async function runProgram(program: Command): Promise<void> {
  rememberEnvironment(process.env);
  surviveLostOutput();
  catchUncaught((error) => report(error));
  try {
    await program.parseAsync();
  } catch (error) {
    process.exitCode = report(error);
  }
}

/** Says what went wrong, and gives the exit code for it. */
function report(error: unknown): number {
  // Commander has printed its own message, and --help is no error at all.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.misconfigured;
  printError(failureText(messageOf(error), hintOf(error), errorWidth()));
  debug(() => stackOf(error));
  return exitCodeOfError(error);
}
