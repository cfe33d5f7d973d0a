import { messageOf, UserError } from "../../scripts/system/errors.ts";
import { parseArguments } from "./arguments.ts";
import { runApk } from "./commands.ts";

/**
 * A small `apk` for base images that are made where Alpine cannot be reached. It does what Birdhouse's templates ask
 * of Alpine's own, with the same words, files and messages, and nothing more: no scripts, no triggers, no cache.
 */
async function main(argv: readonly string[]): Promise<number> {
  const print = (line: string) => process.stdout.write(`${line}\n`);
  const error = (line: string) => process.stderr.write(`${line}\n`);
  const write = (bytes: Uint8Array) => process.stdout.write(bytes);
  try {
    return await runApk(parseArguments(argv), { print, error, write });
  } catch (thrown) {
    error(`ERROR: ${messageOf(thrown)}`);
    if (thrown instanceof UserError && thrown.hint !== undefined) error(thrown.hint);
    return 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
