import { isUtf8 } from "node:buffer";
import { readFile } from "node:fs/promises";
import { messageOf, UserError } from "../../system/errors.ts";
import { CatalogError } from "./problems.ts";

/**
 * The text of a catalog file.
 * @throws UserError when there is no such file, or it cannot be read
 * @throws CatalogError naming the place, where it is not written in UTF-8
 */
export async function readCatalogFile(file: string): Promise<string> {
  return textOf(file, await bytesOf(file));
}

async function bytesOf(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    const hint = "run Birdhouse where the catalog is, or name the file with --catalog FILE";
    throw new UserError(`${file}: ${reasonOf(error)}`, hint);
  }
}

function textOf(file: string, bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString("utf8");
  let start = 0;
  for (let line = 1; ; line++) {
    const newline = bytes.indexOf("\n", start);
    const content = bytes.subarray(start, newline < 0 ? bytes.length : newline);
    if (!isUtf8(content) || newline < 0) {
      const column = firstStrange(content) + 1;
      const message = "this byte is not UTF-8: the file is in another encoding; save it as UTF-8";
      throw new CatalogError([{ file, line, column, subject: "", message }]);
    }
    start = newline + 1;
  }
}

/** At how many characters from the beginning of a line its first byte is that is no UTF-8. */
function firstStrange(line: Buffer): number {
  const text = line.toString("utf8");
  // What could not be read stands there as U+FFFD; a line may have that character by right too.
  for (let at = text.indexOf("\ufffd"), from = 0; at >= 0; at = text.indexOf("\ufffd", from)) {
    const before = Buffer.byteLength(text.slice(0, at));
    if (!line.subarray(before, before + 3).equals(REPLACEMENT)) return at;
    from = at + 1;
  }
  return 0;
}

const REPLACEMENT = Buffer.from("\ufffd");

function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT" || code === "ENOTDIR") return "there is no such file";
  if (code === "EISDIR") return "this is a directory, expected a catalog file";
  if (code === "EACCES") return "permission denied";
  return messageOf(error);
}
