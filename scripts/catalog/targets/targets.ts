import { dirname, join } from "node:path";
import { userOf } from "../../model/configuration.ts";
import { earliest } from "../../model/end-of-life.ts";
import { DEFAULT_POLICY } from "../../model/policy.ts";
import { branchEnd } from "../../model/repositories.ts";
import {
  type Check,
  type Example,
  GREETING,
  type Smoke,
  type Stop,
  type Target,
  targetName,
  VARIANTS,
  type Variant,
} from "../../model/target.ts";
import { withDefaults } from "../../model/written.ts";
import { groupBy } from "../../system/group.ts";
import type { CatalogEntry, ImageEntry, VersionEntry } from "../extend/extend.ts";
import { expand, type PlaceholderValues, placeholderValues } from "../schema/format.ts";
import { renameWorld } from "./renames.ts";
import { type TagClaim, tagClaims, variantsOf, versionsNewestFirst } from "./tags.ts";

/** What `shell: true` brings: busybox, with `/bin/sh` as a link to it. */
const SHELL_PACKAGES = ["busybox-binsh"];

/** One version of an image, and what stands around it. */
interface VersionContext {
  readonly catalog: CatalogEntry;
  /** Path of the catalog file. */
  readonly file: string;
  readonly image: string;
  readonly entry: ImageEntry;
  /** The tags of the image's targets, by their names. */
  readonly claims: ReadonlyMap<string, readonly TagClaim[]>;
  readonly version: string;
  readonly versionEntry: VersionEntry;
  readonly values: PlaceholderValues;
  readonly place: string;
}

/**
 * The targets of a catalog: images in its order, of each the newest version first, runtime before dev.
 * Pure. Placeholders are filled in, except in the files of smoke, which are taken as they are.
 *
 * @param file path of the catalog file
 * @param placeOf where the catalog speaks of a version, as `catalog.yaml:12:7`
 */
export function targetsOf(
  catalog: CatalogEntry,
  file: string,
  placeOf: (image: string, version: string) => string,
): Target[] {
  return Object.entries(catalog.images).flatMap(([image, entry]) => {
    const nameOf = ({ version, variant }: TagClaim) => targetName(image, version, variant);
    const claims = groupBy(tagClaims(entry), nameOf);
    return versionsNewestFirst(entry.versions).flatMap((version) => {
      const versionEntry = entry.versions[version];
      if (!versionEntry) return [];
      const values = placeholderValues(version, versionEntry.branch, versionEntry.package ?? entry.package);
      const place = placeOf(image, version);
      const context = { catalog, file, image, entry, claims, version, versionEntry, values, place };
      return variantsOf(entry).map((variant) => targetOf(context, variant));
    });
  });
}

/** Of the lists that dev images may share, as a branch calls them: those that a world has all of, up to one it lacks. */
function layersOf({ catalog, versionEntry }: VersionContext, world: readonly string[]): string[][] {
  const asked = new Set(world);
  const lists = catalog.defaults.dev.layers.map((list) =>
    sortedSet(renameWorld(list, versionEntry.branch, catalog.renamed)),
  );
  const lacking = lists.findIndex((list) => !list.every((item) => asked.has(item)));
  return lacking === -1 ? lists : lists.slice(0, lacking);
}

