import { basename } from "node:path";
import { compareVersions } from "../formats/alpine/version.ts";
import { homeOf } from "../model/configuration.ts";
import { branchEnd, ownRepositoriesOf } from "../model/repositories.ts";
import { tagsOf } from "../model/tags.ts";
import { type Catalog, eachOf, type Release, releasesOf, type Target } from "../model/target.ts";
import { groupBy } from "../system/group.ts";
import { count } from "../system/shown/format.ts";
import {
  exampleRelease,
  exampleSteps,
  referenceOf,
  runInAppLine,
  runLine,
  shownRelease,
} from "./consumer.ts";
import type { RenderedFiles } from "./files.ts";
import type { MeasuredSizes } from "./measured-sizes.ts";
import type { PublishedSizes } from "./published-sizes.ts";
import {
  budgetRows,
  nameOf,
  newestMeasured,
  newestPublished,
  publishedRows,
  savingsOf,
  sizeRows,
} from "./readme-sizes.ts";
import type { ReadmeTemplates } from "./templates.ts";

/** What READMEs tell besides what the catalog says. */
export interface ReadmeFacts {
  readonly sizes: MeasuredSizes;
  /** What is published, where that was written down. */
  readonly published: PublishedSizes;
  /** The images that have an example beside the catalog. */
  readonly examples: ReadonlySet<string>;
}

/** The README of each image, by path below `images/`. Pure. */
export function renderImageReadmes(
  catalog: Catalog,
  facts: ReadmeFacts,
  { image: template }: ReadmeTemplates,
): RenderedFiles {
  const readmes = [...releasesByImage(catalog)].map(([image, releases]) => {
    const view = imageView(catalog, releases, shownRelease(releases), facts);
    return [`${image}/README.md`, template(view)] as const;
  });
  return new Map(readmes);
}

/** The README of each example that there is, by path below `examples/`. Pure. */
export function renderExampleReadmes(
  catalog: Catalog,
  { examples }: ReadmeFacts,
  { example: template }: ReadmeTemplates,
): RenderedFiles {
  const readmes = [...releasesByImage(catalog)].flatMap(([image, releases]) => {
    const release = exampleRelease(releases);
    if (!release || !examples.has(image)) return [];
    const { runtime } = release;
    const view = {
      image,
      catalog: basename(catalog.file),
      registry: catalog.registry,
      version: release.version,
      title: runtime.title,
      output: runtime.example?.output,
      steps: exampleSteps(catalog, release).map((step, index) => ({ ...step, number: index + 1 })),
    };
    return [[`${image}/README.md`, template(view)] as const];
  });
  return new Map(readmes);
}

/** The table of all languages, and of those that are not offered. Pure. */
export function renderLanguages(
  catalog: Catalog,
  { sizes, published }: ReadmeFacts,
  { languages: template }: ReadmeTemplates,
): string {
  const releases = releasesOf(catalog.targets);
  const byImage = releasesByImage(catalog);
  const { length: targets } = catalog.targets;
  return template({
    counts: [count(byImage.size, "image"), count(releases.length, "version"), count(targets, "target")].join(
      ", ",
    ),
    languages: [...byImage].map(([image, releases]) => ({
      image,
      title: shownRelease(releases).runtime.title,
      versions: span(releases.map(({ version }) => version)),
      measured: newestMeasured(releases, sizes),
      published: newestPublished(releases, published),
    })),
    excluded: Object.values(catalog.excluded),
  });
}

/** The versions of each image, newest first, in the catalog's order. */
function releasesByImage({ targets }: Catalog) {
  return groupBy(releasesOf(targets), ({ image }) => image);
}

/** `26 … 4`; up to three versions are told one by one. */
function span(versions: readonly string[]): string {
  return versions.length > 3 ? `${versions[0]} … ${versions.at(-1)}` : versions.join(", ");
}

/**
 * The view of one image: what templates/readme.hbs sees. Nothing in it depends on the day or the machine.
 * @param releases all versions of the image, newest first
 * @param shown the one that the README speaks of where one stands for all
 */
