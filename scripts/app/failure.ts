import { hintOf } from "../pipeline/hint.ts";
import { failureText } from "../report/failure.ts";
import { debug, stackOf } from "../system/debug.ts";
import { messageOf } from "../system/errors.ts";
import { errorWidth, printError } from "../system/shown/output.ts";
import { exitCodeOfError } from "./result.ts";

/** Says what went wrong, and what to do about it. @returns the exit code for it */
export function report(error: unknown): number {
  printError(failureText(messageOf(error), hintOf(error), errorWidth()));
  debug(() => stackOf(error));
  return exitCodeOfError(error);
}
