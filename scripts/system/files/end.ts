import { type FileHandle, open } from "node:fs/promises";
import { Writable } from "node:stream";
import { toFileError } from "./errors.ts";

/** Bytes that may wait to be written before the source is held back. */
const HIGH_WATER = 1024 * 1024;

/**
 * The end of a pipeline that writes a file. Node's own tells an error of the disk as the system does, which may as
 * well be one of the source: this one's are `FileError`s.
 */
export class FileEnd extends Writable {
  #file: FileHandle | undefined;

  constructor(
    readonly path: string,
    /** Ends only once all of it is on the disk. */
    readonly flush: boolean,
  ) {
    super({ highWaterMark: HIGH_WATER });
  }

  override _construct(done: (error?: Error) => void): void {
    const opened = open(this.path, "w").then((file) => {
      this.#file = file;
    });
    this.#settle(opened, done);
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error) => void): void {
    this.#settle(this.#file?.writeFile(chunk), done);
  }

  override _final(done: (error?: Error) => void): void {
    this.#settle(this.flush ? this.#file?.sync() : undefined, done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const closed = this.#file?.close();
    this.#file = undefined;
    this.#settle(closed, (problem) => done(error ?? problem ?? null));
  }

  #settle(work: Promise<void> | undefined, done: (error?: Error) => void): void {
    Promise.resolve(work).then(
      () => done(),
      (error: unknown) => done(toFileError(error, "write", this.path)),
    );
  }
}
