import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { BUILD, PACKAGED, PROJECT } from "../scripts/system/environment.ts";
import { writeWhole } from "../scripts/system/files/files.ts";

/**
 * What the sandbox makes of its own source, by the names of files: a package that was installed has no source, and
 * brings what package/build.ts made of it.
 */
export const PREBUILT = { apk: "sandbox-apk.mjs", registries: "sandbox-registries.stamp" } as const;

/**
 * Makes it of the source, where there is some, and keeps it beside the bundle that runs, which is of this very source: to
 * start the program that bundles takes a tenth of a second each time.
 */
export async function prebuiltOr(name: keyof typeof PREBUILT, make: () => Promise<string>): Promise<string> {
  if (PACKAGED) return readFile(join(PROJECT, "dist", PREBUILT[name]), "utf8");
  if (BUILD === undefined) return make();
  // The bundler leaves this as it is, where `import.meta.url` becomes the source's.
  const file = join(import.meta.dirname, PREBUILT[name]);
  const kept = await readFile(file, "utf8").catch(() => undefined);
  if (kept !== undefined) return kept;
  const made = await make();
  // A bundle may be where this user writes nothing.
  await writeWhole(file, made).catch(() => {});
  return made;
}
