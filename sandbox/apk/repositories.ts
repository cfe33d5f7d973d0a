import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readIndex } from "../../scripts/formats/alpine/index.ts";
import type { Keys } from "../../scripts/formats/alpine/keys.ts";
import type { Package } from "../../scripts/model/package.ts";
import { messageOf, UserError } from "../../scripts/system/errors.ts";

/** A folder of packages with its index: `http://…/v3.22/main` or a directory, and then the architecture. */
export interface PackageRepository {
  /** Where the index and the packages lie. */
  readonly url: string;
  readonly packages: readonly Package[];
}

/**
 * The repositories that a root names in `etc/apk/repositories`, one a line; `#` begins a comment.
 *
 * @throws UserError when a line has a tag, which we do not understand
 */
export function repositoryUrls(root: string): string[] {
  const file = join(root, "etc/apk/repositories");
  const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n") : [];
  const urls = lines.map((line) => line.replace(/#.*/, "").trim()).filter((line) => line !== "");
  const tagged = urls.find((url) => url.startsWith("@"));
  if (tagged !== undefined)
    throw new UserError(`${file}: repositories with a tag are not supported: ${tagged}`);
  return urls;
}

/** Where a repository keeps its packages for an architecture. */
export function folderOf(repository: string, architecture: string): string {
  return `${repository.replace(/(?<!\/)\/+$/, "")}/${architecture}`;
}

/** @throws UserError when the index is there but cannot be trusted, Error when it cannot be had */
export async function openRepository(url: string, keys: Keys): Promise<PackageRepository> {
  const index = `${url}/APKINDEX.tar.gz`;
  return { url, packages: readIndex(await download(index), keys, index).packages };
}

/** Where a package of a repository lies. */
export function packageUrl({ url }: PackageRepository, { name, version }: Package): string {
  return `${url}/${name}-${version}.apk`;
}

/** The bytes behind a URL or a path. @throws Error that says why they cannot be had */
export async function download(location: string): Promise<Buffer> {
  if (!/^https?:/.test(location)) return readFileSync(location.replace(/^file:\/\//, ""));
  const response = await fetch(location).catch((error: unknown) => {
    throw new Error(
      `no answer: ${error instanceof Error && error.cause ? messageOf(error.cause) : messageOf(error)}`,
    );
  });
  if (!response.ok) throw new Error(`the server answers ${response.status} ${response.statusText}`);
  return Buffer.from(await response.arrayBuffer());
}
