import { tagFor } from "../catalog/tags.ts";
import type { Target } from "../catalog/target.ts";
import { imageIndexSchema, isIndexType, parseDocument } from "../oci/types.ts";
import type { Registry } from "../registry/client.ts";
import { readHistory } from "./history.ts";
import { isBuildTag } from "./tags.ts";

/** A build that no tag but its own points at, and no history keeps. */
export interface OldBuild {
  readonly repository: string;
  readonly tag: string;
  readonly digest: string;
  /** Digests of what goes with it: the images of its platforms that no other has, and what is attached to them. */
  readonly parts: readonly string[];
}

/** What a repository has, as far as it matters to what may go. */
export interface Inventory {
  /** Every tag, and the digest that it points at. */
  readonly tags: ReadonlyMap<string, string>;
  /** Index → the images of its platforms, of all indexes that tags and histories name. */
  readonly platforms: ReadonlyMap<string, readonly string[]>;
  /** Digests that the histories keep. */
  readonly remembered: ReadonlySet<string>;
}

/** What may go: never what a moving tag points at, or a history keeps, or another image is made of. Pure. */
export function oldBuilds(repository: string, { tags, platforms, remembered }: Inventory): OldBuild[] {
  const moving = [...tags].filter(([tag]) => !isBuildTag(tag) && !isAttachment(tag));
  const kept = new Set([...remembered, ...moving.map(([, digest]) => digest)]);
  const partsOf = (digest: string) => platforms.get(digest) ?? [];
  const shared = new Set([...kept].flatMap((one) => partsOf(one)));
  return [...tags]
    .filter(([tag, digest]) => isBuildTag(tag) && !kept.has(digest))
    .map(([tag, digest]) => {
      const own = partsOf(digest).filter((part) => !shared.has(part) && !kept.has(part));
      const attached = [digest, ...own].flatMap((subject) => attachmentsOf(subject, tags));
      return { repository, tag, digest, parts: [...own, ...attached] };
    });
}

/** Tags of what is attached to a digest (distribution spec 1.1, "Referrers Tag Schema"; cosign's are the same with a suffix). */
function attachmentsOf(subject: string, tags: ReadonlyMap<string, string>): string[] {
  const prefix = subject.replace(":", "-");
  return [...tags].filter(([tag]) => tag.startsWith(prefix)).map(([, digest]) => digest);
}

function isAttachment(tag: string): boolean {
  return tag.startsWith("sha256-");
}

/** Takes stock of a repository. @param targets all targets whose images it has @throws RegistryError */
export async function takeInventory(
  registry: Registry,
  repository: string,
  targets: readonly Target[],
): Promise<Inventory> {
  const names = await registry.listTags(repository);
  const manifests = await Promise.all(names.map((tag) => registry.getManifest(repository, tag)));
  const tags = new Map<string, string>();
  const platforms = new Map<string, readonly string[]>();
  for (const [index, name] of names.entries()) {
    const manifest = manifests[index];
    if (!manifest) continue;
    tags.set(name, manifest.digest);
    if (name.endsWith(".history") || !isIndexType(manifest.mediaType)) continue;
    const { manifests: images } = parseDocument(imageIndexSchema, manifest.bytes, `${repository}:${name}`);
    platforms.set(
      manifest.digest,
      images.map(({ digest }) => digest),
    );
  }
  const histories = await Promise.all(
    targets.map(({ variant, version }) => readHistory(registry, repository, tagFor(variant, version))),
  );
  const keeps = histories.map((history, index) => history.slice(0, targets[index]?.policy.keep));
  // Without a history nothing tells which builds are the older ones: then all of them stay.
  const isUntold = targets.some(
    ({ variant, version }, index) => tags.has(tagFor(variant, version)) && histories[index]?.length === 0,
  );
  const remembered = isUntold ? [...tags.values()] : keeps.flat().map(({ image }) => image.digest);
  return { tags, platforms, remembered: new Set(remembered) };
}

/** Removes a build and what goes with it. Its layers go when the registry next collects what nothing names. */
export async function removeBuild(
  registry: Registry,
  { repository, digest, parts }: OldBuild,
): Promise<void> {
  // The index first: nothing is ever named that is not there.
  await registry.deleteManifest(repository, digest);
  for (const part of parts) await registry.deleteManifest(repository, part);
}
