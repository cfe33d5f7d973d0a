import { createHash } from "node:crypto";
import { Transform } from "node:stream";
import { createGzip } from "node:zlib";
import type { OciLayout } from "../../scripts/formats/oci/layout.ts";
import { type Descriptor, MEDIA_TYPE } from "../../scripts/formats/oci/types.ts";
import { messageOf } from "../../scripts/system/errors.ts";
import { stream } from "../../scripts/system/process/process.ts";

/** A layer in a layout, and the digest of its tar before compression, which a configuration names it by. */
export interface Layer {
  readonly descriptor: Descriptor;
  readonly diffId: string;
}

/** Whoever made the files and when: the same files make the same layer. */
const SAME_EACH_TIME = [
  "--sort=name",
  "--format=gnu",
  "--mtime=@0",
  "--owner=0",
  "--group=0",
  "--numeric-owner",
];

/** Adds a directory to a layout as a layer, owned by root. */
export async function addLayer(layout: OciLayout, directory: string, signal?: AbortSignal): Promise<Layer> {
  const tar = await stream(["tar", "-C", directory, "-c", ...SAME_EACH_TIME, "."], signal ? { signal } : {});
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
  const [descriptor] = await Promise.all([layout.putStream(packed, MEDIA_TYPE.layerTarGzip), ended]);
  return { descriptor, diffId: `sha256:${hash.digest("hex")}` };
}
