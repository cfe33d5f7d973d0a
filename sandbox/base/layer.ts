import { createHash, randomUUID } from "node:crypto";
import { join } from "node:path";
import { type Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { OciLayout } from "../../scripts/formats/oci/layout.ts";
import { type Descriptor, MEDIA_TYPE } from "../../scripts/formats/oci/types.ts";
import { messageOf } from "../../scripts/system/errors.ts";
import { moveInto, removeFile, writableAt } from "../../scripts/system/files/files.ts";
import { stream } from "../../scripts/system/process/process.ts";

/** A layer in a layout, and the digest of its tar before compression, which a configuration names it by. */
export interface Layer {
  readonly descriptor: Descriptor;
  readonly diffId: string;
}

/** Whoever made the files and when: the same files make the same layer. */
const SAME_EACH_TIME = ["--sort=name", "--format=gnu", "--owner=0", "--group=0", "--numeric-owner"];

/**
 * Adds a directory to a layout as a layer, owned by root.
 * @param time of its files, in seconds since 1970
 */
export async function addLayer(
  layout: OciLayout,
  directory: string,
  time: number,
  signal?: AbortSignal,
): Promise<Layer> {
  const argv = ["tar", "-C", directory, "-c", ...SAME_EACH_TIME, `--mtime=@${time}`, "."];
  const tar = await stream(argv, signal ? { signal } : {});
  const hash = createHash("sha256");
  const hashing = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  const packed = tar.stdout.pipe(hashing).pipe(createGzip({ level: 1, chunkSize: 1024 * 1024 }));
  const ended = tar.ended.catch((error: unknown) => {
    throw new Error(`tar could not pack ${directory}: ${messageOf(error)}`, { cause: error });
  });
  // Waited for together: whichever fails first is the error, and the other's is not left unheard.
  const [descriptor] = await Promise.all([putStream(layout, packed, MEDIA_TYPE.layerTarGzip), ended]);
  return { descriptor, diffId: `sha256:${hash.digest("hex")}` };
}

/** Adds what a stream carries to a layout as a blob, without holding it in memory. */
export async function putStream(layout: OciLayout, stream: Readable, mediaType: string): Promise<Descriptor> {
  const hash = createHash("sha256");
  let size = 0;
  const temporary = join(layout.directory, "blobs", "sha256", `incoming.${randomUUID()}.tmp`);
  try {
    await pipeline(
      stream,
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          hash.update(chunk);
          size += chunk.length;
          yield chunk;
        }
      },
      writableAt(temporary),
    );
    const digest = `sha256:${hash.digest("hex")}`;
    await moveInto(temporary, layout.blobPath(digest));
    return { mediaType, digest, size };
  } finally {
    await removeFile(temporary);
  }
}
