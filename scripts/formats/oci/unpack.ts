import { Transform, type TransformCallback } from "node:stream";
import { createGunzip } from "node:zlib";
import { Decompress } from "fzstd";
import { MEDIA_TYPE } from "./types.ts";

/** Bytes per piece: zlib's own 16 KiB would spend the time on crossing threads. */
export const CHUNK = 1024 * 1024;

/**
 * What a layer has to go through to be a tar: nothing where it is one.
 * @param file names it in the error
 * @throws Error when it is packed in a way that is not known here
 */
export function unpackingOf(file: string, mediaType: string): Transform[] {
  switch (mediaType) {
    case MEDIA_TYPE.layerTar:
      return [];
    case MEDIA_TYPE.layerTarGzip:
    case MEDIA_TYPE.dockerLayerGzip:
      return [createGunzip({ chunkSize: CHUNK })];
    case MEDIA_TYPE.layerTarZstd:
      return [new Unzstd()];
    default:
      throw new Error(
        `${file}: layers of type ${mediaType} cannot be read, only tar and tar with gzip or zstd`,
      );
  }
}

/**
 * zstd in JavaScript. Node.js has its own from 22.15 on, three times as fast, but (tried with 22.23) it takes a file that
 * is cut off for a shorter one, and of several frames reads the first. This one refuses a window of more than 32 MB;
 * engines make them of at most 8 MB.
 */
class Unzstd extends Transform {
  readonly #frames = new Decompress((piece) => void this.push(piece));

  override _transform(chunk: Buffer, _encoding: BufferEncoding, callback: TransformCallback): void {
    this.#feed(chunk, false, callback);
  }

  override _flush(callback: TransformCallback): void {
    this.#feed(Buffer.alloc(0), true, callback);
  }

  #feed(chunk: Uint8Array, isLast: boolean, callback: TransformCallback): void {
    try {
      this.#frames.push(chunk, isLast);
      callback();
    } catch (error) {
      callback(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
