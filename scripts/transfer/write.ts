import { join } from "node:path";
import { hexOf } from "../formats/oci/digest.ts";
import { indexJson, LAYOUT_JSON } from "../formats/oci/layout.ts";
import type { Registry } from "../registry/client.ts";
import { RegistryError } from "../registry/errors.ts";
import type { ExportContent } from "./collect.ts";
import { type ExportedImage, rootsOf } from "./exported.ts";
import { openSink, type Sink } from "./sink.ts";

/** Blobs on their way at once, or waiting to be written. */
const AHEAD = 4;

/**
 * Writes images and all that goes with them as one OCI image layout. The same ones make the same files, and the same
 * bytes of an archive.
 * @param to a directory, or an archive where it ends in `.tar`
 * @throws RegistryError, UserError; then there is nothing at `to` that was not there before
 */
export async function writeExport(
  to: string,
  images: readonly ExportedImage[],
  contents: ExportContent,
  registry: Registry,
  signal: AbortSignal,
): Promise<void> {
  const sink = await openSink(to, contents.bytes);
  try {
    await sink.add("oci-layout", Buffer.from(LAYOUT_JSON));
    await sink.add("index.json", Buffer.from(indexJson(rootsOf(images))));
    await writeBlobs(sink, contents, registry, signal);
    signal.throwIfAborted();
    await sink.finish();
  } catch (error) {
    await sink.abandon();
    throw error;
  }
}

/** In the order of their digests, a few of them read ahead. */
async function writeBlobs(
  sink: Sink,
  { documents, blobs }: ExportContent,
  registry: Registry,
  signal: AbortSignal,
): Promise<void> {
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  const content = async (digest: string) =>
    documents.get(digest) ?? (await download(digest, blobs, sink.work, registry, either));
  const digests = [...new Set([...documents.keys(), ...blobs.keys()])].sort();
  const reading: Promise<Uint8Array | { path: string; size: number }>[] = [];
  try {
    for (const [at, digest] of digests.entries()) {
      for (const next of digests.slice(at + reading.length, at + AHEAD)) {
        const promise = content(next);
        // It is waited for in its turn; until then nobody listens.
        promise.catch(() => {});
        reading.push(promise);
      }
      const read = await reading[0];
      reading.shift();
      if (read) await sink.add(`blobs/sha256/${hexOf(digest)}`, read);
    }
  } catch (error) {
    // Nothing may be written any more once this has thrown.
    failed.abort(error);
    await Promise.allSettled(reading);
    throw error;
  }
}

async function download(
  digest: string,
  blobs: ExportContent["blobs"],
  directory: string,
  registry: Registry,
  signal: AbortSignal,
): Promise<{ path: string; size: number }> {
  const found = blobs.get(digest);
  if (!found) throw new Error(`nothing is known of ${digest}`);
  const { repository, blob } = found;
  const path = join(directory, hexOf(digest));
  if (await registry.downloadBlob(repository, { path, digest, size: blob.size }, { signal })) {
    return { path, size: blob.size };
  }
  const detail = "it is not there, though an image is made of it";
  throw new RegistryError({ registry: registry.host, repository, action: `read the blob ${digest}`, detail });
}
