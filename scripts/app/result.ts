import { CatalogError } from "../catalog/text/problems.ts";
import type { Outcome } from "../pipeline/events.ts";
import { hintOf } from "../pipeline/hint.ts";
import { isUncompared, type PlannedTarget } from "../plan/plan.ts";
import { LockedError } from "../publish/lock-state.ts";
import { RegistryError } from "../registry/errors.ts";
import type { ErrorOutput, Output, OutputName } from "../report/output/schemas.ts";
import { OUTPUT_VERSION } from "../report/output/version.ts";
import { Interrupted, messageOf, UserError } from "../system/errors.ts";
import { type Block, outputWidth, print, printBlocks, printJson } from "../system/shown/output.ts";
import type { CommonOptions } from "./options.ts";

/** Exit codes that a cron job can act on. */
export const EXIT = { failed: 1, misconfigured: 2, locked: 3, due: 4, interrupted: 130 } as const;

/**
 * The exit code of a plan and what came of it: 1 where something failed, waits after it failed, was not started or could
 * not be found out, 2 where the catalog asks for what no branch has, so that its maintainer has to change it, and 0 otherwise. What is
 * unavailable for now is no failure.
 */
export function exitCodeOf(planned: readonly PlannedTarget[], outcomes: readonly Outcome[]): 0 | 1 | 2 {
  if (outcomes.some(({ status }) => status !== "done")) return 1;
  if (planned.some(({ obstacle }) => obstacle && !obstacle.excused && !obstacle.isUnknown)) return 2;
  const isUnknown = (one: PlannedTarget) => one.obstacle?.isUnknown || isUncompared(one);
  return planned.some((one) => isUnknown(one) || one.leftOut === "waiting") ? 1 : 0;
}

/** The exit code of a command that failed. */
export function exitCodeOfError(error: unknown): number {
  if (error instanceof Interrupted) return EXIT.interrupted;
  if (error instanceof LockedError) return EXIT.locked;
  const isForUser = error instanceof UserError || (error instanceof RegistryError && error.isRefusal);
  return isForUser ? EXIT.misconfigured : EXIT.failed;
}

/** Whether the one document of this process is out: what fails later is told on standard error only. */
let isPrinted = false;

/**
 * Prints a command's result on standard output: for people, or with `--json` as one document, in the envelope that all
 * have.
 * @param command with what makes its output another: `status --cve`
 * @param text told how wide its lines may be, in characters; undefined where there is no bound
 * @param json as its schema has it: see report/output
 */
export function printResult<Name extends OutputName>(
  options: Pick<CommonOptions, "json">,
  command: Name,
  text: (width: number | undefined) => string | readonly Block[],
  json: () => Output[Name],
): void {
  if (options.json) {
    isPrinted = true;
    printJson({ version: OUTPUT_VERSION, command, ...json() }, 2);
    return;
  }
  const result = text(outputWidth());
  if (typeof result === "string") print(result);
  else printBlocks(result);
}

/** Prints what went wrong as the document of a command that has printed none. @param command undefined where none was named */
export function printFailure(error: unknown, command: string | undefined): void {
  if (isPrinted) return;
  isPrinted = true;
  const failure: ErrorOutput["error"] = {
    message: messageOf(error),
    hint: hintOf(error) ?? null,
    exitCode: exitCodeOfError(error),
    ...(error instanceof CatalogError && { problems: error.problems }),
  };
  const document: ErrorOutput = { version: OUTPUT_VERSION, command: command ?? null, error: failure };
  printJson(document, 2);
}
