import { type Block, outputWidth, print, printBlocks, printJson } from "../system/shown/output.ts";
import type { CommonOptions } from "./options.ts";

/**
 * Prints a command's result on standard output: for people, or with `--json` as one document.
 * @param text told how wide its lines may be, in characters; undefined where there is no bound
 */
export function printResult(
  options: Pick<CommonOptions, "json">,
  text: (width: number | undefined) => string | readonly Block[],
  json: () => unknown,
): void {
  if (options.json) {
    printJson(json(), 2);
    return;
  }
  const result = text(outputWidth());
  if (typeof result === "string") print(result);
  else printBlocks(result);
}
