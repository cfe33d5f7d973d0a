import { readFile } from "node:fs/promises";
import { messageOf, UserError } from "../system/errors.ts";

/** The text of a catalog file. @throws UserError when there is no such file, or it cannot be read */
export async function readCatalogFile(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const hint = "run Birdhouse where the catalog is, or name the file with --catalog FILE";
    throw new UserError(`${file}: ${reasonOf(error)}`, hint);
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT" || code === "ENOTDIR") return "there is no such file";
  if (code === "EISDIR") return "this is a directory, expected a catalog file";
  if (code === "EACCES") return "this file may not be read by you";
  return messageOf(error);
}
