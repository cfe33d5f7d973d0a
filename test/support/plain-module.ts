import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

const PROJECT = resolve(import.meta.dirname, "../..");

/**
 * Makes one file of JavaScript of a module of ours and of all that it imports, for programs that a test starts: each
 * would take a quarter of a second to translate it for itself.
 * @param source the module's path in the project, such as `scripts/system/ending.ts`
 * @param file the file to write, which ends in `.mjs`
 */
export async function writePlainModule(source: string, file: string): Promise<void> {
  await build({
    absWorkingDir: PROJECT,
    entryPoints: [source],
    outfile: file,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    // Our code finds what lies beside its source.
    define: {
      "import.meta.url": JSON.stringify(pathToFileURL(resolve(PROJECT, "scripts/system/x.ts")).href),
    },
    // What packages that are not modules ask for.
    banner: {
      js: `import { createRequire as requireOf } from "node:module";
           const require = requireOf(import.meta.url), __filename = import.meta.filename;`,
    },
    logLevel: "silent",
  });
}
