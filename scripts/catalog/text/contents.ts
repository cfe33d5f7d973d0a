import { isUtf8 } from "node:buffer";
import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import type { FileContent } from "../../model/configuration.ts";
import { messageOf } from "../../system/errors.ts";

/**
 * The files that a catalog names: what is in them goes into Dockerfiles. So a Dockerfile needs nothing beside it, and
 * shows to whoever reviews it what an image gets.
 */

/**
 * The most bytes of such a file. A step of a Dockerfile is one argument of a shell, and Linux takes none of more than
 * 128 KiB (execve(2), MAX_ARG_STRLEN); base64 adds a third.
 */
const MOST_BYTES = 64 * 1024;

/** The most characters that lines may come to, each with its quotes. */
const MOST_CHARACTERS = 96 * 1024;

/** What a step can print line by line: text of whole lines, and nothing that a Dockerfile's parser takes for its own. */
function isPlain(bytes: Buffer, text: string): boolean {
  const strange = [...text].some((one) => one < " " && one !== "\n" && one !== "\t");
  return isUtf8(bytes) && /(?:^|\n)$/.test(text) && !strange && !text.includes("<<");
}

/** The content of a file as a Dockerfile has it. */
export function contentOf(bytes: Buffer): FileContent {
  const digest = createHash("sha256").update(bytes).digest("hex").slice(0, 12);
  const text = bytes.toString("utf8");
  const lines = text === "" ? [] : text.replace(/\n$/, "").split("\n");
  const characters = lines.reduce((sum, line) => sum + line.length + 3 * line.split("'").length + 10, 0);
  if (isPlain(bytes, text) && characters <= MOST_CHARACTERS) return { digest, lines };
  return { digest, base64: bytes.toString("base64") };
}

/** Why something cannot be put into an image; undefined where it can. */
export function contentProblem(bytes: Buffer): string | undefined {
  if (bytes.length > MOST_BYTES) return tooLarge(bytes.length);
  if (/^-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/m.test(bytes.toString("latin1"))) {
    return "this is a private key, and everyone who can pull an image can read it; mount it when a container is started";
  }
  return undefined;
}

function tooLarge(bytes: number): string {
  return `${bytes} bytes, expected at most ${MOST_BYTES}; what is larger belongs into a package`;
}

/** Why there is no folder of this path; undefined where there is. */
export function folderProblem(path: string): string | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return `there is no such folder: ${path}`;
  return found.isDirectory() ? undefined : `${path} is a file, expected a folder`;
}

/** What is in a file, or why it cannot be had, in words. */
export function readNamedFile(path: string): Buffer | string {
  try {
    const { size } = statSync(path);
    return size > MOST_BYTES ? tooLarge(size) : readFileSync(path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return `there is no such file: ${path}`;
    if (code === "EISDIR") return `${path} is a folder, expected a file`;
    if (code === "EACCES") return `${path}: permission denied`;
    return `${path}: ${messageOf(error)}`;
  }
}
