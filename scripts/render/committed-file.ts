import { readFile } from "node:fs/promises";
import { z } from "zod";
import { messageOf, UserError } from "../system/errors.ts";

/** What a file is, for who has to mend it. */
interface CommittedFile<Content> {
  readonly schema: z.ZodType<Content>;
  /** What stands in it, where it is not there: one's own catalog need not have it. */
  readonly absent: Content;
  /** `measured sizes` */
  readonly what: string;
  /** What to do where it is not what it should be. */
  readonly hint: string;
}

/** Reads JSON that a command or a test writes beside the catalog. @throws UserError when it is not what it should be */
export async function readCommitted<Content>(
  file: string,
  { schema, absent, what, hint }: CommittedFile<Content>,
): Promise<Content> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw new UserError(`${file}: ${error.message}`, "make the file readable, or remove it");
  });
  if (text === undefined) return absent;
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    throw new UserError(`${file}: not a file of ${what}: ${reason}`, hint);
  }
}
