import { z } from "zod";
import { parseDependency } from "../alpine/dependency.ts";
import { satisfies } from "../alpine/version.ts";
import { expand, placeholderValues } from "./placeholders.ts";
import type { CatalogProblem } from "./problems.ts";
import { type SalvagedImage, salvageImage } from "./salvage.ts";
import type { CatalogSource, Path } from "./source.ts";
import { tagClaims } from "./tags.ts";
import { VARIANTS, type Variant } from "./target.ts";
import { targetName } from "./targets.ts";

const imagesShape = z.object({ images: z.record(z.string(), z.unknown()) });

/** What must hold between the values of a catalog, each of them right by itself. */
export function brokenRules(source: CatalogSource): CatalogProblem[] {
  const images = imagesShape.safeParse(source.data).data?.images ?? {};
  return Object.entries(images).flatMap(([name, data]) => {
    const image = salvageImage(data);
    return [
      ...versionsNamedDev(source, name, image.versionKeys),
      ...tagsClaimedTwice(source, name, image),
      ...(image.package === "" ? [] : tagsThatLie(source, name, image)),
    ];
  });
}

/** A version `22-dev` beside a version `22`, whose dev variant has that tag. */
function versionsNamedDev(
  source: CatalogSource,
  name: string,
  versions: readonly string[],
): CatalogProblem[] {
  return versions.flatMap((version) => {
    const owner = versions.find((other) => `${other}-dev` === version);
    if (owner === undefined) return [];
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
  const claims = tagClaims(image.versions).filter(({ tag }) => /^\w/.test(tag));
  const tags = new Set(claims.map(({ tag }) => tag));
  return [...tags].flatMap((tag) => {
    const ofTag = claims.filter((claim) => claim.tag === tag);
    const owners = new Set(ofTag.map(({ version, variant }) => targetName(name, version, variant)));
    if (owners.size < 2) return [];
    const inOrder = ofTag
      .map(({ version, variant, path }) => ({
        owner: targetName(name, version, variant),
        path: ["images", name, ...path],
      }))
      .sort((a, b) => source.keyAt(a.path).line - source.keyAt(b.path).line);
    const last = inOrder.at(-1)?.path ?? [];
    return [problem(source, last, tag, claimedTwice(source, inOrder))];
  });
}

interface Claim {
  readonly owner: string;
  readonly path: Path;
}

function claimedTwice(source: CatalogSource, claims: readonly Claim[]): string {
  const owners = claims.map(({ owner, path }) => `${owner} (line ${source.keyAt(path).line})`);
  return `one tag cannot name two targets: ${owners.join(" and ")}`;
}

/**
 * "A tag never lies", second half: where the package that gives an image its version is asked for, it is
 * held to that version, and it is asked for in one variant at least.
 */
function tagsThatLie(source: CatalogSource, name: string, image: SalvagedImage): CatalogProblem[] {
  return Object.keys(image.versions).flatMap((version) => {
    const wanted = VARIANTS.flatMap((variant) => wantedPackages(name, image, version, variant));
    const pin = `${image.package}~{{version}}`;
    if (wanted.length === 0 && !image.flawless) return [];
    if (wanted.length === 0) {
      const target = targetName(name, version, "runtime");
      const advice = `add "${pin}" to the packages of runtime or dev`;
      const message = `neither variant asks for this package, so nothing holds ${target} to its version; ${advice}`;
      return [problem(source, ["images", name, "package"], image.package, message)];
    }
    return wanted
      .filter(({ text }) => !isHeldTo(text, version))
      .map(({ target, text, path }) => {
        const message = `${target} is not held to version ${version} by this: its tag would lie; write "${pin}"`;
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
  const values = placeholderValues(version, versionEntry?.branch ?? "");
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
    .filter(({ text }) => text !== "" && isRequestFor(text, expand(image.package, values)));
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
  return { file: source.file, ...source.keyAt(path), subject, message };
}
