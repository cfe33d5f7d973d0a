import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { apkArchitecture, hostPlatform } from "../../scripts/model/platform.ts";
import { PROJECT } from "../../scripts/system/environment.ts";
import { copyWhole, makeFolder, setMode, writeWhole } from "../../scripts/system/files/files.ts";
import { run } from "../../scripts/system/process/process.ts";

/**
 * The sandbox's own small `apk` as a program that depends on nothing in the image: a bundle of its source,
 * the Node.js that runs us, and the libraries that this one needs, with their loader.
 *
 * Node.js is kept compressed: it is most of a base image, and whoever pulls a dev image, reads or sends it would else
 * pay for 100 MB each time. To unpack it takes zstd a quarter of a second.
 */

const SOURCE = fileURLToPath(new URL("../apk/main.ts", import.meta.url));
const HOME = "usr/libexec/birdhouse-apk";
export const BUNDLE_NAME = "apk.mjs";

/** Bundles the source of `apk` into one ES module. */
export async function bundleApk(): Promise<string> {
  // Loaded only here: a package has no esbuild, and needs none.
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    // Its comments name files as seen from here: the same from whichever folder it is started.
    absWorkingDir: PROJECT,
    entryPoints: [SOURCE],
    bundle: true,
    write: false,
    platform: "node",
    target: "node20",
    format: "esm",
    legalComments: "none",
    // Libraries written as CommonJS ask for Node's own modules with `require`.
    banner: {
      js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
    },
  });
  return outputFiles.map((file) => file.text).join("");
}

/** Puts the program below a root directory, as `/sbin/apk`. */
export async function installApkProgram(root: string, bundle: string, signal?: AbortSignal): Promise<void> {
  const options = signal ? { signal } : {};
  const home = join(root, HOME);
  await makeFolder(home);
  await makeFolder(join(root, "sbin"));
  await writeWhole(join(home, BUNDLE_NAME), bundle);
  await run(["zstd", "-q", "-9", process.execPath, "-o", join(home, "node.zst")], options);
  const { stdout: zstd } = await run(["which", "zstd"], options);
  const { stdout } = await run(["ldd", process.execPath, zstd.trim()], options);
  const { loader, libraries } = parseLdd(stdout);
  for (const path of new Set([zstd.trim(), loader, ...libraries])) {
    await copyWhole(path, join(home, basename(path)));
    await setMode(join(home, basename(path)), 0o755);
  }
  await writeWhole(join(home, "arch"), `${apkArchitecture(hostPlatform())}\n`);
  await writeWhole(join(root, "sbin/apk"), wrapper(basename(loader)), { mode: 0o755 });
}

/** Reads what ldd prints: `libm.so.6 => /lib/libm.so.6 (0x7f…)`, and usually the loader without an arrow. */
export function parseLdd(output: string): { loader: string; libraries: string[] } {
  const paths = [...output.matchAll(/(?<!\S)(\/\S+) \(0x/g)].flatMap(([, path]) => path ?? []);
  const isLoader = (path: string) => /\/ld-[^/]+$/.test(path);
  const loader = paths.find(isLoader);
  if (loader === undefined) throw new Error(`ldd names no loader for ${process.execPath}:\n${output}`);
  return { loader, libraries: paths.filter((path) => !isLoader(path)) };
}

/**
 * Every build asks for the architecture, which needs no Node.js. What an image sets for the one in it is not meant for
 * this one. The unpacked program has no name by the time that it runs, so nothing of it gets into a layer; its folder is
 * one that apk writes into anyway.
 */
function wrapper(loader: string): string {
  return `#!/bin/sh
home=/${HOME}
[ "$*" = --print-arch ] && exec cat "$home/arch"
unset NODE_OPTIONS NODE_EXTRA_CA_CERTS
[ -w /lib/apk/db ] && node=/lib/apk/db/.node.$$ || node=/tmp/.node.$$
"$home/${loader}" --library-path "$home" "$home/zstd" -dcq "$home/node.zst" > "$node" || exit 1
exec 9< "$node"
rm -f "$node"
exec "$home/${loader}" --library-path "$home" /proc/self/fd/9 "$home/${BUNDLE_NAME}" "$@"
`;
}
