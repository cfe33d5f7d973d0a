import type { ImageEntry } from "../catalog/extend/extend.ts";
import { PLACEHOLDERS, placeholderValues } from "../catalog/schema/format.ts";
import { compareVersions } from "../formats/alpine/version.ts";
import type { PackagesByName } from "../upstream/upstream.ts";
import type { BranchOffer } from "./carriers.ts";

/** A package of Alpine that gives a version newer than its siblings. */
export interface Track {
  /** Shaped as its siblings are: `24`, `3.14`. */
  readonly version: string;
  /** The name of the package as the catalog has it: `nodejs`, `php{{compact}}`. */
  readonly template: string;
  /** The newest version that is there of the same package; undefined where the image has no version of it. */
  readonly sibling: string | undefined;
}

/**
 * The tracks that a branch has and an image has not: of each package that gives the image its versions, those
 * that are newer than what the image has of it. Pure. The image's own package comes first.
 */
export function newTracksOn(image: ImageEntry, branch: string, offer: BranchOffer): Track[] {
  const tracks = new Map<string, Track>();
  for (const { template, sibling } of templatesOf(image)) {
    const shape = sibling ?? newestVersion(Object.keys(image.versions)) ?? "";
    for (const version of versionsGiven(template, branch, offer, shape.split(".").length)) {
      const isNewer = sibling === undefined || compareVersions(version, sibling) > 0;
      if (!isNewer || image.versions[version] !== undefined || tracks.has(version)) continue;
      tracks.set(version, { version, template, sibling });
    }
  }
  return [...tracks.values()];
}

/** The packages that an image's versions are named after, each with the newest version of it. */
function templatesOf(image: ImageEntry): Omit<Track, "version">[] {
  const templates = new Map<string, string[]>([[image.package, []]]);
  for (const [version, entry] of Object.entries(image.versions)) {
    const template = entry.package ?? image.package;
    templates.set(template, [...(templates.get(template) ?? []), version]);
  }
  return [...templates].map(([template, versions]) => ({ template, sibling: newestVersion(versions) }));
}

/** The versions, with so many parts, that packages of a name give on a branch. */
function versionsGiven(template: string, branch: string, offer: BranchOffer, parts: number): string[] {
  const packages: PackagesByName = offer[0]?.packages ?? new Map();
  return namesLike(template, branch, packages).flatMap((name) =>
    (packages.get(name) ?? [])
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
    // Any other part matches itself and nothing else.
    if (name === undefined) return (part === "{{branch}}" ? branch : part).replace(/[^\w]/g, "\\$&");
    if (seen.has(name)) return `\\k<${name}>`;
    seen.add(name);
    return `(?<${name}>${NUMBERS[name]})`;
  });
  return new RegExp(`^${parts.join("")}$`);
}

/** `22.16.0-r2` in two parts → `22.16`; undefined where it has fewer. */
function trackOf(version: string, parts: number): string | undefined {
  const numbers = /^\d+(?:\.\d+)*/.exec(version)?.[0].split(".") ?? [];
  return numbers.length < parts ? undefined : numbers.slice(0, parts).join(".");
}

/** The newest of some versions. */
export function newestVersion(versions: readonly string[]): string | undefined {
  return [...versions].sort(compareVersions).at(-1);
}
