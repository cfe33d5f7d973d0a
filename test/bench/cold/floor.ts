import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { OciLayout } from "../../../scripts/formats/oci/layout.ts";
import { type Descriptor, MEDIA_TYPE } from "../../../scripts/formats/oci/types.ts";
import { unpackingOf } from "../../../scripts/formats/oci/unpack.ts";
import { type Cost, measured, NOTHING, plus } from "./measured.ts";

/** A layer that some images have, and where. */
export interface Layer {
  readonly layout: OciLayout;
  readonly descriptor: Descriptor;
}

/**
 * The least that images can cost: each of their layers is unpacked once and packed into a tar once, with `tar`, and
 * compressed, hashed and sent once, with what buildah too has inside for that.
 * @param layers each once
 * @param directory for what is made; it need not exist
 * @param destination of all of it, as one image: `docker://HOST:PORT/REPOSITORY:TAG`
 */
export async function floorOf(
  layers: readonly Layer[],
  directory: string,
  destination: string,
): Promise<Cost> {
  await mkdir(directory, { recursive: true });
  let cost = NOTHING;
  const plain: Descriptor[] = [];
  const image = await OciLayout.create(join(directory, "image"));
  for (const [index, layer] of layers.entries()) {
    const tar = join(directory, `${index}.tar`);
    const root = join(directory, `${index}`);
    // As packages come: not counted.
    await unpack(layer, tar);
    await mkdir(root);
    cost = plus(cost, (await measured(["tar", "-xf", tar, "-C", root])).cost);
    cost = plus(cost, (await measured(["tar", "-cf", tar, "--numeric-owner", "-C", root, "."])).cost);
    plain.push(await take(image, tar));
    await rm(root, { recursive: true, force: true });
    await rm(tar);
  }
  await putImage(image, plain);
  const compress = ["--dest-compress-format", "gzip", "--dest-tls-verify=false"];
  const sent = await measured([
    "skopeo",
    "copy",
    "--quiet",
    ...compress,
    `oci:${join(directory, "image")}`,
    destination,
  ]);
  return plus(cost, sent.cost);
}

async function unpack({ layout, descriptor }: Layer, to: string): Promise<void> {
  const from = layout.blobPath(descriptor.digest);
  await pipeline([createReadStream(from), ...unpackingOf(from, descriptor.mediaType), createWriteStream(to)]);
}

/** Puts a tar into a layout, as it is. */
async function take(image: OciLayout, tar: string): Promise<Descriptor> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(tar)) hash.update(chunk);
  const digest = `sha256:${hash.digest("hex")}`;
  await pipeline(createReadStream(tar), createWriteStream(image.blobPath(digest)));
  return { mediaType: MEDIA_TYPE.layerTar, digest, size: (await stat(tar)).size };
}

async function putImage(image: OciLayout, layers: readonly Descriptor[]): Promise<void> {
  const rootfs = { type: "layers", diff_ids: layers.map(({ digest }) => digest) };
  const config = await image.putJson(
    { os: "linux", architecture: "amd64", config: {}, rootfs },
    MEDIA_TYPE.config,
  );
  const manifest = { schemaVersion: 2, mediaType: MEDIA_TYPE.manifest, config, layers };
  await image.writeIndex([await image.putJson(manifest, MEDIA_TYPE.manifest)]);
}