function targetOf(context: VersionContext, variant: Variant): Target {
  const { catalog, image, entry, version, versionEntry, values, place } = context;
  const name = targetName(image, version, variant);
  const like = variant === "dev" ? "dev" : "runtime";
  const { user = variant === "dev" ? "root" : "nonroot" } = entry[like];
  const { entrypoint, cmd, workdir, labels, expose, volumes, stopsignal, healthcheck } = entry[like];
  const env = { ...catalog.defaults[like].env, ...entry[like].env, ...versionEntry[like]?.env };
  const links = { ...entry[like].links, ...versionEntry[like]?.links };
  const { jlink, remove, truststore = false } = variant === "dev" ? DEV_ONLY : entry.runtime;
  const shell = variant !== "runtime" || entry.runtime.shell === true;
  const bytecode = variant !== "dev" && (versionEntry.runtime?.bytecode ?? entry.runtime.bytecode);
  // A budget is for what runs in production: nobody counts the bytes of debug.
  const budget = variant === "debug" ? undefined : (versionEntry[like]?.budget ?? entry[like].budget);
  const world = worldOf(context, variant);
  const layers = variant === "dev" ? layersOf(context, world) : [];
  const repository = versionEntry.repository ?? entry.repository ?? "main";
  const endOfLife = earliest(versionEntry.eol, branchEnd(catalog, versionEntry.branch, repository));
  return {
    name,
    image,
    title: entry.title ?? image,
    version,
    variant,
    branch: versionEntry.branch,
    package: values.package,
    repository,
    ...(endOfLife !== undefined && { endOfLife }),
    world,
    shared: sortedSet(renameWorld(catalog.defaults[like].packages, versionEntry.branch, catalog.renamed)),
    ...(layers.length > 0 && { layers }),
    env: expandEntries(env, values),
    ...(entrypoint && { entrypoint: expandAll(entrypoint, values) }),
    ...(cmd && { cmd: expandAll(cmd, values) }),
    ...(workdir !== undefined && { workdir: expand(workdir, values) }),
    shell,
    links: expandEntries(links, values),
    remove: expandAll(remove, values),
    ...(jlink && { jlink }),
    ...(bytecode && { bytecode }),
    truststore,
    files: Object.fromEntries(
      Object.entries(entry[like].files).map(([path, file]) => [expand(path, values), file]),
    ),
    user: userOf(user),
    labels: expandEntries(labels, values),
    expose: [...new Set(expose)],
    volumes: [...new Set(expandAll(volumes, values))],
    ...(stopsignal && { stopsignal }),
    ...(healthcheck && { healthcheck: { ...healthcheck, test: expandAll(healthcheck.test, values) } }),
    ...(budget !== undefined && { budget }),
    platforms: catalog.platforms,
    policy: withDefaults(withDefaults(DEFAULT_POLICY, catalog.policy), entry.policy ?? {}),
    ...((entry.archived ?? catalog.archived) && { evenArchived: true }),
    tags: [...new Set(context.claims.get(name)?.map(({ tag }) => tag))],
    description: entry.description,
    smoke: smokeOf(entry, values),
    ...checksOf(entry, values),
    ...stopOf(entry, values),
    ...(entry.notes !== undefined && { notes: expand(entry.notes, values) }),
    ...exampleOf(context),
    place,
  };
}

/** A dev image is plain Alpine: nothing is cut out of it. */
const DEV_ONLY = { remove: [], jlink: undefined, truststore: false };

function worldOf({ catalog, entry, versionEntry, values }: VersionContext, variant: Variant): string[] {
  const like = variant === "dev" ? "dev" : "runtime";
  const isShell = variant === "debug" || (variant === "runtime" && entry.runtime.shell);
  const packages = [
    ...catalog.defaults[like].packages,
    ...entry[like].packages,
    ...(versionEntry[like]?.packages ?? []),
    // In dev the shell is there with Alpine's base image.
    ...(isShell ? SHELL_PACKAGES : []),
  ];
  return sortedSet(renameWorld(expandAll(packages, values), versionEntry.branch, catalog.renamed));
}

function smokeOf({ smoke }: ImageEntry, values: PlaceholderValues): Smoke {
  return {
    ...(smoke.version && { version: expandAll(smoke.version, values) }),
    files: smoke.files,
    ...(smoke.build && { build: expandAll(smoke.build, values) }),
    run: expandAll(smoke.run, values),
    ...(smoke.writes && { writes: smoke.writes }),
  };
}

function checksOf({ checks }: ImageEntry, values: PlaceholderValues): { checks?: readonly Check[] } {
  const all = Object.entries(checks).map(([name, check]): Check => {
    const { env, user, files, build, run, prints = GREETING, fails, tls = false } = check;
    return {
      name,
      variants: check.in === undefined ? VARIANTS : [check.in],
      env: expandEntries(env, values),
      ...(user !== undefined && { user }),
      files,
      ...(build && { build: expandAll(build, values) }),
      run: expandAll(run, values),
      expected: fails === undefined ? { prints: expand(prints, values) } : { fails: expand(fails, values) },
      tls,
    };
  });
  return all.length > 0 ? { checks: all } : {};
}

function stopOf({ stop }: ImageEntry, values: PlaceholderValues): { stop?: Stop } {
  if (!stop) return {};
  const { run, ends, handler } = stop;
  return { stop: { run: expandAll(run, values), ends, ...(handler !== undefined && { handler }) } };
}

function exampleOf({ entry, versionEntry, values, file, image }: VersionContext): { example?: Example } {
  if (!entry.example || versionEntry.example === false) return {};
  const { dependencies, root, test, build, run, output } = entry.example;
  return {
    example: {
      directory: join(dirname(file), "examples", image),
      ...(dependencies && { dependencies: expandAll(dependencies, values) }),
      ...(root && { root }),
      test: expandAll(test, values),
      ...(build && { build: expandAll(build, values) }),
      run: expandAll(run, values),
      output: expand(output, values),
    },
  };
}

function expandAll(texts: readonly string[], values: PlaceholderValues): string[] {
  return texts.map((text) => expand(text, values));
}

function expandEntries(record: Readonly<Record<string, string>>, values: PlaceholderValues) {
  const entries = Object.entries(record);
  return Object.fromEntries(
    entries.map(([key, text]) => [expand(key, values), expand(text, values)] as const),
  );
}

function sortedSet(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort();
}
