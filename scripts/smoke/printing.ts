import type { Container, RunOptions } from "../engine/engine.ts";
import type { ProcessResult } from "../system/process/process.ts";

/** How often a program is run that ends well and prints nothing. */
const ATTEMPTS = 3;

/**
 * Runs a program that is to print something, and again if it ended well and printed nothing. That was seen now and
 * then with buildah 1.28 on a busy machine, of programs that end at once; what lost their words is not known.
 */
export async function runPrinting(
  container: Container,
  argv: readonly string[],
  options: RunOptions,
): Promise<ProcessResult> {
  let result = await container.run(argv, options);
  for (let attempt = 1; attempt < ATTEMPTS && result.exitCode === 0 && result.output === ""; attempt++) {
    result = await container.run(argv, options);
  }
  return result;
}
