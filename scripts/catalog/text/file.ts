import { isUtf8 } from "node:buffer";
import { readFile } from "node:fs/promises";
import { messageOf, UserError } from "../../system/errors.ts";
import { typed } from "../../system/shown/started.ts";
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
    const hint = `run Birdhouse where the catalog is, or name the file with --catalog FILE; to begin one: ${typed("init")}`;
    throw new UserError(`${file}: ${reasonOf(error)}`, hint);
  }
}

/** The text of bytes. @throws CatalogError naming the place, where they are not UTF-8 */
export function textOf(file: string, bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString("utf8");
  const lines = bytes.toString("latin1").split("\n");
  const index = lines.findIndex((line) => !isUtf8(Buffer.from(line, "latin1")));
  const column = firstStrange(Buffer.from(lines[index] ?? "", "latin1")) + 1;
  const message = "this byte is not UTF-8: the file is in another encoding; save it as UTF-8";
  throw new CatalogError([{ file, line: index + 1, column, subject: "", message }]);
}

/** At how many characters from the beginning of a line its first byte is that is no UTF-8. */
function firstStrange(line: Buffer): number {
  let characters = 0;
  let bytes = 0;
  for (const character of line.toString("utf8")) {
    const written = Buffer.from(character);
    // What could not be read stands there as U+FFFD; a line may have that character by right too.
    if (!written.equals(line.subarray(bytes, bytes + written.length))) break;
    characters += character.length;
    bytes += written.length;
  }
  return characters;
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT" || code === "ENOTDIR") return "there is no such file";
  if (code === "EISDIR") return "this is a directory, expected a catalog file";
  if (code === "EACCES") return "permission denied";
  return messageOf(error);
}
