import { VARIANTS } from "../../model/target.ts";
import type { ImageFile, VersionFile } from "../schema/schema.ts";

/**
 * An image with everything taken over from the one it extends. Packages, `remove`, `env`, `links` and the
 * tags of a version are added to, and in a mapping the own entry wins; anything else is the own value where
 * there is one. Versions, once it says any, are only those that it says.
 *
 * Two things are not taken over: the example, whose app lies in a folder of the image's name, and budgets,
 * which were set for fewer packages.
 *
 * Own packages come first, so that a mistake in them is found at the place where it stands.
 */
export function mergeImage(base: ImageEntry, own: ImageFile): ImageFile {
  const { example: _, ...inherited } = base;
  return {
    ...inherited,
    ...definedOf(own),
    versions: mergeVersions(base.versions, own.versions ?? mapValues(base.versions, () => NOTHING_OWN)),
    runtime: {
      ...mergeVariant(base.runtime, own.runtime),
      remove: [...own.runtime.remove, ...base.runtime.remove],
    },
    dev: mergeVariant(base.dev, own.dev),
    policy: { ...base.policy, ...definedOf(own.policy ?? {}) },
  };
}

const NOTHING_OWN: VersionFile = { tags: [] };

function mergeVersions(
  base: Readonly<Record<string, VersionFile>>,
  own: Readonly<Record<string, VersionFile>>,
): Record<string, VersionFile> {
  return mapValues(own, (version, name) => mergeVersion(base[name] ?? NOTHING_OWN, version));
}

function mergeVersion(base: VersionFile, own: VersionFile): VersionFile {
  const merged = { ...base, ...definedOf(own), tags: [...new Set([...own.tags, ...base.tags])] };
  for (const variant of VARIANTS) {
    const packages = [...(own[variant]?.packages ?? []), ...(base[variant]?.packages ?? [])];
    const links = { ...base[variant]?.links, ...own[variant]?.links };
    merged[variant] = { packages, links, budget: own[variant]?.budget };
  }
  return merged;
}

function mergeVariant<Entry extends ImageFile["dev"]>(base: Entry, own: Entry): Entry {
  return {
    ...base,
    ...definedOf(own),
    packages: [...own.packages, ...base.packages],
    env: { ...base.env, ...own.env },
    links: { ...base.links, ...own.links },
    budget: own.budget,
  };
}

/** Without the keys that are there with nothing in them: they must not win over what is taken over. */
export function definedOf<Entry extends object>(entry: Entry): Partial<Entry> {
  return Object.fromEntries(
    Object.entries(entry).filter(([, value]) => value !== undefined),
  ) as Partial<Entry>;
}

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  change: (value: From, key: string) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]));
}

/** One image, with nothing left open that an image needs. */
export type ImageEntry = Omit<ImageFile, "extends" | "versions" | "description" | "package" | "smoke"> & {
  readonly description: string;
  readonly package: string;
  readonly smoke: NonNullable<ImageFile["smoke"]>;
  readonly versions: Readonly<Record<string, VersionEntry>>;
};

export type VersionEntry = VersionFile & { readonly branch: string };
