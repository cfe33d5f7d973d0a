import { once } from "node:events";
import { messageOf, UserError } from "../system/errors.ts";

/** What a check has found. `warn`: it works now, or could not be looked at; `fail`: it must be fixed. */
export interface CheckResult {
  readonly status: "ok" | "warn" | "fail";
  /** In a line or several; never a secret, as it goes into bug reports. */
  readonly found: string;
  /** What to do about it. */
  readonly advice?: string;
}

/** One thing that is looked at. */
export interface Check {
  readonly name: string;
  run(signal: AbortSignal): Promise<CheckResult>;
}

export type Examined = CheckResult & { readonly name: string };

/** Milliseconds: an engine's first build may take a while, and a longer wait helps nobody. */
const PATIENCE = 60_000;

/**
 * Runs checks at once and gives what they found in their order. None stops another: what one throws, or does not
 * come to an end in time, is its finding.
 *
 * @param patience milliseconds for each
 */
export function examine(checks: readonly Check[], patience = PATIENCE): Promise<Examined[]> {
  return Promise.all(
    checks.map(async ({ name, run }) => {
      const signal = AbortSignal.timeout(patience);
      const late = once(signal, "abort").then(() => lateFinding(patience));
      return { name, ...(await Promise.race([run(signal).catch(findingOf), late])) };
    }),
  );
}

function lateFinding(patience: number): CheckResult {
  return {
    status: "fail",
    found: `it did not end within ${patience / 1000} s`,
    advice: "find out what it hangs on: a network without an answer, or a machine under load",
  };
}

/** A failure as a finding. */
export function findingOf(error: unknown): CheckResult {
  const advice = error instanceof UserError ? error.hint : undefined;
  return { status: "fail", found: messageOf(error), ...(advice !== undefined && { advice }) };
}
