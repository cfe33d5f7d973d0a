import { resolve } from "node:path";
import { type EcrSettings, ecrOf } from "../../model/ecr.ts";
import { type Gate, gateOf } from "../../model/gate.ts";
import type { Platform } from "../../model/platform.ts";
import type { CleanFile, PolicyFile } from "../../model/policy.ts";
import { type Signing, signingOf } from "../../model/signing.ts";
import type { Repository, Sources, Variant } from "../../model/target.ts";
import { type Webhook, webhookOf } from "../../model/webhook.ts";
import type { CatalogFile, ImageFile } from "../schema/schema.ts";
import type { Lineage } from "./lineage.ts";
import { definedOf, type ImageEntry, mergeImage } from "./merge.ts";

/** What a catalog file comes to once everything that it and its images extend has been taken over. */
export interface CatalogEntry {
  readonly registry: string;
  readonly platforms: readonly Platform[];
  readonly sources: Sources;
  readonly policy: PolicyFile;
  readonly sign?: Signing;
  readonly ecr?: EcrSettings;
  readonly gate?: Gate;
  readonly clean: CleanFile;
  readonly notify?: readonly Webhook[];
  readonly branches: Readonly<
    Record<string, { readonly eol: string; readonly repositories?: readonly Repository[] | undefined }>
  >;
  readonly renamed: CatalogFile["renamed"];
  readonly excluded: CatalogFile["excluded"];
  readonly defaults: Readonly<Record<Variant, readonly string[]>>;
  readonly images: Readonly<Record<string, ImageEntry>>;
}

/**
 * A catalog with its parent's settings taken over, and its images.
 *
 * @param folder where the file lies: what its sources name is found from there
 * @returns undefined when it lacks a setting: that is told of as a missing key
 */
export function extendCatalog(
  file: CatalogFile,
  parent: CatalogEntry | undefined,
  images: CatalogEntry["images"],
  folder: string,
): CatalogEntry | undefined {
  const registry = file.registry ?? parent?.registry;
  const platforms = file.platforms ?? parent?.platforms;
  const sources = file.sources ? sourcesFrom(folder, file.sources) : parent?.sources;
  const ecr = file.ecr ? ecrOf(file.ecr, folder) : parent?.ecr;
  const sign = file.sign ? signingOf(file.sign, folder) : parent?.sign;
  const gate = file.gate ? gateOf(file.gate) : parent?.gate;
  const notify = file.notify?.map(webhookOf) ?? parent?.notify;
  if (!registry || !platforms || !sources) return undefined;
  return {
    registry,
    platforms,
    sources,
    policy: { ...parent?.policy, ...definedOf(file.policy ?? {}) },
    ...(sign && { sign }),
    ...(ecr && { ecr }),
    ...(gate && { gate }),
    clean: { ...parent?.clean, ...definedOf(file.clean ?? {}) },
    ...(notify && { notify }),
    branches: { ...parent?.branches, ...file.branches },
    renamed: { ...parent?.renamed, ...file.renamed },
    excluded: file.excluded,
    defaults: {
      runtime: file.defaults.runtime?.packages ?? parent?.defaults.runtime ?? [],
      dev: file.defaults.dev?.packages ?? parent?.defaults.dev ?? [],
    },
    images,
  };
}

function sourcesFrom(
  folder: string,
  { base, packages, auth, keys, security, releases }: NonNullable<CatalogFile["sources"]>,
): Sources {
  const isFile = releases !== undefined && !/^https?:/.test(releases);
  return {
    base,
    packages,
    ...(auth && { auth }),
    ...(keys !== undefined && { keys: resolve(folder, keys) }),
    ...(security !== undefined && { security }),
    ...(releases !== undefined && { releases: isFile ? resolve(folder, releases) : releases }),
  };
}

/**
 * The images of a catalog, with what they extend taken over. Those that lack something, and all that extend
 * them, are left out: they are told of otherwise.
 *
 * @param own the images whose own entry is right
 * @param parent the images of the parent catalog
 */
export function extendImages(
  own: ReadonlyMap<string, ImageFile>,
  parent: CatalogEntry["images"],
  { bases }: Lineage,
): Record<string, ImageEntry> {
  const done = new Map<string, ImageEntry | undefined>();
  const entryOf = (name: string): ImageEntry | undefined => {
    if (!done.has(name)) done.set(name, extendImage(name));
    return done.get(name);
  };
  const extendImage = (name: string): ImageEntry | undefined => {
    const image = own.get(name);
    if (!image) return undefined;
    if (image.extends === undefined) return complete(image);
    const base = bases.get(name);
    const extended = base?.fromParent ? parent[base.name] : base && entryOf(base.name);
    return extended && complete(mergeImage(extended, image));
  };
  const entries = [...own.keys()].map((name) => [name, entryOf(name)] as const);
  return Object.fromEntries(entries.flatMap(([name, entry]) => (entry ? [[name, entry]] : [])));
}

/** The image, unless it lacks something. */
function complete({ extends: _, ...image }: ImageFile): ImageEntry | undefined {
  const { description, package: packageName, smoke, versions } = image;
  if (description === undefined || packageName === undefined || !smoke || !versions) return undefined;
  const known = Object.entries(versions).flatMap(([name, { branch, ...version }]) =>
    branch === undefined ? [] : [[name, { ...version, branch }] as const],
  );
  return { ...image, description, package: packageName, smoke, versions: Object.fromEntries(known) };
}
