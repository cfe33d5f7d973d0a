import { closeSync, constants, openSync, readSync } from "node:fs";

/**
 * The first bytes of a file, for judging what it is without reading it all: it may be a film. A symbolic link is not
 * followed. At once: of hundreds of small files that takes a third of the time that as many promises take.
 * @param most bytes
 * @throws the system's error
 */
export function readStart(file: string, most: number): Buffer {
  const descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const buffer = Buffer.alloc(most);
    return buffer.subarray(0, readSync(descriptor, buffer));
  } finally {
    closeSync(descriptor);
  }
}
