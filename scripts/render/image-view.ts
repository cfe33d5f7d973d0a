import { basename } from "node:path";
import type { Release } from "../model/release.ts";
import { tagsOf } from "../model/tags.ts";
import type { Catalog, Target } from "../model/target.ts";
import { exampleRelease, referenceOf, runInAppLine, runLine } from "./consumer.ts";
import type { MeasuredSizes } from "./measured-sizes.ts";
import { budgetRows, nameOf, newestMeasured, savingsOf, sizeRows } from "./size-view.ts";

/** What READMEs tell besides what the catalog says. */
export interface ReadmeFacts {
  readonly sizes: MeasuredSizes;
  /** The images that have an example beside the catalog. */
  readonly examples: ReadonlySet<string>;
}

/** What templates/readme.hbs sees of an image. Nothing in it depends on the day or the machine. */
export type ImageView = ReturnType<typeof imageView>;

/**
 * The view of one image.
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
