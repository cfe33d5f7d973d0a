import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { moveInto, removeTree, writeWhole } from "../../scripts/system/files/files.ts";
import { prebuiltOr } from "../prebuilt.ts";
import type { Ecosystem, Files } from "./ecosystem.ts";
import { ECOSYSTEMS } from "./ecosystems.ts";
import { fetchSources } from "./sources.ts";

/** The file in the tree that holds its stamp. */
export const REGISTRIES_STAMP = "stamp";
const CODE = fileURLToPath(new URL(".", import.meta.url));

export interface RegistriesOptions {
  /** The sandbox's directory; the registries are its folder `registries`. */
  readonly directory: string;
  readonly onProgress: (text: string) => void;
  readonly signal?: AbortSignal;
}

/**
 * Sees to it that the files of the languages' registries stand: made when there are none, or when the code
 * that makes them has changed. That takes a few seconds; their packages are small, one for each language.
 * @returns where they are
 * @throws UserError when Debian's mirror or the npm registry cannot be reached
 */
export async function prepareRegistries(options: RegistriesOptions): Promise<string> {
  const path = join(options.directory, "registries");
  const stamp = await prebuiltOr("registries", registriesStamp);
  const standing = await readFile(join(path, REGISTRIES_STAMP), "utf8").catch(() => "");
  if (standing === stamp) return path;
  options.onProgress("making the languages' package registries");
  const work = `${path}.new`;
  await removeTree(work);
  await makeTree(work, ECOSYSTEMS, options.signal);
  await writeWhole(join(work, REGISTRIES_STAMP), stamp);
  await removeTree(path);
  await moveInto(work, path);
  return path;
}

/** A digest of the code itself: the tables and the formats are all in it. */
export async function registriesStamp(): Promise<string> {
  const hash = createHash("sha256");
  for (const name of (await readdir(CODE)).sort()) hash.update(await readFile(join(CODE, name)));
  return hash.digest("hex");
}

async function makeTree(path: string, ecosystems: readonly Ecosystem[], signal?: AbortSignal): Promise<void> {
  const sources = ecosystems.flatMap((ecosystem) => Object.values(ecosystem.sources));
  const downloads = join(path, "downloads");
  const fetched = await fetchSources(sources, downloads, signal);
  for (const ecosystem of ecosystems) {
    const archives = Object.entries(ecosystem.sources).map(([name, source]) => {
      const archive = fetched.get(source);
      if (!archive) throw new Error(`${name} of the registry ${ecosystem.folder} was not fetched`);
      return [name, archive] as const;
    });
    const files = await ecosystem.publish(Object.fromEntries(archives));
    await writeFiles(join(path, ecosystem.folder), files);
  }
  await removeTree(downloads);
}

async function writeFiles(directory: string, files: Files): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await writeWhole(join(directory, name), content);
  }
}
