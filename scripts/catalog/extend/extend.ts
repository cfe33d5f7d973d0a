import { resolve } from "node:path";
import { compressionOf } from "../../model/compression.ts";
import { ecrOf } from "../../model/ecr.ts";
import { DEFAULT_GATE } from "../../model/gate.ts";
import type { CleanRule, Policy } from "../../model/policy.ts";
import { DEFAULT_PROMOTION } from "../../model/promotion.ts";
import { signingOf } from "../../model/signing.ts";
import type { Sources } from "../../model/sources.ts";
import { type Catalog, type Target, VARIANTS } from "../../model/target.ts";
import { webhookOf } from "../../model/webhook.ts";
import { definedOf, type Written, withDefaults } from "../../model/written.ts";
import { once } from "../../system/once.ts";
import type { CatalogFile, ImageFile, VersionFile } from "../schema/schema.ts";
import type { FilledImage } from "./fill.ts";
import type { Lineage } from "./lineage.ts";
import type { OwnTrust } from "./trust.ts";

/** What a catalog file comes to once everything that it and its images extend has been taken over. */
export interface CatalogEntry
  extends Omit<Catalog, "file" | "clean" | "targets" | "certificates" | "repositories"> {
  readonly platforms: Target["platforms"];
  readonly policy: Written<Policy>;
  /** Whether what has ended is built without being named. */
  readonly archived: boolean;
  readonly clean: Written<CleanRule>;
  /** Those of `Catalog.certificates` by name, so that one that extends it may have another of the name. */
  readonly ownCertificates: OwnTrust["certificates"];
  /** Those of `Catalog.repositories` by name, likewise. */
  readonly ownRepositories: OwnTrust["repositories"];
  readonly renamed: CatalogFile["renamed"];
  readonly defaults: {
    readonly [variant in (typeof VARIANTS)[number]]: NonNullable<CatalogFile["defaults"][variant]>;
  };
  readonly images: Readonly<Record<string, ImageEntry>>;
}

const NO_DEFAULTS = { packages: [], env: {}, layers: [] };

/** One image, with nothing left open that an image needs. */
export type ImageEntry = Omit<FilledImage, "extends" | "versions" | "description" | "package" | "smoke"> & {
  readonly description: string;
  readonly package: string;
  readonly smoke: NonNullable<ImageFile["smoke"]>;
  readonly versions: Readonly<Record<string, VersionEntry>>;
};

export type VersionEntry = VersionFile & { readonly branch: string };

/**
 * A catalog with its parent's settings taken over, and its images.
 *
 * @param own what was read of other files, and the folder that the file lies in: what it names is found from there
 * @returns undefined when it lacks a setting: that is told of as a missing key
 */
export function extendCatalog(
  file: CatalogFile,
  parent: CatalogEntry | undefined,
  images: CatalogEntry["images"],
  { folder, certificates, repositories }: OwnTrust & { readonly folder: string },
): CatalogEntry | undefined {
  const registry = file.registry ?? parent?.registry;
  const platforms = file.platforms ?? parent?.platforms;
  const sources = file.sources ? sourcesFrom(folder, file.sources) : parent?.sources;
  if (!registry || !platforms || !sources) return undefined;
  return {
    registry,
    // Its pages are those of its own registry.
    site: file.site,
    platforms,
    runners: file.runners ?? parent?.runners,
    sources,
    templates: [...(parent?.templates ?? []), ...(file.templates ? [resolve(folder, file.templates)] : [])],
    ownRepositories: { ...parent?.ownRepositories, ...repositories },
    ownCertificates: { ...parent?.ownCertificates, ...certificates },
    compression: file.compression === undefined ? parent?.compression : compressionOf(file.compression),
    policy: { ...parent?.policy, ...definedOf(file.policy ?? {}) },
    // Whoever takes over images does not ask for hours of old ones.
    archived: file.archived ?? false,
    sign: file.sign ? signingOf(file.sign, folder) : parent?.sign,
    ecr: file.ecr ? ecrOf(file.ecr, folder) : parent?.ecr,
    gate: file.gate ? withDefaults(DEFAULT_GATE, file.gate) : parent?.gate,
    promote: file.promote ? withDefaults(DEFAULT_PROMOTION, file.promote) : parent?.promote,
    clean: { ...parent?.clean, ...definedOf(file.clean ?? {}) },
    notify: file.notify?.map(webhookOf) ?? parent?.notify,
    branches: { ...parent?.branches, ...file.branches },
    renamed: { ...parent?.renamed, ...file.renamed },
    excluded: file.excluded,
    defaults: {
      runtime: file.defaults.runtime ?? parent?.defaults.runtime ?? NO_DEFAULTS,
      dev: file.defaults.dev ?? parent?.defaults.dev ?? NO_DEFAULTS,
    },
    images,
  };
}

