import { basename } from "node:path";
import { tagsOf } from "../model/tags.ts";
import type { Catalog, Release, Target } from "../model/target.ts";
import { formatBytes } from "../system/shown/format.ts";
import { exampleRelease, referenceOf, runInAppLine, runLine } from "./consumer.ts";
import type { MeasuredSizes, MeasuredTarget, Saving } from "./measured-sizes.ts";

/** What READMEs tell besides what the catalog says. */
export interface ReadmeFacts {
  readonly sizes: MeasuredSizes;
  /** The images that have an example beside the catalog. */
  readonly examples: ReadonlySet<string>;
}

/**
 * The view of one image: what templates/readme.hbs sees. Nothing in it depends on the day or the machine.
 * @param releases all versions of the image, newest first
 * @param shown the one that the README speaks of where one stands for all
 */
export function imageView(
  catalog: Catalog,
  releases: readonly Release[],
  shown: Release,
  { sizes, examples }: ReadmeFacts,
) {
  const { image, runtime, dev } = shown;
  const targets = releases.flatMap((release) => [release.runtime, release.dev]);
  return {
    image,
    title: runtime.title,
    description: runtime.description,
    catalog: basename(catalog.file),
    repository: `${catalog.registry}/${image}`,
    shown: { version: shown.version, package: runtime.package, runtime, dev },
    exact: exactTags(catalog, runtime),
    versions: releases.map((release) => versionView(catalog, release)),
    sizes: sizeRows(targets, sizes),
    budgets: budgetRows(targets),
    measured: newestMeasured(releases, sizes),
    savings: savingsOf(runtime.world, sizes.savings),
    use: useView(catalog, releases, shown),
    more: { package: packageToAdd(runtime) },
    example: examples.has(image) ? `../../examples/${image}/README.md` : undefined,
  };
}

function versionView({ branches }: Catalog, { version, runtime, dev }: Release) {
  const { branch, endOfLife } = runtime;
  return { version, branch, branchEnds: branches[branch]?.eol, endOfLife, runtime, dev };
}

/**
 * Which tags an exact version would give: of a version made up, since the real one is known only once an image
 * is built.
 */
function exactTags({ targets }: Catalog, runtime: Target) {
  const parts = runtime.version.split(".");
  const version = [...parts, "1", "0"].slice(0, Math.max(3, parts.length + 1)).join(".");
  const tags = tagsOf(runtime, version, targets).filter((tag) => !runtime.tags.includes(tag));
  return { version, tags };
}

/** The lines to type. Which app they are for is the consumer's matter: they are those of the example. */
function useView(catalog: Catalog, releases: readonly Release[], shown: Release) {
  const { runtime, dev } = shown;
  const version = versionCommand(runtime.smoke);
  const program = runtime.world.some((item) => nameOf(item) === runtime.package) ? runtime : dev;
  const { dev: appDev, runtime: app } = (runtime.example ? shown : exampleRelease(releases)) ?? shown;
  const { dependencies, build, run } = app.example ?? {};
  const inDev = [dependencies, build].filter((command) => command !== undefined);
  return {
    pull: `docker pull ${referenceOf(catalog, runtime)}`,
    version: version && runLine(referenceOf(catalog, program), version),
    inDev: inDev.map((command) => runInAppLine(referenceOf(catalog, appDev), command)),
    run: run && runInAppLine(referenceOf(catalog, app), run),
  };
}

/** What prints the version, where it needs no file of the smoke test that the consumer does not have. */
function versionCommand({ version, files }: Target["smoke"]): readonly string[] | undefined {
  return version?.some((word) => word in files) ? undefined : version;
}

/** A package that an image lacks, to show how one is added. Every branch of Alpine has these in main. */
function packageToAdd({ world }: Target): string {
  return world.includes("tzdata") ? "curl" : "tzdata";
}

/** A row of an image's table of sizes. */
export interface SizeRow {
  readonly name: string;
  readonly download: string;
  readonly installed: string;
  readonly packages: number;
  readonly index: string;
}

/** The sizes of those targets that are measured, in their order. */
function sizeRows(targets: readonly Target[], sizes: MeasuredSizes): SizeRow[] {
  return targets.flatMap(({ name }) => {
    const measured = sizes.targets[name];
    return measured ? [sizeRow(name, measured)] : [];
  });
}

function sizeRow(
  name: string,
  { compressed, installed, packages, leftOut, ...measured }: MeasuredTarget,
): SizeRow {
  const missing = Object.keys(leftOut ?? {}).map((word) => `\`${word}\``);
  // What is left out only adds to a size.
  const atLeast = missing.length > 0 ? "more than " : "";
  const without = missing.length > 0 ? `, without ${missing.join(", ")}` : "";
  return {
    name,
    download: atLeast + formatBytes(compressed),
    installed: atLeast + formatBytes(installed),
    packages,
    index: `${measured.index}, ${measured.date}${without}`,
  };
}

/** Each budget that there is, with the targets it holds for. */
function budgetRows(targets: readonly Target[]): { budget: string; names: readonly string[] }[] {
  const budgets = new Map<number, string[]>();
  for (const { name, budget } of targets) {
    if (budget !== undefined) budgets.set(budget, [...(budgets.get(budget) ?? []), name]);
  }
  return [...budgets]
    .sort(([a], [b]) => a - b)
    .map(([budget, names]) => ({ budget: formatBytes(budget), names }));
}

/** The newest release whose runtime's size is known exactly, with that size. */
export function newestMeasured(
  releases: readonly Release[],
  sizes: MeasuredSizes,
): { readonly name: string; readonly download: string; readonly largest: readonly string[] } | undefined {
  for (const { runtime } of releases) {
    const measured = sizes.targets[runtime.name];
    if (!measured || measured.leftOut) continue;
    const largest = Object.entries(measured.largest).map(
      ([name, size]) => `\`${name}\` ${formatBytes(size)}`,
    );
    return { name: runtime.name, download: formatBytes(measured.compressed), largest };
  }
  return undefined;
}

/** What is saved by how a world was chosen, in words: each measured saving that the world makes use of. */
function savingsOf(world: readonly string[], savings: MeasuredSizes["savings"]): string[] {
  const names = new Set(world.map((one) => nameOf(one)));
  return Object.entries(savings)
    .filter(([, saving]) => isMadeUseOf(saving, names))
    .map(
      ([what, { compressed, installed, index }]) =>
        `${what}: ${formatBytes(compressed)} less to download, ${formatBytes(installed)} less on disk (${index})`,
    );
}

/** All of the smaller world was asked for, and nothing of what it stands instead of. */
function isMadeUseOf({ world, insteadOf }: Saving, names: ReadonlySet<string>): boolean {
  const smaller = world.split(" ");
  const instead = insteadOf.split(" ").filter((word) => !smaller.includes(word));
  return smaller.every((word) => names.has(word)) && !instead.some((word) => names.has(word));
}

/** The package of a world's item: `nodejs~22` → `nodejs`; `!pyc` as it is. */
function nameOf(worldItem: string): string {
  return worldItem.replace(/[<>=~].*/, "");
}
