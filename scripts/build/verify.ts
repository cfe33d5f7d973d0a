import type { Engine } from "../engine/engine.ts";
import { layerDiff } from "../formats/oci/layer.ts";
import { OciLayout } from "../formats/oci/layout.ts";
import type { Inputs } from "../model/inputs.ts";
import { makeScratch, removeTree } from "../system/files/files.ts";
import { type BuildContext, build } from "./build.ts";
import type { Built, BuiltPlatform } from "./built.ts";

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
    const shown = differences.slice(0, SHOWN);
    const more = differences.length > SHOWN ? [`… and ${differences.length - SHOWN} more`] : [];
    throw new Error(
      [
        `${first.target.name} is not reproducible: the first build gave ${first.index.digest}, ` +
          `the second to ${second.index.digest}`,
        ...[...shown, ...more].map((line) => `  ${line}`),
      ].join("\n"),
    );
  } finally {
    await removeTree(layouts);
  }
}

async function differencesOf(first: Built, second: Built): Promise<string[]> {
  const layouts = [await OciLayout.open(first.layout), await OciLayout.open(second.layout)] as const;
  const lines = await Promise.all(
    first.platforms.map((one, index) => {
      const other = second.platforms[index];
      return other ? platformDifferences(layouts, one, other) : [`${one.platform}: only in the first`];
    }),
  );
  const found = lines.flat();
  return found.length > 0 ? found : ["no file differs, but the annotations of the index do"];
}

async function platformDifferences(
  [firstLayout, secondLayout]: readonly [OciLayout, OciLayout],
  one: BuiltPlatform,
  other: BuiltPlatform,
): Promise<string[]> {
  if (one.manifest.digest === other.manifest.digest) return [];
  const [before, after] = await Promise.all([
    firstLayout.readManifest(one.manifest),
    secondLayout.readManifest(other.manifest),
  ]);
  const found: string[] = [];
  for (const [index, layer] of before.layers.entries()) {
    const twin = after.layers[index];
    if (!twin || twin.digest === layer.digest) continue;
    const lines = await layerDiff(
      { path: firstLayout.blobPath(layer.digest), mediaType: layer.mediaType },
      { path: secondLayout.blobPath(twin.digest), mediaType: twin.mediaType },
    );
    found.push(...(lines.length > 0 ? lines : [`layer ${index}: the same files, packed differently`]));
  }
  if (before.layers.length !== after.layers.length) {
    found.push(`${before.layers.length} layers in the first, ${after.layers.length} in the second`);
  }
  return (found.length > 0 ? found : ["no file differs, but the configuration does"]).map(
    (line) => `${one.platform}: ${line}`,
  );
}
