import { join } from "node:path";
import type { Suite } from "../../sandbox/debian.ts";
import { unpackDebian } from "./unpack-debian.ts";

/**
 * Downloads and unpacks the real cosign, once: Debian 12 has none, the next releases have. The system is not
 * touched.
 * @param suite trixie has cosign 2, forky has 3
 * @returns the folder that it lies in, for the PATH
 */
export async function unpackCosign(suite: Suite = "trixie"): Promise<string> {
  return join(await unpackDebian(suite, "cosign"), "usr/bin");
}
