import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import { onTestFinished } from "vitest";
import { digestOf } from "../../../../scripts/formats/oci/digest.ts";
import { OciLayout } from "../../../../scripts/formats/oci/layout.ts";
import { type Descriptor, MEDIA_TYPE } from "../../../../scripts/formats/oci/types.ts";
import type { Platform } from "../../../../scripts/model/platform.ts";

/** Path → content of a file, or what else is there. */
export type Tree = Record<
  string,
  | string
  | { symlink: string }
  | { hardlink: string }
  | { directory: true; mode?: number }
  | { device: true }
  | { mode: number }
>;

/** A directory that is gone when the test is over. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "birdhouse-test-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

export async function temporaryLayout(): Promise<OciLayout> {
  return OciLayout.create(join(await temporaryDirectory(), "layout"));
}

/** The same tree makes the same bytes, whenever it is packed. */
export async function tarOf(tree: Tree): Promise<Buffer> {
  const tar = pack();
  for (const [name, what] of Object.entries(tree)) {
    const header = { name, mtime: new Date(0) };
    if (typeof what === "string") tar.entry(header, what);
    else if ("symlink" in what) tar.entry({ ...header, type: "symlink", linkname: what.symlink });
    else if ("hardlink" in what) tar.entry({ ...header, type: "link", linkname: what.hardlink });
    else if ("device" in what) tar.entry({ ...header, type: "character-device" });
    else if ("directory" in what) tar.entry({ ...header, ...what, type: "directory" });
    else tar.entry({ ...header, mode: what.mode }, "");
  }
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Puts an image of such layers, lowest first, into a layout; gives the descriptor of its manifest. */
export async function putImage(
  layout: OciLayout,
  layers: readonly Tree[],
  platform: Platform = "linux/amd64",
): Promise<Descriptor> {
  const [os, architecture] = platform.split("/");
  const descriptors: Descriptor[] = [];
  const diffIds: string[] = [];
  for (const tree of layers) {
    const tar = await tarOf(tree);
    diffIds.push(digestOf(tar));
    descriptors.push(await layout.putBytes(gzipSync(tar), MEDIA_TYPE.layerTarGzip));
  }
  const config = { os, architecture, rootfs: { type: "layers", diff_ids: diffIds } };
  const manifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPE.manifest,
    config: await layout.putJson(config, MEDIA_TYPE.config),
    layers: descriptors,
  };
  return layout.putJson(manifest, MEDIA_TYPE.manifest);
}
