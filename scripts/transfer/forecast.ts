import pLimit from "p-limit";
import { ABOUT_TO_WRITE } from "../registry/push.ts";
import { repositoryIn } from "../registry/reference.ts";
import { planMoves } from "../registry/switch-tags.ts";
import { type ImportContext, type ImportedImage, movesOf, type Sent } from "./send.ts";

/** Requests at once. */
const AT_ONCE = 16;

/**
 * What sending an image would do. What several images share is counted for each repository that lacks it, though it
 * would be mounted rather than sent.
 * @throws RegistryError
 */
export async function forecast(
  imported: ImportedImage,
  context: Pick<ImportContext, "layout" | "registry" | "namespace" | "signal">,
): Promise<Sent> {
  const { layout, registry, namespace, signal } = context;
  const { target, exported } = imported;
  const repository = repositoryIn(namespace, target.image);
  const roots = [exported.image, ...exported.attached, ...exported.beside.map(({ manifest }) => manifest)];
  const closures = await Promise.all(roots.map((root) => layout.closure(root)));
  const limit = pLimit(AT_ONCE);
  const options = { ...ABOUT_TO_WRITE, signal };
  const blobs = closures.flatMap((one) => one.blobs);
  const manifests = closures.flatMap((one) => one.manifests);
  const missing = await Promise.all([
    ...distinct(blobs).map(({ digest, size }) =>
      limit(async () => ((await registry.blobExists(repository, digest, options)) ? 0 : size)),
    ),
    ...distinct(manifests).map(({ digest, size }) =>
      limit(async () => ((await registry.headManifest(repository, digest, options)) ? 0 : size)),
    ),
  ]);
  const moves = await planMoves(registry, await movesOf(imported, context), options);
  return {
    ...{ target: target.name, digest: exported.image.digest, moved: moves.map(({ tag }) => tag) },
    sent: missing.reduce((sum, size) => sum + size, 0),
  };
}

function distinct<T extends { readonly digest: string }>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [item.digest, item])).values()];
}
