import { type ProcessResult, run } from "../../../scripts/system/process/process.ts";

/** What a command took, in seconds. */
export interface Cost {
  /** Of the wall clock. */
  readonly seconds: number;
  /** Of the processors: its own and of all that it started and waited for. */
  readonly processor: number;
}

export const NOTHING: Cost = { seconds: 0, processor: 0 };

/** One after the other. */
export function plus(one: Cost, other: Cost): Cost {
  return { seconds: one.seconds + other.seconds, processor: one.processor + other.processor };
}

/** The last line that `times` prints: what children took of a processor, as user and as system. Source: POSIX, `times`. */
const TIMES = /(\d+)m([\d.]+)s (\d+)m([\d.]+)s\s*$/;

/** Runs a command and measures it. @throws CommandError when its exit code is not 0 */
export async function measured(
  argv: readonly string[],
): Promise<{ readonly result: ProcessResult; readonly cost: Cost }> {
  const start = performance.now();
  const result = await run(["sh", "-c", '"$@"; code=$?; times >&2; exit $code', "sh", ...argv]);
  const seconds = (performance.now() - start) / 1000;
  const [, userMinutes, user, systemMinutes, system] = TIMES.exec(result.stderr) ?? [];
  if (system === undefined) throw new Error(`the shell did not tell the times: ${result.stderr}`);
  const processor = 60 * (Number(userMinutes) + Number(systemMinutes)) + Number(user) + Number(system);
  return { result, cost: { seconds, processor } };
}
