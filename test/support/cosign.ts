import { unpackDebian } from "./unpack-debian.ts";

/**
 * Downloads and unpacks the real cosign, once: Debian 12 has none, the next release has. The system is not
 * touched.
 * @returns the folder that it lies in, for the PATH
 */
export function unpackCosign(): Promise<string> {
  return unpackDebian("trixie", "cosign");
}
