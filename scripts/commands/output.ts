import type { CommonOptions } from "./options.ts";

/** Prints a command's result on standard output: for people, or with `--json` as one document. */
export function printResult(
  options: Pick<CommonOptions, "json">,
  text: () => string,
  json: () => unknown,
): void {
  process.stdout.write(`${options.json ? JSON.stringify(json(), null, 2) : text()}\n`);
}
