import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PACKAGED, PROJECT } from "../scripts/system/environment.ts";

/**
 * What the sandbox makes of its own source, by the names of files: a package that was installed has no source, and
 * brings what package/build.ts made of it.
 */
export const PREBUILT = { apk: "sandbox-apk.mjs", registries: "sandbox-registries.stamp" } as const;

/** Makes it of the source, where there is some. */
export function prebuiltOr(name: keyof typeof PREBUILT, make: () => Promise<string>): Promise<string> {
  return PACKAGED ? readFile(join(PROJECT, "dist", PREBUILT[name]), "utf8") : make();
}
