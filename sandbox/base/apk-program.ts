import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { copyWhole, makeFolder, setMode, writeWhole } from "../../scripts/system/files/files.ts";
import { run } from "../../scripts/system/process/process.ts";

/**
 * The sandbox's own small `apk` as a program that depends on nothing in the image: a bundle of its source,
 * the Node.js that runs us, and the libraries that this one needs, with their loader.
 */

const SOURCE = fileURLToPath(new URL("../apk/main.ts", import.meta.url));
const HOME = "usr/libexec/birdhouse-apk";
export const BUNDLE_NAME = "apk.mjs";

/** Bundles the source of `apk` into one ES module. */
export async function bundleApk(): Promise<string> {
  const { outputFiles } = await build({
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
  const home = join(root, HOME);
  await makeFolder(home);
  await makeFolder(join(root, "sbin"));
  await writeWhole(join(home, BUNDLE_NAME), bundle);
  await copyWhole(process.execPath, join(home, "node"));
  const { stdout } = await run(["ldd", process.execPath], signal ? { signal } : {});
  const { loader, libraries } = parseLdd(stdout);
  for (const path of [loader, ...libraries]) {
    await copyWhole(path, join(home, basename(path)));
    await setMode(join(home, basename(path)), 0o755);
  }
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

/** What an image sets for the Node.js in it is not meant for this one. */
function wrapper(loader: string): string {
  return `#!/bin/sh
home=/${HOME}
unset NODE_OPTIONS NODE_EXTRA_CA_CERTS
exec "$home/${loader}" --library-path "$home" "$home/node" "$home/${BUNDLE_NAME}" "$@"
`;
}
