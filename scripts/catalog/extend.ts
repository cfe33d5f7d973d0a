import type { Platform } from "../alpine/platform.ts";
import { didYouMean } from "./nearest.ts";
import type { CatalogProblem } from "./problems.ts";
import type { CatalogFile, ImageFile, VersionFile } from "./schema.ts";
import type { CatalogSource, Path } from "./source.ts";
import { VARIANTS, type Variant } from "./target.ts";

/**
 * What a catalog file and its images come to once everything they extend has been taken over. Lists and
 * mappings are added to, and a mapping's own entry wins; anything else is the own value where there is one.
 */
export interface CatalogEntry {
  readonly registry: string;
  readonly platforms: readonly Platform[];
  readonly sources: { readonly base: string; readonly packages: string };
  readonly branches: Readonly<Record<string, { readonly eol: string }>>;
  readonly renamed: CatalogFile["renamed"];
  readonly excluded: CatalogFile["excluded"];
  readonly defaults: Readonly<Record<Variant, readonly string[]>>;
  readonly images: Readonly<Record<string, ImageEntry>>;
}

/** One image, with nothing left open that an image needs. */
export type ImageEntry = Omit<ImageFile, "extends" | "versions" | "description" | "package" | "smoke"> & {
  readonly description: string;
  readonly package: string;
  readonly smoke: NonNullable<ImageFile["smoke"]>;
  readonly versions: Readonly<Record<string, VersionEntry>>;
};

export type VersionEntry = VersionFile & { readonly branch: string };

/**
 * Takes over what a catalog and its images extend.
 *
 * @param parent the catalog that `file.extends` names
 * @returns the entry, or everything that is wrong with what is extended
 */
export function extendCatalog(
  source: CatalogSource,
  file: CatalogFile,
  parent: CatalogEntry | undefined,
): CatalogEntry | readonly CatalogProblem[] {
  const extender = new Extender(source, file.images, parent?.images ?? {});
  const images = extender.extendAll();
  const registry = file.registry ?? parent?.registry;
  const platforms = file.platforms ?? parent?.platforms;
  const sources = file.sources ?? parent?.sources;
  // What lacks without a parent has been told of as missing.
  if (extender.problems.length > 0 || !registry || !platforms || !sources) return extender.problems;
  return {
    registry,
    platforms,
    sources,
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

class Extender {
  readonly problems: CatalogProblem[] = [];
  readonly #done = new Map<string, ImageEntry | undefined>();

  constructor(
    readonly source: CatalogSource,
    readonly own: Readonly<Record<string, ImageFile>>,
    readonly inherited: Readonly<Record<string, ImageEntry>>,
  ) {}

  extendAll(): Record<string, ImageEntry> {
    const entries = Object.keys(this.own).flatMap((name) => {
      const entry = this.#entryOf(name, []);
      return entry ? [[name, entry] as const] : [];
    });
    return Object.fromEntries(entries);
  }

  /** @param way the images that led here, each extending the next */
  #entryOf(name: string, way: readonly string[]): ImageEntry | undefined {
    if (this.#done.has(name)) return this.#done.get(name);
    const image = this.own[name];
    if (!image) return undefined;
    const entry =
      image.extends === undefined
        ? complete(image, image.versions ?? {})
        : this.#extend(name, image, image.extends, [...way, name]);
    this.#done.set(name, entry);
    return entry;
  }

  #extend(name: string, image: ImageFile, base: string, way: readonly string[]): ImageEntry | undefined {
    const path = ["images", name, "extends"];
    // An image may bear the name of the one it extends in the catalog above; it does not extend itself.
    const isOwn = this.own[base] !== undefined && !(base === name && this.inherited[base]);
    if (isOwn && way.includes(base)) {
      const circle = [...way.slice(way.indexOf(base)), base].join(" → ");
      this.#wrong(path, base, `this goes in a circle: ${circle}`);
      return undefined;
    }
    const parent = isOwn ? this.#entryOf(base, way) : this.inherited[base];
    if (parent) return this.#merge(name, parent, image);
    if (!isOwn) {
      const known = [...new Set([...Object.keys(this.own), ...Object.keys(this.inherited)])];
      const others = known.filter((other) => other !== name);
      const advice = didYouMean(base, others) || `; there are ${others.join(", ") || "no others"}`;
      this.#wrong(path, base, `no image is called so${advice}`);
    }
    return undefined;
  }

  #merge(name: string, parent: ImageEntry, image: ImageFile): ImageEntry | undefined {
    const versions = image.versions
      ? mapValues(image.versions, (version, key) => mergeVersion(parent.versions[key], version))
      : parent.versions;
    const strange = Object.keys(versions).filter((version) => versions[version]?.branch === undefined);
    for (const version of strange) {
      const has = Object.keys(parent.versions).join(", ");
      const message = `${image.extends} has no version ${version}: it has ${has}; for a new one say its branch`;
      this.#wrong(["images", name, "versions", version], version, message);
    }
    if (strange.length > 0) return undefined;
    const { title = parent.title, description = parent.description, smoke = parent.smoke } = image;
    return complete(
      {
        ...image,
        ...(title !== undefined && { title }),
        description,
        package: image.package ?? parent.package,
        runtime: {
          ...mergeVariant(parent.runtime, image.runtime),
          remove: [...image.runtime.remove, ...parent.runtime.remove],
        },
        dev: mergeVariant(parent.dev, image.dev),
        smoke,
      },
      versions,
    );
  }

  #wrong(path: Path, subject: string, message: string): void {
    this.problems.push({ file: this.source.file, ...this.source.keyAt(path), subject, message });
  }
}

/** An image that lacks something has been told of; here it has no entry. */
function complete(
  { extends: _, ...image }: ImageFile,
  versions: Readonly<Record<string, VersionFile>>,
): ImageEntry | undefined {
  const { description, package: packageName, smoke } = image;
  if (description === undefined || packageName === undefined || smoke === undefined) return undefined;
  const known = Object.entries(versions).flatMap(([name, { branch, ...version }]) =>
    branch === undefined ? [] : [[name, { ...version, branch }] as const],
  );
  return { ...image, description, package: packageName, smoke, versions: Object.fromEntries(known) };
}

/** Own packages first: a mistake in them is then found at the place where it stands. */
function mergeVariant<Entry extends ImageFile["dev"]>(parent: Entry, own: Entry): Entry {
  return {
    ...parent,
    ...definedOf(own),
    packages: [...own.packages, ...parent.packages],
    env: { ...parent.env, ...own.env },
    links: { ...parent.links, ...own.links },
  };
}

function mergeVersion(parent: VersionFile | undefined, own: VersionFile): VersionFile {
  if (!parent) return own;
  const merged = { ...parent, ...definedOf(own), tags: [...new Set([...parent.tags, ...own.tags])] };
  for (const variant of VARIANTS) {
    const packages = [...(own[variant]?.packages ?? []), ...(parent[variant]?.packages ?? [])];
    merged[variant] = { ...parent[variant], ...definedOf(own[variant] ?? {}), packages };
  }
  return merged;
}

function definedOf<Entry extends object>(entry: Entry): Entry {
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined)) as Entry;
}

function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  change: (value: From, key: string) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value, key)]));
}
