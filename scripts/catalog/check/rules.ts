import { z } from "zod";
import { parseDependency } from "../../formats/alpine/dependency.ts";
import { satisfies, sortVersions } from "../../formats/alpine/version.ts";
import { reservedImage, reservedTag } from "../../model/tags.ts";
import { targetName, VARIANTS, type Variant } from "../../model/target.ts";
import { expand, placeholderValues } from "../schema/format.ts";
import { IMAGE_NAME } from "../schema/formats.ts";
import { type TagClaim, tagClaims } from "../targets/tags.ts";
import { type CatalogProblem, didYouMean } from "../text/problems.ts";
import type { CatalogSource, Path, Position } from "../text/source.ts";
import { type SalvagedImage, salvageImage, UNKNOWN_BRANCH } from "./salvage.ts";

const imagesShape = z.object({ images: z.record(z.string(), z.unknown()) });

/**
 * What must hold between the values of a catalog, each of them right by itself. An image that extends another
 * is judged by what it comes to, as far as that is known.
 *
 * @param branches the branches there are; none where that is not known
 * @param extended the images with what they extend taken over
 */
export function brokenRules(
  source: CatalogSource,
  branches: readonly string[],
  extended: Readonly<Record<string, unknown>>,
): CatalogProblem[] {
  const images = imagesShape.safeParse(source.data).data?.images ?? {};
  const ofImages = Object.entries(images)
    .filter(([name]) => !source.has(["images", name, "extends"]) || extended[name] !== undefined)
    .flatMap(([name, data]) => brokenRulesOf(source, name, extended[name] ?? data, branches));
  return [...exceptionsOfNothing(source, Object.keys(images)), ...ofImages];
}

const exceptionsShape = z.object({ gate: z.object({ exceptions: z.array(z.unknown()) }) });
const exceptionShape = z.object({ image: z.string() });

/** An exception for an image that is not there: it was renamed, or is misspelt. */
function exceptionsOfNothing(source: CatalogSource, images: readonly string[]): CatalogProblem[] {
  const known = new Set(images);
  const exceptions = exceptionsShape.safeParse(source.data).data?.gate.exceptions ?? [];
  return exceptions.flatMap((exception, position) => {
    const image = exceptionShape.safeParse(exception).data?.image;
    if (image === undefined || !IMAGE_NAME.pattern.test(image) || known.has(image)) return [];
    const path = ["gate", "exceptions", position, "image"];
    const message = `there is no image "${image}" in this catalog${didYouMean(image, images)}`;
    return [problem(source, path, image, message)];
  });
}

/** The same for one image. @param data its entry, with what it extends taken over */
function brokenRulesOf(
  source: CatalogSource,
  name: string,
  data: unknown,
  branches: readonly string[],
): CatalogProblem[] {
  const image = salvageImage(data);
  return [
    ...reservedNames(source, name, image),
    ...versionsNamedDev(source, name, image.versionKeys),
    ...tagsClaimedTwice(source, name, image),
    ...(image.package === "" ? [] : tagsThatLie(source, name, image)),
    ...(branches.length === 0 ? [] : unknownBranches(source, name, image, branches)),
  ];
}

function unknownBranches(
  source: CatalogSource,
  name: string,
  image: SalvagedImage,
  branches: readonly string[],
): CatalogProblem[] {
  const known = new Set(branches);
  const newest = sortVersions(branches).at(-1);
  return Object.entries(image.versions)
    .filter(([, { branch }]) => branch !== UNKNOWN_BRANCH && !known.has(branch))
    .map(([version, { branch }]) => {
      const path = ["images", name, "versions", version, "branch"];
      const advice = didYouMean(branch, branches) || `; the newest is ${newest}`;
      const message = `branches has no Alpine branch "${branch}"${advice}`;
      return problem(source, path, branch, message);
    });
}

/** Names and tags that Birdhouse, or a registry, keeps something else under. */
function reservedNames(source: CatalogSource, name: string, image: SalvagedImage): CatalogProblem[] {
  const ofImage = reservedImage(name);
  const tags = tagClaims(image.versions).flatMap(({ tag, path }) => {
    const because = reservedTag(tag);
    return because === undefined
      ? []
      : [problem(source, ["images", name, ...path], tag, `this tag is reserved: ${because}; choose another`)];
  });
  return ofImage === undefined
    ? tags
    : [problem(source, ["images", name], name, `this name is reserved: ${ofImage}; choose another`), ...tags];
}

/** A version `22-dev` beside a version `22`, whose dev variant has that tag. */
function versionsNamedDev(
  source: CatalogSource,
  name: string,
  versions: readonly string[],
): CatalogProblem[] {
  const known = new Set(versions);
  return versions.flatMap((version) => {
    const owner = version.replace(/-dev$/, "");
    if (owner === version || !known.has(owner)) return [];
    const path = ["images", name, "versions", version];
    const claims = [
      { owner: targetName(name, owner, "dev"), path: ["images", name, "versions", owner] },
      { owner: `a version ${version}`, path },
    ];
    return [problem(source, path, version, claimedTwice(source, claims))];
  });
}