function sourcesFrom(folder: string, sources: NonNullable<CatalogFile["sources"]>): Sources {
  const { keys, releases } = sources;
  const isFile = releases !== undefined && !/^https?:/.test(releases);
  return {
    ...sources,
    keys: keys === undefined ? undefined : resolve(folder, keys),
    releases: isFile ? resolve(folder, releases) : releases,
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
  own: ReadonlyMap<string, FilledImage>,
  parent: CatalogEntry["images"],
  { bases }: Lineage,
): Record<string, ImageEntry> {
  const entryOf = once((name: string): ImageEntry | undefined => {
    const image = own.get(name);
    if (image?.extends === undefined) return image && complete(image);
    const base = bases.get(name);
    const extended = base?.fromParent ? parent[base.name] : base && entryOf(base.name);
    return extended && complete(mergeImage(extended, image));
  });
  const entries = [...own.keys()].map((name) => [name, entryOf(name)] as const);
  return Object.fromEntries(entries.flatMap(([name, entry]) => (entry ? [[name, entry]] : [])));
}

/** The image, unless it lacks something. */
function complete({ extends: _, ...image }: FilledImage): ImageEntry | undefined {
  const { description, package: packageName, smoke, versions } = image;
  if (description === undefined || packageName === undefined || !smoke || !versions) return undefined;
  const known = Object.entries(versions).flatMap(([name, { branch, ...version }]) =>
    branch === undefined ? [] : [[name, { ...version, branch }] as const],
  );
  return { ...image, description, package: packageName, smoke, versions: Object.fromEntries(known) };
}

/**
 * An image with everything taken over from the one it extends. Packages, `remove`, `expose`, `volumes`, `env`, `links`,
 * `files`, `labels`, `checks` and the tags of a version are added to, and in a mapping the own entry wins; anything else
 * is the own value where there is one. Versions, once it says any, are only those that it says.
 *
 * Four things are not taken over: the example, whose app lies in a folder of the image's name; budgets, which were set
 * for fewer packages; the third variant and what has ended, which cost a build for each version.
 *
 * Own packages come first, so that a mistake in them is found at the place where it stands.
 */
function mergeImage(base: ImageEntry, own: FilledImage): FilledImage {
  const { example: _, debug: __, archived: ___, ...inherited } = base;
  const remove = [...own.runtime.remove, ...base.runtime.remove];
  return {
    ...inherited,
    ...definedOf(own),
    versions: mergeVersions(base.versions, own.versions),
    checks: { ...base.checks, ...own.checks },
    runtime: { ...mergeVariant(base.runtime, own.runtime), remove },
    dev: mergeVariant(base.dev, own.dev),
    policy: { ...base.policy, ...definedOf(own.policy ?? {}) },
  };
}

function mergeVersions(base: ImageEntry["versions"], own: FilledImage["versions"]) {
  const merged = Object.keys(own ?? base).map((name) => {
    return [name, mergeVersion(base[name] ?? NO_VERSION, own?.[name] ?? NO_VERSION)] as const;
  });
  return Object.fromEntries(merged);
}

const NO_VERSION: VersionFile = { tags: [] };

function mergeVersion(base: VersionFile, own: VersionFile): VersionFile {
  const merged = { ...base, ...definedOf(own), tags: [...new Set([...own.tags, ...base.tags])] };
  for (const variant of VARIANTS) {
    const packages = [...(own[variant]?.packages ?? []), ...(base[variant]?.packages ?? [])];
    const links = { ...base[variant]?.links, ...own[variant]?.links };
    const env = { ...base[variant]?.env, ...own[variant]?.env };
    merged[variant] = {
      ...base[variant],
      ...definedOf(own[variant] ?? {}),
      packages,
      env,
      links,
      budget: own[variant]?.budget,
    };
  }
  return merged;
}

function mergeVariant<Entry extends FilledImage["dev"]>(base: Entry, own: Entry): Entry {
  return {
    ...base,
    ...definedOf(own),
    packages: [...own.packages, ...base.packages],
    env: { ...base.env, ...own.env },
    links: { ...base.links, ...own.links },
    labels: { ...base.labels, ...own.labels },
    files: { ...base.files, ...own.files },
    expose: [...own.expose, ...base.expose],
    volumes: [...own.volumes, ...base.volumes],
    budget: own.budget,
  };
}
