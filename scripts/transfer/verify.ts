import { readInputs } from "../formats/annotations.ts";
import { digestOfFile, verifyFound } from "../formats/oci/digest.ts";
import type { OciLayout } from "../formats/oci/layout.ts";
import { type Descriptor, imageIndexSchema, isIndexType } from "../formats/oci/types.ts";
import { messageOf, UserError } from "../system/errors.ts";
import { FileError, toFileError } from "../system/files/errors.ts";
import { type ExportedImage, notOurs } from "./exported.ts";

/**
 * Reads all that a layout's images are made of, and holds it against its digests, before anything of it is used.
 * @param place the layout as it was named, for errors
 * @throws UserError where something is missing or damaged, or an image is not one of Birdhouse's
 */
export async function verifyExport(
  layout: OciLayout,
  images: readonly ExportedImage[],
  place: string,
  signal: AbortSignal,
): Promise<void> {
  const blobs = new Map<string, Descriptor>();
  for (const { target, image, attached, beside } of images) {
    for (const root of [image, ...attached, ...beside.map(({ manifest }) => manifest)]) {
      const closure = await check(layout, place, () => layout.closure(root));
      for (const blob of closure.blobs) blobs.set(blob.digest, blob);
    }
    if (!(await tellsOrigin(layout, image))) {
      throw notOurs(place, `${target} does not tell what it was made from`);
    }
  }
  for (const blob of blobs.values()) {
    const path = layout.blobPath(blob.digest);
    await check(layout, place, async () => verifyFound(await digestOfFile(path, signal), blob, path));
    signal.throwIfAborted();
  }
}

async function tellsOrigin(layout: OciLayout, image: Descriptor): Promise<boolean> {
  if (!isIndexType(image.mediaType)) return false;
  return readInputs((await layout.readJson(image, imageIndexSchema)).annotations) !== undefined;
}

const MACHINE_FAILS: ReadonlySet<string> = new Set(["EACCES", "EPERM", "EIO", "EMFILE", "ENFILE", "ENOMEM"]);

async function check<T>(layout: OciLayout, place: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    // It is this machine that fails, and not what was carried here.
    const told = toFileError(error, "read", place);
    if (told instanceof FileError && MACHINE_FAILS.has(told.code ?? "")) throw told;
    throw damaged(place, explain(error, layout));
  }
}

/** With paths as the layout has them: where it was unpacked to says nothing to anybody. */
function explain(error: unknown, { directory }: OciLayout): string {
  const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT" && "path" in error;
  const text = isMissing ? `${String(error.path)} is missing` : messageOf(error);
  return text.replaceAll(`${directory}/`, "");
}

/** The error for an export that did not arrive as it was. */
export function damaged(place: string, why: string): UserError {
  return new UserError(`${place}: ${why}; nothing was sent`, "copy it anew from where it was exported");
}