function imageView(
  catalog: Catalog,
  releases: readonly Release[],
  shown: Release,
  { sizes, published, examples }: ReadmeFacts,
) {
  const { image, runtime, dev, debug } = shown;
  const targets = releases.flatMap((release) => eachOf(release));
  return {
    image,
    title: runtime.title,
    description: runtime.description,
    catalog: basename(catalog.file),
    repository: `${catalog.registry}/${image}`,
    shown: { version: shown.version, package: runtime.package, runtime, dev, debug, env: hasEnv(runtime) },
    repositories: ownRepositoriesOf(catalog, runtime.branch).map(({ url }) => url),
    certificates: (catalog.certificates ?? []).flatMap(({ subjects }) => subjects),
    home: homeOf(runtime.user),
    files: { runtime: Object.keys(runtime.files), dev: Object.keys(dev.files) },
    labels: { runtime: labelsOf(runtime), dev: labelsOf(dev) },
    exact: exactTags(catalog, runtime),
    versions: releases.map((release) => versionView(catalog, release)),
    ...standingOf(catalog, releases),
    page: catalog.site === undefined ? undefined : `${catalog.site}/images/${image}.html`,
    sizes: sizeRows(targets, sizes),
    published: publishedRows(targets, published),
    budgets: budgetRows(targets),
    measured: newestMeasured(releases, sizes),
    savings: savingsOf(runtime.world, sizes.savings),
    use: useView(catalog, releases, shown),
    // One that the image lacks, to show how one is added. Every branch of Alpine has these in main.
    more: { package: runtime.world.includes("tzdata") ? "curl" : "tzdata" },
    example: examples.has(image) ? `../../examples/${image}/README.md` : undefined,
  };
}

/** For how many years Alpine supports a branch. Source: alpinelinux.org/releases */
const YEARS = 2;

/**
 * The versions, those that ended before the newest branch came apart from the others. Not those that have ended by today:
 * what is rendered depends on the catalog, and on no day.
 */
function standingOf(catalog: Catalog, releases: readonly Release[]) {
  const [newest] = Object.keys(catalog.branches).sort((a, b) => compareVersions(b, a));
  const eol = newest === undefined ? undefined : catalog.branches[newest]?.eol;
  const came = eol === undefined ? "" : `${Number(eol.slice(0, 4)) - YEARS}${eol.slice(4)}`;
  const isEnded = ({ runtime }: Release) => runtime.endOfLife !== undefined && runtime.endOfLife <= came;
  const views = releases.map((release) => ({
    ...versionView(catalog, release),
    support:
      release.runtime.endOfLife === undefined
        ? "no date"
        : `${isEnded(release) ? "ended" : "until"} ${release.runtime.endOfLife}`,
    isEnded: isEnded(release),
  }));
  const ended = views.filter((one) => one.isEnded);
  // Of an image that nobody supports all that there is is shown.
  const isAll = ended.length === views.length;
  return {
    living: isAll ? views : views.filter((one) => !one.isEnded),
    ended: isAll ? [] : ended,
    endedCount: count(ended.length, "version"),
    newestBranch: newest,
  };
}

function versionView(catalog: Catalog, { version, runtime, dev, debug }: Release) {
  const { branch, repository, endOfLife } = runtime;
  const branchEnds = isOpen(catalog, runtime)
    ? "the next branch comes"
    : branchEnd(catalog, branch, repository);
  return { version, branch, repository, branchEnds, endOfLife, runtime, dev, debug };
}

/** Whether nobody knows yet when the repository of a target ends: community of the newest branch. */
function isOpen({ branches }: Catalog, { branch, repository }: Target): boolean {
  if (repository !== "community" || branches[branch]?.community !== undefined) return false;
  return Object.keys(branches).every((other) => compareVersions(other, branch) <= 0);
}

/** Whether scripts that begin with `#!/usr/bin/env` find it: alone, or as one of busybox's tools. */
function hasEnv({ shell, world }: Target): boolean {
  return shell || world.includes("coreutils-env");
}

function labelsOf({ labels }: Target): string[] {
  return Object.entries(labels).map(([name, value]) => `${name}=${value}`);
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
  const { dependencies, root, build, run } = app.example ?? {};
  const inApp = (command: readonly string[], asRoot = false) =>
    runInAppLine(referenceOf(catalog, appDev), command, asRoot);
  return {
    pull: `docker pull ${referenceOf(catalog, runtime)}`,
    version: version && runLine(referenceOf(catalog, program), version),
    inDev: [...(dependencies ? [inApp(dependencies, root)] : []), ...(build ? [inApp(build)] : [])],
    run: run && runInAppLine(referenceOf(catalog, app), run),
  };
}

/** What prints the version, where it needs no file of the smoke test that the consumer does not have. */
function versionCommand({ version, files }: Target["smoke"]): readonly string[] | undefined {
  return version?.some((word) => word in files) ? undefined : version;
}
