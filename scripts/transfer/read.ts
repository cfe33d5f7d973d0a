import { stat } from "node:fs/promises";
import { OciLayout } from "../formats/oci/layout.ts";
import { messageOf, UserError } from "../system/errors.ts";
import { makeScratch, removeTree } from "../system/files/files.ts";
import { checkClaims } from "./claims.ts";
import { type ExportedImage, imagesIn, notOurs } from "./exported.ts";
import { unpackLayout } from "./unpack.ts";
import { verifyExport } from "./verify.ts";

/** An export that has been read, and found to be whole. */
export interface OpenExport {
  readonly layout: OciLayout;
  readonly images: readonly ExportedImage[];
}

/**
 * Opens what an export wrote, and verifies all of it.
 * @param from a directory, or an archive, which is unpacked for as long as it is used
 * @param scratch directory for that
 * @throws UserError where it is not there, not whole, or not an export
 */
export async function withExport<T>(
  from: string,
  scratch: string,
  signal: AbortSignal,
  use: (opened: OpenExport) => Promise<T>,
): Promise<T> {
  const found = await stat(from).catch((error: unknown) => {
    throw new UserError(`${from}: ${messageOf(error)}`, "name what the command export wrote");
  });
  if (found.isDirectory()) return use(await openLayout(from, from, signal));
  if (!found.isFile() && !found.isFIFO()) throw notOurs(from, "it is neither a file nor a directory");
  const directory = await makeScratch(scratch, "import-");
  try {
    await unpackLayout(from, directory, signal);
    return await use(await openLayout(directory, from, signal));
  } finally {
    await removeTree(directory);
  }
}

async function openLayout(directory: string, from: string, signal: AbortSignal): Promise<OpenExport> {
  const layout = await OciLayout.open(directory).catch(() => {
    throw notOurs(from, "it is no OCI image layout, which holds oci-layout and index.json");
  });
  const { manifests } = await layout.readIndex().catch((error: unknown) => {
    throw notOurs(from, messageOf(error).replaceAll(`${directory}/`, ""));
  });
  const images = imagesIn(manifests, from);
  await verifyExport(layout, images, from, signal);
  for (const image of images) await checkClaims(layout, image, from);
  return { layout, images };
}
