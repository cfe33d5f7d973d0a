import { z } from "zod";
import { formatProblem } from "../schema/format.ts";
import { IMAGE_NAME, VERSION_FORMAT } from "../schema/formats.ts";
import { type CatalogProblem, didYouMean } from "../text/problems.ts";
import type { CatalogSource, Path } from "../text/source.ts";

/** What an image extends: another image of its own catalog, or one of the parent catalog. */
export interface Base {
  readonly name: string;
  readonly fromParent: boolean;
}

/** Which image extends which. */
export interface Lineage {
  /** By the name of the image that extends; one whose `extends` leads nowhere or in a circle is left out. */
  readonly bases: ReadonlyMap<string, Base>;
  readonly problems: readonly CatalogProblem[];
}

/** The images of the parent catalog. */
type ParentImages = ReadonlyMap<string, { readonly versions: Readonly<Record<string, unknown>> }>;

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
 * Finds what each image extends, and what is wrong with that: an unknown image, a circle, a version
 * that neither sets its branch nor exists in the extended image.
 *
 * @param parent undefined when the parent catalog could not be read: its images are not known then
 */
export function lineageOf(source: CatalogSource, parent: ParentImages | undefined): Lineage {
  const images: Images = new Map(Object.entries(catalogShape.safeParse(source.data).data?.images ?? {}));
  const found = findBases(images, parent);
  const { circles, long } = waysOf(found);
  const inCircles = new Set(circles.flat());
  const bases = new Map([...found].filter(([name]) => !inCircles.has(name) && !long.has(name)));
  const mistakes = [
    ...(parent ? unknownImages(images, found, parent) : []),
    ...circles.map(([first = "", ...others]) => {
      const way = [first, ...others, first].join(" → ");
      return mistake(first, `these images extend each other in a circle: ${way}`);
    }),
    ...[...long].map((name) => mistake(name, TOO_LONG)),
    ...strangeVersions(source, images, bases, parent),
  ];
  const problems = mistakes.map(({ path, message }) =>
    source.problemAt(path, source.textAt(path) || String(path.at(-1)), message),
  );
  return { bases, problems };
}

interface Mistake {
  readonly path: Path;
  readonly message: string;
}

/** Something wrong with what an image extends. */
function mistake(image: string, message: string): Mistake {
  return { path: ["images", image, "extends"], message };
}

function findBases(images: Images, parent: ParentImages | undefined): Map<string, Base> {
  const bases = new Map<string, Base>();
  for (const [name, { extends: base }] of images) {
    if (base === undefined) continue;
    // An image may bear the name of the one that it extends in the parent catalog.
    const isItself = base === name && parent?.has(base) !== false;
    if (images.has(base) && !isItself) bases.set(name, { name: base, fromParent: false });
    else if (parent?.has(base)) bases.set(name, { name: base, fromParent: true });
  }
  return bases;
}

function unknownImages(images: Images, bases: ReadonlyMap<string, Base>, parent: ParentImages): Mistake[] {
  const all = [...new Set([...images.keys(), ...parent.keys()])];
  const unknown = [...images].filter(([name, { extends: base }]) => base !== undefined && !bases.has(name));
  const adviceFor = (name: string, base: string): string => {
    // An image may extend the parent's of its own name.
    const others = all.filter((other) => other !== name || parent.has(other));
    return didYouMean(base, others) || `; there ${others.length === 1 ? "is" : "are"} ${listed(others)}`;
  };
  return unknown.map(([name, { extends: base = "" }], position) => {
    const advice = position < ADVISED ? adviceFor(name, base) : "";
    return mistake(name, `there is no image "${base}"${advice}`);
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
const TOO_LONG = `this chain of extends has more than ${LONGEST_WAY} images; extend one nearer to its start`;

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

function strangeVersions(
  source: CatalogSource,
  images: Images,
  bases: ReadonlyMap<string, Base>,
  parent: ParentImages | undefined,
): Mistake[] {
  return [...bases].flatMap(([name, base]) => {
    const list = versionsOf(base, images, bases, parent);
    if (!list) return [];
    const known = new Set(list);
    return Object.keys(images.get(name)?.versions ?? {})
      .filter((version) => formatProblem(VERSION_FORMAT, version) === undefined && !known.has(version))
      .map((version) => ({
        path: ["images", name, "versions", version],
        message:
          `${base.name} has no version "${version}", it has ${listed(list)}; ` +
          `to add it, set its branch: "${version}": { branch: "3.22" }`,
      }))
      .filter(({ path }) => !source.has([...path, "branch"]));
  });
}

/** The versions that an extended image has, its own or taken over; undefined where they are not known. */
function versionsOf(
  { name, fromParent }: Base,
  images: Images,
  bases: ReadonlyMap<string, Base>,
  parent: ParentImages | undefined,
): readonly string[] | undefined {
  const own = (fromParent ? parent : images)?.get(name)?.versions;
  if (own) return Object.keys(own);
  const base = fromParent ? undefined : bases.get(name);
  return base && versionsOf(base, images, bases, parent);
}
