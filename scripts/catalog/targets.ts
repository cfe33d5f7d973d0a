import { expand, type PlaceholderValues, placeholderValues } from "./placeholders.ts";
import type { CatalogFile, ImageEntry } from "./schema.ts";
import { tagClaims, tagFor, versionsNewestFirst } from "./tags.ts";
import { type Catalog, type Smoke, type Target, VARIANTS, type Variant } from "./target.ts";

/** What `shell: true` brings: busybox, with `/bin/sh` as a link to it. */
const SHELL_PACKAGES = ["busybox-binsh"];

/**
 * The targets of a catalog: images in its order, of each the newest version first, runtime before dev.
 * Pure. Placeholders are filled in, except in the files of smoke, which are taken as they are.
 */
export function targetsOf(catalog: CatalogFile): Target[] {
  return Object.keys(catalog.images).flatMap((image) =>
    versionsNewestFirst(catalog.images[image]?.versions ?? {}).flatMap((version) =>
      VARIANTS.flatMap((variant) => targetOf(catalog, image, version, variant) ?? []),
    ),
  );
}

/** The packages that all images have, sorted, without repeats. */
export function defaultsOf({ defaults }: CatalogFile): Catalog["defaults"] {
  return { runtime: sortedSet(defaults.runtime.packages), dev: sortedSet(defaults.dev.packages) };
}

function targetOf(
  catalog: CatalogFile,
  image: string,
  version: string,
  variant: Variant,
): Target | undefined {
  const entry = catalog.images[image];
  const versionEntry = entry?.versions[version];
  if (!entry || !versionEntry) return undefined;
  const { branch } = versionEntry;
  const values = placeholderValues(version, branch);
  const { env, entrypoint, cmd, workdir, links } = entry[variant];
  const shell = variant === "dev" || entry.runtime.shell;
  return {
    name: targetName(image, version, variant),
    image,
    version,
    variant,
    branch,
    package: expand(entry.package, values),
    world: worldOf(catalog, entry, version, variant),
    env: mapEntries(env, (name, value) => [name, expand(value, values)]),
    ...(entrypoint && { entrypoint: expandAll(entrypoint, values) }),
    ...(cmd && { cmd: expandAll(cmd, values) }),
    ...(workdir !== undefined && { workdir: expand(workdir, values) }),
    shell,
    links: mapEntries(links, (path, target) => [expand(path, values), expand(target, values)]),
    platforms: catalog.platforms,
    tags: tagsOf(entry, version, variant),
    description: entry.description,
    smoke: smokeOf(entry, values),
  };
}

/** `node:22`, `node:22-dev`. */
export function targetName(image: string, version: string, variant: Variant): string {
  return `${image}:${tagFor(variant, version)}`;
}

function worldOf(catalog: CatalogFile, entry: ImageEntry, version: string, variant: Variant): string[] {
  const versionEntry = entry.versions[version];
  const packages = [
    ...catalog.defaults[variant].packages,
    ...entry[variant].packages,
    ...(versionEntry?.[variant]?.packages ?? []),
    // In dev the shell is there with Alpine's base image.
    ...(variant === "runtime" && entry.runtime.shell ? SHELL_PACKAGES : []),
  ];
  return sortedSet(expandAll(packages, placeholderValues(version, versionEntry?.branch ?? "")));
}

function tagsOf(entry: ImageEntry, version: string, variant: Variant): string[] {
  const own = tagClaims(entry.versions).filter(
    (claim) => claim.version === version && claim.variant === variant,
  );
  return [...new Set(own.map(({ tag }) => tag))];
}

function smokeOf({ smoke }: ImageEntry, values: PlaceholderValues): Smoke {
  return {
    ...(smoke.version && { version: expandAll(smoke.version, values) }),
    files: smoke.files,
    ...(smoke.build && { build: expandAll(smoke.build, values) }),
    run: expandAll(smoke.run, values),
  };
}

function expandAll(texts: readonly string[], values: PlaceholderValues): string[] {
  return texts.map((text) => expand(text, values));
}

function mapEntries(
  record: Readonly<Record<string, string>>,
  change: (key: string, value: string) => [string, string],
): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => change(key, value)));
}

function sortedSet(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}
