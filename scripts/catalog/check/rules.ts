import { z } from "zod";
import { parseDependency } from "../../formats/alpine/dependency.ts";
import { satisfies, sortVersions } from "../../formats/alpine/version.ts";
import { PLATFORMS } from "../../model/platform.ts";
import { reservedImage, reservedTag } from "../../model/tags.ts";
import { targetName, VARIANTS } from "../../model/target.ts";
import { groupBy } from "../../system/group.ts";
import type { ImageEntry } from "../extend/extend.ts";
import { expand, placeholderValues } from "../schema/format.ts";
import { IMAGE_NAME } from "../schema/formats.ts";
import { tagClaims, variantsOf } from "../targets/tags.ts";
import { type CatalogProblem, didYouMean } from "../text/problems.ts";
import { type CatalogSource, imagesIn, type Path } from "../text/source.ts";
import { flawlessImage, type SalvagedImage, salvageImage, UNKNOWN_BRANCH } from "./salvage.ts";

/**
 * What must hold between the values of a catalog, each of them right by itself. An image that extends another
 * is judged by what it comes to, as far as that is known.
 *
 * @param branches the branches there are; none where that is not known
 * @param extended the images with what they extend taken over
 * @param isSound whether each value is right by itself, in all of the file
 */
export function brokenRules(
  source: CatalogSource,
  branches: readonly string[],
  extended: Readonly<Record<string, ImageEntry>>,
  isSound: boolean,
): CatalogProblem[] {
  const images = imagesIn(source.data);
  const ofImages = Object.entries(images)
    .filter(([name]) => !source.has(["images", name, "extends"]) || extended[name] !== undefined)
    .map(([name, written]) => {
      const image = extended[name];
      return isSound && image ? flawlessImage(name, image) : salvageImage(name, written, image ?? written);
    })
    .flatMap((image) => [
      ...reservedNames(source, image),
      ...versionsNamedAsVariants(source, image),
      ...tagsClaimedTwice(source, image),
      ...(image.package === "" ? [] : tagsThatLie(source, image)),
      ...(branches.length === 0 ? [] : unknownBranches(source, image, branches)),
    ]);
  return [
    ...exceptionsOfNothing(source, Object.keys(images)),
    ...platformsWithoutRunner(source),
    ...ofImages,
  ];
}

const exceptionShape = z.object({ image: z.string().optional().catch(undefined) }).catch({});
const exceptionsShape = z.object({ gate: z.object({ exceptions: z.array(exceptionShape) }) });

/** An exception for an image that is not there: it was renamed, or is misspelt. */
function exceptionsOfNothing(source: CatalogSource, images: readonly string[]): CatalogProblem[] {
  const known = new Set(images);
  const exceptions = exceptionsShape.safeParse(source.data).data?.gate.exceptions ?? [];
  return exceptions.flatMap(({ image }, position) => {
    if (image === undefined || !IMAGE_NAME.pattern.test(image) || known.has(image)) return [];
    const message = `there is no image "${image}" in this catalog${didYouMean(image, images)}`;
    return [source.problemAt(["gate", "exceptions", position, "image"], image, message)];
  });
}

const runnersShape = z.object({ platforms: z.array(z.string()), runners: z.record(z.string(), z.unknown()) });

/** A platform that no machine would make. */
function platformsWithoutRunner(source: CatalogSource): CatalogProblem[] {
  const found = runnersShape.safeParse(source.data).data;
  if (!found) return [];
  const { platforms, runners } = found;
  return platforms
    .filter((one) => PLATFORMS.some((known) => known === one) && runners[one] === undefined)
    .map((one) =>
      source.problemAt(["runners"], "runners", `no machine for ${one}: add it, or take it out of platforms`),
    );
}

function unknownBranches(
  source: CatalogSource,
  image: SalvagedImage,
  branches: readonly string[],
): CatalogProblem[] {
  const known = new Set(branches);
  const newest = sortVersions(branches).at(-1);
  return Object.entries(image.versions)
    .filter(([, { branch }]) => branch !== UNKNOWN_BRANCH && !known.has(branch))
    .map(([version, { branch }]) => {
      const advice = didYouMean(branch, branches) || `; the newest is ${newest}`;
      const message = `branches has no Alpine branch "${branch}"${advice}`;
      return source.problemAt(["images", image.name, "versions", version, "branch"], branch, message);
    });
}

/** Names and tags that Birdhouse, or a registry, keeps something else under. */
function reservedNames(source: CatalogSource, { name, versions, debug }: SalvagedImage): CatalogProblem[] {
  const given = [
    { path: [], word: name, is: "name", because: reservedImage(name) },
    ...tagClaims({ versions, debug }).map(({ tag, path }) => ({
      path,
      word: tag,
      is: "tag",
      because: reservedTag(tag),
    })),
  ];
  return given.flatMap(({ path, word, is, because }) => {
    if (because === undefined) return [];
    const message = `this ${is} is reserved: ${because}; choose another`;
    return [source.problemAt(["images", name, ...path], word, message)];
  });
}

