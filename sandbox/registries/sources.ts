import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { UserError } from "../../scripts/system/errors.ts";
import { makeFolder } from "../../scripts/system/files/files.ts";
import { run, tryRun } from "../../scripts/system/process/process.ts";
import { systemMirror } from "../debian.ts";
import { fetchNpmPackages } from "../mirror/npm.ts";
import type { DebianFile, Source } from "./ecosystem.ts";

/** Part of every Debian system: downloads as apt does, through its proxies and with its retries. */
const APT_HELPER = "/usr/lib/apt/apt-helper";

/** What writes the tar that is in a file to its standard output: Debian always has these, but not xz. */
const UNPACKERS: readonly (readonly [ending: string, command: readonly string[]])[] = [
  [".deb", ["dpkg-deb", "--fsys-tarfile"]],
  [".tar.xz", [APT_HELPER, "cat-file"]],
];

/**
 * Fetches the sources of registries. Gives source → its bytes; of a
 * Debian package, and of what xz has packed, the tar in it.
 * @param directory where they are put: one that is empty
 * @throws UserError when Debian's mirror or the npm registry does not give one, or gives another
 */
export async function fetchSources(
  sources: readonly Source[],
  directory: string,
  signal?: AbortSignal,
): Promise<ReadonlyMap<Source, Buffer>> {
  const debian = sources.filter((source) => "debian" in source);
  const npm = sources.filter((source) => "npm" in source);
  const specs = npm.map((source) => source.npm);
  const [paths, packages] = await Promise.all([
    downloadDebian(debian, join(directory, "debian"), signal),
    fetchNpmPackages(specs, join(directory, "npm"), signal),
  ]);
  const found = new Map<Source, Buffer>();
  for (const source of debian) found.set(source, await unpacked(paths.get(source) ?? "", signal));
  for (const source of npm) found.set(source, await readFile(packages.get(source.npm)?.path ?? ""));
  return found;
}

/** Downloads files of Debian's archive, checked against their digests. Gives file → path. */
async function downloadDebian(
  files: readonly DebianFile[],
  directory: string,
  signal?: AbortSignal,
): Promise<ReadonlyMap<DebianFile, string>> {
  await makeFolder(directory);
  const mirror = await systemMirror();
  const paths = new Map(files.map((file, number) => [file, join(directory, `${number}-${baseName(file)}`)]));
  const wanted = [...paths].flatMap(([{ debian, sha256 }, path]) => [
    `${mirror}/${debian}`,
    path,
    `SHA256:${sha256}`,
  ]);
  // Root gives way to the user _apt for a download, and that user may not write here.
  const command = [APT_HELPER, "-o", "APT::Sandbox::User=root", "-q", "download-file", ...wanted];
  const { exitCode, stderr } = await tryRun(command, signal ? { signal } : {});
  if (exitCode !== 0) {
    throw new UserError(
      `cannot download the files for the sandbox's registries from the Debian mirror ${mirror}\n${stderr.trimEnd()}`,
      "the sandbox needs a Debian mirror with the release trixie (see /etc/apt/sources.list)",
    );
  }
  return paths;
}

function baseName({ debian }: DebianFile): string {
  return debian.slice(debian.lastIndexOf("/") + 1);
}

/** The bytes of a file; those that xz has packed, unpacked to the tar in them. */
async function unpacked(path: string, signal?: AbortSignal): Promise<Buffer> {
  const program = UNPACKERS.find(([ending]) => path.endsWith(ending))?.[1];
  if (!program) return await readFile(path);
  const tar = `${path}.tar`;
  const redirect = 'tar=$1; shift; exec "$@" > "$tar"';
  await run(["sh", "-c", redirect, "sh", tar, ...program, path], signal ? { signal } : {});
  return await readFile(tar);
}
