import { z } from "zod";
import { type Inputs, inputsSchema } from "../model/inputs.ts";
import type { ImageSizes } from "../model/published.ts";
import { tryJson } from "../system/json.ts";
import { canonicalJson, isPlainObject } from "./oci/digest.ts";
import { BASE_DIGEST, CREATED } from "./standard-annotations.ts";

/**
 * What travels with a published image, as annotations of its index. The registry is the memory: any machine
 * can make the next plan from these, and tell what has grown since. Nothing of it may change from one build to
 * an equal one, such as a time: the digest would change with it.
 */
const INPUTS = "birdhouse.inputs";
/** Platform → package → version and unpacked bytes. */
const PACKAGES = "birdhouse.packages";
/** Platform → bytes compressed and unpacked. The manifests have the first too, but a request away for each. */
const SIZES = "birdhouse.sizes";

const bytes = z.int().nonnegative();

/** The Birdhouse that built it. */
const VERSION = "birdhouse.version";

type Annotations = Readonly<Record<string, string>>;

const jsonText = z.string().transform((text) => tryJson(text));

/** Source: Semantic Versioning 2.0.0. */
const versionText = z.string().regex(/^\d{1,6}\.\d{1,6}\.\d{1,6}(?:[-+][\w.+-]{1,40})?$/);

// Made once: a plan reads a thousand of each.
const inputsText = jsonText.pipe(inputsSchema);
const packagesText = jsonText.pipe(z.record(z.string(), z.custom<PackagesJson>(isPackagesJson)));
const sizesText = jsonText.pipe(z.record(z.string(), z.object({ compressed: bytes, unpacked: bytes })));

type PackagesJson = Readonly<Record<string, readonly [version: string, bytes: number]>>;

/** By hand, since these are a hundred thousand numbers in a large plan: a schema of each took a tenth of its time. */
function isPackagesJson(json: unknown): json is PackagesJson {
  return isPlainObject(json) && Object.values(json).every((one) => isVersionAndBytes(one));
}

function isVersionAndBytes(entry: unknown): boolean {
  if (!Array.isArray(entry) || entry.length !== 2) return false;
  const [version, unpacked] = entry;
  return typeof version === "string" && Number.isSafeInteger(unpacked) && unpacked >= 0;
}

/** The inputs as an annotation. */
export function inputsAnnotation(inputs: Inputs): Record<string, string> {
  return { [INPUTS]: JSON.stringify(inputs) };
}

/** The inputs that an image says it was made from; undefined when it says nothing that can be read. */
export function readInputs(annotations: Annotations | undefined): Inputs | undefined {
  return inputsText.safeParse(annotations?.[INPUTS]).data;
}

/** Which Birdhouse built an image. */
export function versionAnnotation(version: string): Record<string, string> {
  return { [VERSION]: version };
}

/** Which Birdhouse says that it built an image, such as `0.1.0`; undefined when that is no version. */
export function readBuilder(annotations: Annotations | undefined): string | undefined {
  return versionText.safeParse(annotations?.[VERSION]).data;
}

/** The digest of the base image that an image says it was built on. */
export function readBase(annotations: Annotations | undefined): string | undefined {
  return annotations?.[BASE_DIGEST];
}

/** When an image says that it was made, in RFC 3339; undefined when that is no time. */
export function readCreated(annotations: Annotations | undefined): string | undefined {
  return z.iso.datetime().safeParse(annotations?.[CREATED]).data;
}

/** What an image weighs as annotations, the same for the same image. */
export function sizesAnnotations(image: ImageSizes): Record<string, string> {
  const packages = [...image].map(([platform, sizes]) => {
    const entries = [...sizes.packages].map(([name, { version, unpacked }]) => [name, [version, unpacked]]);
    return [platform, Object.fromEntries(entries)];
  });
  const sums = [...image].map(([platform, { compressed, unpacked }]) => [platform, { compressed, unpacked }]);
  return {
    [PACKAGES]: canonicalJson(Object.fromEntries(packages)),
    [SIZES]: canonicalJson(Object.fromEntries(sums)),
  };
}

/** What an image says it weighs; undefined when it says nothing that can be read, as of an older Birdhouse. */
export function readSizes(annotations: Annotations | undefined): ImageSizes | undefined {
  const packages = packagesText.safeParse(annotations?.[PACKAGES]).data;
  const sums = sizesText.safeParse(annotations?.[SIZES]).data;
  if (!packages || !sums) return undefined;
  return new Map(
    Object.entries(sums).map(([platform, sum]) => {
      const known = Object.entries(packages[platform] ?? {});
      const sizes = known.map(([name, [version, unpacked]]) => [name, { version, unpacked }] as const);
      return [platform, { ...sum, packages: new Map(sizes) }];
    }),
  );
}
