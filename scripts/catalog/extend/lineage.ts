import { z } from "zod";
import { formatProblem } from "../schema/format.ts";
import { IMAGE_NAME, VERSION_FORMAT } from "../schema/formats.ts";
import { type CatalogProblem, didYouMean } from "../text/problems.ts";
import type { CatalogSource, Path } from "../text/source.ts";

/** What an image extends: another of its own catalog, or one of the catalog above. */
export interface Base {
  readonly name: string;
  readonly fromParent: boolean;
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
  const { circles, long } = waysOf(found);
  const inCircles = new Set(circles.flat());
  const bases = new Map([...found].filter(([name]) => !inCircles.has(name) && !long.has(name)));
  const problem = (path: Path, message: string): CatalogProblem => {
    const subject = source.textAt(path) || String(path.at(-1));
    return { file: source.file, ...source.keyAt(path), subject, message };
  };
  return {
    bases,
    problems: [
      ...(above ? unknownImages(images, found, above) : []),
      ...circles.map((one) => circleProblem(one)),
      ...[...long].map((name) => ({
        path: ["images", name, "extends"],
        message: `this goes through more than ${LONGEST_WAY} images; extend one that is nearer to the first`,
      })),
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
    if (images.has(base) && !isItself) bases.set(name, { name: base, fromParent: false });
    else if (above?.has(base)) bases.set(name, { name: base, fromParent: true });
  }
  return bases;
}

function unknownImages(images: Images, bases: ReadonlyMap<string, Base>, above: ImagesAbove): Mistake[] {
  const all = [...new Set([...images.keys(), ...above.keys()])];
  const unknown = [...images].filter(([name, { extends: base }]) => base !== undefined && !bases.has(name));
  return unknown.map(([name, { extends: base = "" }], position) => {
    const others = position < ADVISED ? all.filter((other) => other !== name) : [];
    const advice = position < ADVISED ? didYouMean(base, others) || `; there are ${listed(others)}` : "";
    return { path: ["images", name, "extends"], message: `no image is called so${advice}` };
  });
}

/** How many mistakes of one kind come with advice: whoever made more has made one. */
const ADVISED = 20;

/** How many names a message has. */
const NAMED = 20;

function listed(names: readonly string[]): string {
  if (names.length === 0) return "no others";
  const more = names.length > NAMED ? `, and ${names.length - NAMED} more` : "";
  return names.slice(0, NAMED).join(", ") + more;
}

/** The longest way from an image to the one that it comes to; nobody can follow a longer one. */
const LONGEST_WAY = 32;

/** Each circle once, from the image in it that comes first; and the images whose way is too long. */
function waysOf(bases: ReadonlyMap<string, Base>): { circles: string[][]; long: Set<string> } {
  const circles: string[][] = [];
  /** How many images there are behind one; a circle has no end, and counts as none. */
  const lengths = new Map<string, number>();
  for (const start of bases.keys()) {
    const way: string[] = [];
    const isOnWay = new Set<string>();
    let name: string | undefined = start;
    while (name !== undefined && !lengths.has(name) && !isOnWay.has(name)) {
      way.push(name);
      isOnWay.add(name);
      name = ownBase(name, bases);
    }
    if (name !== undefined && isOnWay.has(name)) circles.push(way.slice(way.indexOf(name)));
    let length = name === undefined || isOnWay.has(name) ? 0 : (lengths.get(name) ?? 0);
    for (const one of way.toReversed()) lengths.set(one, ++length);
  }
  return {
    circles: circles.map((circle) => fromFirst(circle, bases.keys())),
    long: new Set([...bases.keys()].filter((name) => (lengths.get(name) ?? 0) > LONGEST_WAY)),
  };
}

/** The same circle, from the image in it that comes first in the file. */
function fromFirst(circle: readonly string[], names: Iterable<string>): string[] {
  const isIn = new Set(circle);
  const first = [...names].find((name) => isIn.has(name)) ?? "";
  const at = circle.indexOf(first);
  return [...circle.slice(at), ...circle.slice(0, at)];
}

function ownBase(name: string, bases: ReadonlyMap<string, Base>): string | undefined {
  const base = bases.get(name);
  return base?.fromParent === false ? base.name : undefined;
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
    const list = versionsOf(base, images, bases, above);
    if (!list) return [];
    const known = new Set(list);
    return Object.keys(images.get(name)?.versions ?? {})
      .filter((version) => formatProblem(VERSION_FORMAT, version) === undefined && !known.has(version))
      .map((version) => ["images", name, "versions", version])
      .filter((path) => !source.has([...path, "branch"]))
      .map((path) => ({
        path,
        message: `${base.name} has no such version, it has ${listed(list)}; for a new one say its branch`,
      }));
  });
}

/** The versions that an extended image has, its own or taken over; undefined where they are not known. */
function versionsOf(
  { name, fromParent }: Base,
  images: Images,
  bases: ReadonlyMap<string, Base>,
  above: ImagesAbove | undefined,
): readonly string[] | undefined {
  if (fromParent) return above?.get(name);
  const own = images.get(name)?.versions;
  if (own) return Object.keys(own);
  const base = bases.get(name);
  return base && versionsOf(base, images, bases, above);
}