/** A version `22-dev` beside a version `22`, whose dev variant has that tag; the same for debug, where there is one. */
function versionsNamedAsVariants(source: CatalogSource, image: SalvagedImage): CatalogProblem[] {
  const { name, versionKeys } = image;
  const known = new Set(versionKeys);
  return versionKeys.flatMap((version) => {
    const variant = variantsOf(image).find((one) => version.endsWith(`-${one}`));
    const owner = version.replace(/-[a-z]+$/, "");
    if (variant === undefined || !known.has(owner)) return [];
    return claimedTwice(source, version, [
      { owner: targetName(name, owner, variant), path: ["images", name, "versions", owner] },
      { owner: `a version ${version}`, path: ["images", name, "versions", version] },
    ]);
  });
}

/** "A tag never lies", first half: no tag belongs to two targets. */
function tagsClaimedTwice(source: CatalogSource, { name, versions, debug }: SalvagedImage): CatalogProblem[] {
  // An item that is no tag is empty here.
  const claims = tagClaims({ versions, debug }).filter(({ tag }) => /^\w/.test(tag));
  return [...groupBy(claims, ({ tag }) => tag)].flatMap(([tag, ofTag]) => {
    const owned = ofTag.map(({ version, variant, path }) => ({
      owner: targetName(name, version, variant),
      path: ["images", name, ...path],
    }));
    if (new Set(owned.map(({ owner }) => owner)).size < 2) return [];
    const inOrder = owned.toSorted((a, b) => source.keyAt(a.path).line - source.keyAt(b.path).line);
    return claimedTwice(source, tag, inOrder);
  });
}

/** The mistake is found at the last claim. */
function claimedTwice(
  source: CatalogSource,
  tag: string,
  claims: readonly { readonly owner: string; readonly path: Path }[],
): CatalogProblem[] {
  const owners = claims.map(({ owner, path }) => `${owner} (line ${source.keyAt(path).line})`);
  const message = `one tag cannot name two targets: ${owners.join(" and ")}`;
  return claims.slice(-1).map(({ path }) => source.problemAt(path, tag, message));
}

/**
 * "A tag never lies", second half: where the package that gives an image its version is asked for, it is
 * held to that version, and it is asked for in one variant at least.
 */
function tagsThatLie(source: CatalogSource, image: SalvagedImage): CatalogProblem[] {
  return Object.keys(image.versions).flatMap((version) => {
    const wanted = wantedPackages(image, version);
    const ownPackage = image.versions[version]?.package;
    const packageName = ownPackage || image.package;
    const pin = `${packageName}~{{version}}`;
    if (wanted.length === 0 && image.flawless) {
      const target = targetName(image.name, version, "runtime");
      const advice = `add "${pin}" to the packages of runtime or dev`;
      const message = `neither variant installs this package, so nothing pins ${target} to its version; ${advice}`;
      const path = ownPackage ? ["versions", version, "package"] : ["package"];
      return [source.problemAt(["images", image.name, ...path], packageName, message)];
    }
    return wanted
      .filter(({ text }) => !isHeldTo(text, version))
      .map(({ target, text, path }) => {
        const message = `this does not pin ${target} to version ${version}, so its tag would be wrong; write "${pin}"`;
        return source.problemAt(path, text, message);
      });
  });
}

/**
 * Where the targets of a version ask for the package that it is taken from.
 *
 * @returns texts as apk's world has them, placeholders filled in
 */
function wantedPackages(image: SalvagedImage, version: string) {
  const entry = image.versions[version];
  const values = placeholderValues(version, entry?.branch ?? "", entry?.package || image.package);
  return VARIANTS.flatMap((variant) => {
    const target = targetName(image.name, version, variant);
    const lists = [
      { way: [variant], packages: image[variant].packages },
      { way: ["versions", version, variant], packages: entry?.[variant].packages ?? [] },
    ];
    return lists.flatMap(({ way, packages }) =>
      packages.map((text, index) => ({
        target,
        text: expand(text, values),
        path: ["images", image.name, ...way, "packages", index],
      })),
    );
  }).filter(({ text }) => text !== "" && isRequestFor(text, values.package));
}

function isRequestFor(text: string, packageName: string): boolean {
  // Most texts are of other packages, and each is asked about for every version.
  if (!text.includes(packageName)) return false;
  const { name, conflict } = parseDependency(text);
  return name === packageName && !conflict;
}

/** Whether a world item admits only versions that begin with the promised one. */
function isHeldTo(text: string, version: string): boolean {
  const { constraint } = parseDependency(text);
  if (constraint?.operator !== "~" && constraint?.operator !== "=") return false;
  return satisfies(constraint.version, "~", version);
}
