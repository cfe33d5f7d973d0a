import { messageOf, UserError } from "../errors.ts";
import { typed } from "../shown/started.ts";

/** Something about a file or the disk that it is on, in words, and what the user can do about it. */
export class FileError extends UserError {
  constructor(
    message: string,
    hint: string | undefined,
    readonly path: string,
    /** As the system calls it: `ENOSPC`. Source: errno(3). */
    readonly code: string | undefined,
    cause?: unknown,
  ) {
    super(message, hint);
    this.cause = cause;
  }
}

const ROOM = `make room on it, or let \`${typed("clean")}\` remove old layouts, and try again`;
const RIGHTS = "see who owns it, and which user runs Birdhouse";
const AWAY = "move it elsewhere, or remove it";

/** What the system's words mean, and what to do. Source: errno(3). */
const WORDS: Readonly<Record<string, readonly [string, string?]>> = {
  ENOSPC: ["the disk is full", ROOM],
  EDQUOT: ["the disk quota is used up", ROOM],
  EFBIG: ["the file is larger than the disk allows", ROOM],
  EACCES: ["permission denied", RIGHTS],
  EPERM: ["permission denied", RIGHTS],
  EROFS: ["the disk is read-only", "choose another disk, or mount this one for writing"],
  EISDIR: ["there is a directory where a file is needed", AWAY],
  ENOTDIR: ["there is a file where a directory is needed", AWAY],
  EEXIST: ["it already exists", AWAY],
  ENOTEMPTY: ["the directory is not empty", AWAY],
  ENOENT: ["there is no such file or directory"],
  ENAMETOOLONG: ["the name is too long", "choose a shorter one"],
  ELOOP: ["symbolic links form a loop", "remove the link"],
  EXDEV: ["it is on another disk", "choose a place on the same disk"],
  EMFILE: ["too many files are open", "raise the limit: ulimit -n 1024"],
  ENFILE: ["too many files are open on this machine", "end other programs, and try again"],
  EIO: ["the disk failed", "see the system's log; the disk may be broken"],
  EBUSY: ["it is in use", "end what uses it, and try again"],
  ETXTBSY: ["it is a running program", "end it, and try again"],
};

/**
 * An error of the file system in words: the cause first, then which path. What is none stays as it is.
 * @param verb what could not be done with the path: `write`
 */
export function toFileError(error: unknown, verb: string, path: string): Error {
  if (error instanceof UserError || !isSystemError(error)) {
    return error instanceof Error ? error : new Error(messageOf(error));
  }
  const [words, hint] = WORDS[error.code] ?? [error.message];
  return new FileError(`${words}: cannot ${verb} ${path}`, hint, path, error.code, error);
}

/** Does something with a path. @throws FileError, or what else `work` throws */
export async function inWords<T>(verb: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toFileError(error, verb, path);
  }
}

/** As `inWords`, at once. */
export function inWordsNow<T>(verb: string, path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw toFileError(error, verb, path);
  }
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException & { readonly code: string } {
  return error instanceof Error && "syscall" in error && "code" in error && typeof error.code === "string";
}
