import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";

export const PROJECT = resolve(import.meta.dirname, "../..");

/** The files of our own code, `.ts` and `.mjs`, from the root of the project: `scripts/…`, `sandbox/…`. */
export function codeFiles(): string[] {
  return ["scripts", "sandbox"].flatMap((folder) =>
    readdirSync(join(PROJECT, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => /\.m?ts$|\.mjs$/.test(name))
      .map((name) => join(folder, name))
      .sort(),
  );
}
