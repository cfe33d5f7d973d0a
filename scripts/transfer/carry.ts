import { join } from "node:path";
import pLimit from "p-limit";
import type { Target } from "../model/target.ts";
import type { RepositoryPlace } from "../registry/client.ts";
import { makeScratch, removeTree } from "../system/files/files.ts";
import { collectImage, ExportContent, type KeptBlob } from "./collect.ts";
import { type OpenExport, openExport } from "./read.ts";
import { writeExport } from "./write.ts";

/** An image that goes from one registry to another, and the tags that it is to have there. */
export interface Carried {
  readonly target: Target;
  readonly digest: string;
  readonly tags: readonly string[];
}

/** What carrying needs. */
export interface CarryContext {
  /** Where the images are: the variants of a version are in one repository. */
  readonly source: RepositoryPlace;
  /** Its registry as it was named, for errors. */
  readonly from: string;
  /** Directory for what is on its way. */
  readonly scratch: string;
  readonly signal: AbortSignal;
  /** Whether a layer need not be carried. */
  readonly isNeedless: (blob: KeptBlob) => Promise<boolean>;
}

/** Blobs that are asked about at once. */
const AT_ONCE = 16;

/**
 * Brings the variants of a version here, with all that is attached to them, as an export does, and verifies them as an
 * import does. They are removed after.
 * @throws RegistryError; UserError where they are not whole, or not what they say they are
 */
export async function withCarried<T>(
  images: readonly Carried[],
  { source, from, scratch, signal, isNeedless }: CarryContext,
  use: (opened: OpenExport) => Promise<T>,
): Promise<T> {
  const contents = new ExportContent();
  const all = await source.registry.listTags(source.repository, { signal });
  const exported = await Promise.all(
    images.map(({ target, digest, tags }) =>
      collectImage({ ...source, contents }, target.name, digest, tags, all),
    ),
  );
  const limit = pLimit(AT_ONCE);
  const layers = [...contents.blobs.values()].filter(({ isConfig }) => !isConfig);
  const needless = await Promise.all(layers.map((blob) => limit(() => isNeedless(blob))));
  const elsewhere = new Set(layers.filter((_, at) => needless[at]).map(({ digest }) => digest));
  for (const digest of elsewhere) contents.blobs.delete(digest);
  const directory = await makeScratch(scratch, "promote-");
  try {
    const layout = join(directory, "layout");
    await writeExport(layout, exported, contents, source.registry, signal);
    return await use(await openExport(layout, from, signal, elsewhere));
  } finally {
    await removeTree(directory);
  }
}