/** "A tag never lies", first half: no tag belongs to two targets. */
function tagsClaimedTwice(source: CatalogSource, name: string, image: SalvagedImage): CatalogProblem[] {
  // An item that is no tag is empty here.
  const claims = new Map<string, TagClaim[]>();
  for (const claim of tagClaims(image.versions).filter(({ tag }) => /^\w/.test(tag))) {
    const ofTag = claims.get(claim.tag);
    if (ofTag) ofTag.push(claim);
    else claims.set(claim.tag, [claim]);
  }
  return [...claims].flatMap(([tag, ofTag]) => {
    const owners = new Set(ofTag.map(({ version, variant }) => targetName(name, version, variant)));
    if (owners.size < 2) return [];
    const inOrder = ofTag
      .map(({ version, variant, path }) => ({
        owner: targetName(name, version, variant),
        path: ["images", name, ...path],
      }))
      .sort((a, b) => positionOf(source, a.path).line - positionOf(source, b.path).line);
    const last = inOrder.at(-1)?.path ?? [];
    return [problem(source, last, tag, claimedTwice(source, inOrder))];
  });
}

interface Claim {
  readonly owner: string;
  readonly path: Path;
}

function claimedTwice(source: CatalogSource, claims: readonly Claim[]): string {
  const owners = claims.map(({ owner, path }) => `${owner} (line ${positionOf(source, path).line})`);
  return `one tag cannot name two targets: ${owners.join(" and ")}`;
}

/**
 * "A tag never lies", second half: where the package that gives an image its version is asked for, it is
 * held to that version, and it is asked for in one variant at least.
 */
function tagsThatLie(source: CatalogSource, name: string, image: SalvagedImage): CatalogProblem[] {
  return Object.keys(image.versions).flatMap((version) => {
    const wanted = VARIANTS.flatMap((variant) => wantedPackages(name, image, version, variant));
    const packageName = image.versions[version]?.package || image.package;
    const pin = `${packageName}~{{version}}`;
    if (wanted.length === 0 && !image.flawless) return [];
    if (wanted.length === 0) {
      const target = targetName(name, version, "runtime");
      const advice = `add "${pin}" to the packages of runtime or dev`;
      const message = `neither variant installs this package, so nothing pins ${target} to its version; ${advice}`;
      const path = image.versions[version]?.package ? ["versions", version, "package"] : ["package"];
      return [problem(source, ["images", name, ...path], packageName, message)];
    }
    return wanted
      .filter(({ text }) => !isHeldTo(text, version))
      .map(({ target, text, path }) => {
        const message = `this does not pin ${target} to version ${version}, so its tag would be wrong; write "${pin}"`;
        return problem(source, path, text, message);
      });
  });
}

interface WantedPackage {
  readonly target: string;
  /** As apk's world has it, placeholders filled in. */
  readonly text: string;
  readonly path: Path;
}

/** Where a target's world asks for the package that its version is taken from. */
function wantedPackages(
  name: string,
  image: SalvagedImage,
  version: string,
  variant: Variant,
): WantedPackage[] {
  const versionEntry = image.versions[version];
  const packageName = versionEntry?.package || image.package;
  const values = placeholderValues(version, versionEntry?.branch ?? "", packageName);
  const target = targetName(name, version, variant);
  const lists = [
    { at: ["images", name, variant, "packages"], packages: image[variant].packages },
    {
      at: ["images", name, "versions", version, variant, "packages"],
      packages: versionEntry?.[variant]?.packages ?? [],
    },
  ];
  return lists
    .flatMap(({ at, packages }) =>
      packages.map((text, index) => ({ target, text: expand(text, values), path: [...at, index] })),
    )
    .filter(({ text }) => text !== "" && isRequestFor(text, values.package));
}

function isRequestFor(text: string, packageName: string): boolean {
  const { name, conflict } = parseDependency(text);
  return name === packageName && !conflict;
}

/** Whether a world item admits only versions that begin with the promised one. */
function isHeldTo(text: string, version: string): boolean {
  const { constraint } = parseDependency(text);
  if (constraint?.operator !== "~" && constraint?.operator !== "=") return false;
  return satisfies(constraint.version, "~", version);
}

function problem(source: CatalogSource, path: Path, subject: string, message: string): CatalogProblem {
  return { file: source.file, ...positionOf(source, path), subject, message };
}

/** What was taken over from another file has no place in this one: the nearest thing around it has. */
function positionOf(source: CatalogSource, path: Path): Position {
  return source.has(path) || path.length === 0 ? source.keyAt(path) : positionOf(source, path.slice(0, -1));
}
