import { z } from "zod";
import { formatProblem, IMAGE_NAME, VERSION } from "./formats.ts";
import { didYouMean } from "./nearest.ts";
import type { CatalogProblem } from "./problems.ts";
import type { CatalogSource, Path } from "./source.ts";

/** What an image extends: another of its own catalog, or one of the catalog above. */
export interface Base {
  readonly name: string;
  readonly isAbove: boolean;
}

/** Which image extends which. */
export interface Lineage {
  /** By the name of the image that extends; not there is one whose `extends` leads nowhere or in a circle. */
  readonly bases: ReadonlyMap<string, Base>;
  readonly problems: readonly CatalogProblem[];
}

/** The images of the catalog above, and the names of the versions that each has. */
export type ImagesAbove = ReadonlyMap<string, readonly string[]>;

/** As much of an image as its lineage needs: a mistake elsewhere in it must not hide one in this. */
const imageShape = z.object({
  extends: z
    .string()
    .refine((name) => formatProblem(IMAGE_NAME, name) === undefined)
    .optional()
    .catch(undefined),
  versions: z.record(z.string(), z.unknown()).optional().catch(undefined),
});

const catalogShape = z.object({ images: z.record(z.string(), imageShape.catch({})) });

type Images = ReadonlyMap<string, z.infer<typeof imageShape>>;

/**
 * Finds what each image extends, and what is wrong with that: an image that there is not, a circle, a version
 * that neither says its branch nor is there in the extended image.
 *
 * @param above undefined when the catalog above could not be read: what it has is not known then
 */
export function lineageOf(source: CatalogSource, above: ImagesAbove | undefined): Lineage {
  const images: Images = new Map(Object.entries(catalogShape.safeParse(source.data).data?.images ?? {}));
  const found = findBases(images, above);
  const circles = circlesIn(found);
  const bases = new Map([...found].filter(([name]) => !circles.some((circle) => circle.includes(name))));
  const problem = (path: Path, message: string): CatalogProblem => {
    const subject = source.textAt(path) || String(path.at(-1));
    return { file: source.file, ...source.keyAt(path), subject, message };
  };
  return {
    bases,
    problems: [
      ...(above ? unknownImages(images, found, above) : []),
      ...circles.map((one) => circleProblem(one)),
      ...strangeVersions(source, images, bases, above),
    ].map(({ path, message }) => problem(path, message)),
  };
}

interface Mistake {
  readonly path: Path;
  readonly message: string;
}

function findBases(images: Images, above: ImagesAbove | undefined): Map<string, Base> {
  const bases = new Map<string, Base>();
  for (const [name, { extends: base }] of images) {
    if (base === undefined) continue;
    // An image may bear the name of the one that it extends in the catalog above.
    const isItself = base === name && above?.has(base) !== false;
    if (images.has(base) && !isItself) bases.set(name, { name: base, isAbove: false });
    else if (above?.has(base)) bases.set(name, { name: base, isAbove: true });
  }
  return bases;
}

function unknownImages(images: Images, bases: ReadonlyMap<string, Base>, above: ImagesAbove): Mistake[] {
  return [...images].flatMap(([name, { extends: base }]) => {
    if (base === undefined || bases.has(name)) return [];
    const others = [...new Set([...images.keys(), ...above.keys()])].filter((other) => other !== name);
    const advice = didYouMean(base, others) || `; there are ${others.join(", ") || "no others"}`;
    return [{ path: ["images", name, "extends"], message: `no image is called so${advice}` }];
  });
}

/** Each circle once, from the image in it that comes first. */
function circlesIn(bases: ReadonlyMap<string, Base>): string[][] {
  const names = [...bases.keys()];
  return names
    .map((name) => circleFrom(name, bases))
    .filter((circle) => circle.length > 0 && names.find((name) => circle.includes(name)) === circle[0]);
}

/** The images from this one back to itself; none when the way leads elsewhere. */
function circleFrom(start: string, bases: ReadonlyMap<string, Base>): string[] {
  const way: string[] = [];
  let name: string | undefined = start;
  while (name !== undefined && !way.includes(name)) {
    way.push(name);
    name = ownBase(name, bases);
  }
  return name === start ? way : [];
}

function ownBase(name: string, bases: ReadonlyMap<string, Base>): string | undefined {
  const base = bases.get(name);
  return base?.isAbove === false ? base.name : undefined;
}

function circleProblem(circle: readonly string[]): Mistake {
  const [first = ""] = circle;
  const way = [...circle, first].join(" → ");
  return { path: ["images", first, "extends"], message: `this goes in a circle: ${way}` };
}

function strangeVersions(
  source: CatalogSource,
  images: Images,
  bases: ReadonlyMap<string, Base>,
  above: ImagesAbove | undefined,
): Mistake[] {
  return [...bases].flatMap(([name, base]) => {
    const known = versionsOf(base, images, bases, above);
    if (!known) return [];
    return Object.keys(images.get(name)?.versions ?? {})
      .filter((version) => formatProblem(VERSION, version) === undefined && !known.includes(version))
      .map((version) => ["images", name, "versions", version])
      .filter((path) => !source.has([...path, "branch"]))
      .map((path) => ({
        path,
        message: `${base.name} has no such version, it has ${known.join(", ")}; for a new one say its branch`,
      }));
  });
}

/** The versions that an extended image has, its own or taken over; undefined where they are not known. */
function versionsOf(
  { name, isAbove }: Base,
  images: Images,
  bases: ReadonlyMap<string, Base>,
  above: ImagesAbove | undefined,
): readonly string[] | undefined {
  if (isAbove) return above?.get(name);
  const own = images.get(name)?.versions;
  if (own) return Object.keys(own);
  const base = bases.get(name);
  return base && versionsOf(base, images, bases, above);
}
