import type { CatalogEntry, ImageEntry, VersionEntry } from "../catalog/extend/extend.ts";
import { PLACEHOLDERS, placeholderValues } from "../catalog/schema/format.ts";
import { compareVersions } from "../formats/alpine/version.ts";
import { VARIANTS } from "../model/target.ts";
import type { BranchOffer } from "./carriers.ts";

/** A package of Alpine that gives a version newer than its siblings. */
export interface Track {
  /** Shaped as its siblings are: `24`, `3.14`. */
  readonly version: string;
  /** The name of the package as the catalog has it: `nodejs`, `php{{compact}}`. */
  readonly template: string;
  /** The newest version that is there of the same package; none where the image has no version of it. */
  readonly sibling?: string;
}

/**
 * The tracks that a branch has and an image has not: of each package that gives the image its versions, those
 * that are newer than what the image has of it. Pure. The image's own package comes first.
 */
export function newTracksOn(image: ImageEntry, branch: string, offer: BranchOffer): Track[] {
  const found = templatesOf(image).flatMap(({ template, sibling }) =>
    versionsGiven(
      template,
      branch,
      offer,
      shapeOf(sibling ?? newestVersion(Object.keys(image.versions)) ?? ""),
    )
      .filter((version) => image.versions[version] === undefined)
      .filter((version) => sibling === undefined || compareVersions(version, sibling) > 0)
      .map((version) => ({ version, template, ...(sibling !== undefined && { sibling }) })),
  );
  const versions = found.map(({ version }) => version);
  return found.filter(({ version }, index) => versions.indexOf(version) === index);
}

/** The packages that an image's versions are named after, each with the newest version of it. */
function templatesOf(image: ImageEntry): Pick<Track, "template" | "sibling">[] {
  const templates = new Map<string, string[]>([[image.package, []]]);
  for (const [version, entry] of Object.entries(image.versions)) {
    const template = entry.package ?? image.package;
    templates.set(template, [...(templates.get(template) ?? []), version]);
  }
  return [...templates].map(([template, versions]) => {
    const sibling = newestVersion(versions);
    return { template, ...(sibling !== undefined && { sibling }) };
  });
}

/** The versions, with so many parts, that packages of a name give on a branch. */
function versionsGiven(template: string, branch: string, offer: BranchOffer, parts: number): string[] {
  const [platform] = offer.values();
  const names = platform ? namesLike(template, branch, platform.packages) : [];
  return names.flatMap((name) =>
    (platform?.packages.get(name) ?? [])
      .map(({ version }) => trackOf(version, parts))
      .filter((version) => version !== undefined)
      .filter((version) => placeholderValues(version, branch, template).package === name),
  );
}

/** The names of packages that a template may stand for, whatever the version. */
function namesLike(template: string, branch: string, packages: ReadonlyMap<string, unknown>): string[] {
  if (!PLACEHOLDERS.some((name) => template.includes(`{{${name}}}`))) return [template];
  const whole = namePattern(template, branch);
  return [...packages.keys()].filter((name) => name.length <= LONGEST_NAME && whole.test(name));
}

/** No package of Alpine has a longer name. */
const LONGEST_NAME = 128;

/** What the placeholders of a version stand for. */
const NUMBERS = { version: "\\d+(?:\\.\\d+)*", compact: "\\d+" } as const;

/**
 * Matches the names that a template may stand for. A placeholder that occurs twice has the same value both
 * times, which also keeps the pattern from trying all ways to split a long number.
 */
export function namePattern(template: string, branch: string): RegExp {
  const seen = new Set<string>();
  const parts = template.split(/(\{\{\w+\}\})/).map((part) => {
    const name = part === "{{version}}" ? "version" : part === "{{compact}}" ? "compact" : undefined;
    if (name === undefined) return literally(part === "{{branch}}" ? branch : part);
    if (seen.has(name)) return `\\k<${name}>`;
    seen.add(name);
    return `(?<${name}>${NUMBERS[name]})`;
  });
  return new RegExp(`^${parts.join("")}$`);
}

/** A text as a pattern that matches it and nothing else. */
function literally(text: string): string {
  return text.replace(/[^\w]/g, "\\$&");
}

/** `22.16.0-r2` in two parts → `22.16`; undefined where it has fewer. */
function trackOf(version: string, parts: number): string | undefined {
  const numbers = /^\d+(?:\.\d+)*/.exec(version)?.[0].split(".") ?? [];
  return numbers.length < parts ? undefined : numbers.slice(0, parts).join(".");
}

/** How many parts a version has. */
function shapeOf(version: string): number {
  return version.split(".").length;
}

/** The newest of some versions. */
export function newestVersion(versions: readonly string[]): string | undefined {
  return [...versions].sort(compareVersions).at(-1);
}

/** The packages and links that only this version has: a newer one would need others, which are not known. */
export function ownNeedsOf({ runtime, dev }: VersionEntry): string[] {
  const variants = { runtime, dev };
  return VARIANTS.flatMap((variant) => [
    ...(variants[variant]?.packages ?? []),
    ...Object.keys(variants[variant]?.links ?? {}),
  ]);
}

/** The shortest entry for a new version. */
export function entryOf(catalog: CatalogEntry, image: string, track: Track, branch: string): VersionEntry {
  const isOwn = track.template === catalog.images[image]?.package;
  return { branch, tags: [], ...(!isOwn && { package: track.template }) };
}
