import { createHash } from "node:crypto";
import type { Header } from "tar-stream";
import type { Engine } from "../engine/engine.ts";
import { layerEntries, normalize } from "../formats/oci/filesystem.ts";
import { OciLayout } from "../formats/oci/layout.ts";
import type { Descriptor } from "../formats/oci/types.ts";
import type { Inputs } from "../model/inputs.ts";
import { makeScratch, removeTree } from "../system/files/files.ts";
import { type BuildContext, build } from "./build.ts";
import type { Built } from "./built.ts";

/** How many differing files a message names. */
const SHOWN = 20;

/**
 * Builds a target a second time and compares it with the first, byte for byte.
 * @param engine has nothing of the first build that it could take over
 * @throws Error that names the files which differ
 */
export async function verifyBuild(
  first: Built,
  inputs: Inputs,
  engine: Engine,
  context: BuildContext,
): Promise<void> {
  const layouts = await makeScratch(context.layouts, "second-");
  const { target } = first;
  const platforms = first.platforms.map(({ platform }) => platform);
  try {
    const second = await build({ target, platforms, inputs }, { ...context, engine, layouts });
    if (second.index.digest === first.index.digest) return;
    const differences = await differencesOf(first, second);
    const more = differences.length > SHOWN ? [`… and ${differences.length - SHOWN} more`] : [];
    const heading =
      `${target.name} is not reproducible: the first build gave ${first.index.digest}, ` +
      `the second ${second.index.digest}`;
    throw new Error([heading, ...differences.slice(0, SHOWN), ...more].join("\n  "));
  } finally {
    await removeTree(layouts);
  }
}

/** In which of their platforms' files two builds differ: both were made for the same platforms. */
async function differencesOf(first: Built, second: Built): Promise<string[]> {
  const layouts = [await OciLayout.open(first.layout), await OciLayout.open(second.layout)] as const;
  const found: string[] = [];
  for (const [index, { platform, manifest }] of first.platforms.entries()) {
    const other = second.platforms[index]?.manifest;
    if (!other || other.digest === manifest.digest) continue;
    const lines = await imageDifferences(layouts, [manifest, other]);
    found.push(...lines.map((line) => `${platform}: ${line}`));
  }
  return found.length > 0 ? found : ["no file differs, but the annotations of the index do"];
}

async function imageDifferences(
  [first, second]: readonly [OciLayout, OciLayout],
  manifests: readonly [Descriptor, Descriptor],
): Promise<string[]> {
  const before = (await first.readManifest(manifests[0])).layers;
  const after = (await second.readManifest(manifests[1])).layers;
  const found: string[] = [];
  for (const [index, layer] of before.entries()) {
    const twin = after[index];
    if (!twin || twin.digest === layer.digest) continue;
    const lines = layerDifferences(await factsOf(first, layer), await factsOf(second, twin));
    found.push(...(lines.length > 0 ? lines : [`layer ${index}: the same files, packed differently`]));
  }
  if (before.length !== after.length)
    found.push(`${before.length} layers in the first, ${after.length} in the second`);
  return found.length > 0 ? found : ["no file differs, but the configuration does"];
}

/** What a layer says of a path, by name: `mode`, `mtime`, `content`, … */
type Facts = Readonly<Record<string, string>>;

/**
 * How two layers differ, a line for each path: `etc/passwd: content`, `var/log/x: only in the second`.
 * Empty where the same files were packed in another order, or compressed in another way.
 */
function layerDifferences(one: ReadonlyMap<string, Facts>, other: ReadonlyMap<string, Facts>): string[] {
  const paths = [...new Set([...one.keys(), ...other.keys()])].sort();
  return paths.flatMap((path) => {
    const [before, after] = [one.get(path), other.get(path)];
    if (!after) return [`${path}: only in the first`];
    if (!before) return [`${path}: only in the second`];
    const differing = Object.keys(before).filter((name) => before[name] !== after[name]);
    // A hash tells a person nothing.
    const told = differing.map((name) =>
      name === "content" ? name : `${name} ${before[name]} → ${after[name]}`,
    );
    return told.length === 0 ? [] : [`${path}: ${told.join(", ")}`];
  });
}

async function factsOf(layout: OciLayout, { digest, mediaType }: Descriptor): Promise<Map<string, Facts>> {
  const found = new Map<string, Facts>();
  for await (const { header, chunks } of layerEntries(layout.blobPath(digest), mediaType)) {
    const hash = createHash("sha256");
    for await (const chunk of chunks) hash.update(chunk);
    found.set(normalize(header.name), factsOfEntry(header, hash.digest("hex")));
  }
  return found;
}

function factsOfEntry(header: Header, content: string): Facts {
  const { type, mode, uid, gid, size, mtime, linkname, pax } = header;
  return {
    type: String(type),
    mode: mode.toString(8),
    owner: `${uid}:${gid}`,
    size: String(size),
    mtime: mtime.toISOString(),
    link: linkname ?? "none",
    attributes: JSON.stringify(pax ?? {}),
    content,
  };
}
