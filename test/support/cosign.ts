import { join } from "node:path";
import { unpackDebian } from "./unpack-debian.ts";

/**
 * Downloads and unpacks the real cosign, once: Debian 12 has none, the next release has. The system is not
 * touched.
 * @returns the folder that it lies in, for the PATH
 */
export async function unpackCosign(): Promise<string> {
  return join(await unpackDebian("trixie", "cosign"), "usr/bin");
}
