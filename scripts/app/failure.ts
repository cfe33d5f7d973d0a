import { hintOf } from "../pipeline/hint.ts";
import { failureText } from "../report/failure.ts";
import { debug, stackOf } from "../system/debug.ts";
import { messageOf } from "../system/errors.ts";
import { errorWidth, printError } from "../system/shown/output.ts";
import { exitCodeOfError, printFailure } from "./result.ts";

/** What was typed, as far as it matters to who is told of a failure. */
export interface Asked {
  /** `runs`; undefined where no command was named. */
  readonly command: string | undefined;
  readonly json: boolean;
}

/**
 * Says what went wrong, and what to do about it: on standard error, and for scripts as the command's document.
 * @returns the exit code for it
 */
export function report(error: unknown, { command, json }: Asked): number {
  printError(failureText(messageOf(error), hintOf(error), errorWidth()));
  if (json) printFailure(error, command);
  debug(() => stackOf(error));
  return exitCodeOfError(error);
}
