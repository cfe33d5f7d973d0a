import { readFile } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/**
 * How the code becomes a bundle: for a checkout by start.mjs, and for the package that others install by
 * package/build.ts.
 */

const PROJECT = resolve(dirname(fileURLToPath(import.meta.url)), "..");

/**
 * The first starts a program that lies beside it, the second names files after its own; the others are large and
 * seldom wanted. A checkout has them all in its node_modules; a package has no node_modules, and brings them along.
 */
const LEFT_OUT = ["esbuild", "write-file-atomic", "@cyclonedx/*", "packageurl-js", "@aws-sdk/*"];

/**
 * What a package has not and never asks for: @cyclonedx's library takes these where they are there, to read and write XML
 * and to validate; esbuild is for a checkout, see sandbox/prebuilt.ts.
 */
export const NOT_PACKED = [
  "xmlbuilder2",
  "libxmljs2",
  "ajv",
  "ajv-formats",
  "ajv-formats-draft2019",
  "esbuild",
];

/** Libraries written as CommonJS ask for Node's own modules with `require`, and some for where they are. */
const REQUIRE =
  'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);';
const PLACES =
  'const __filename = import.meta.filename, __dirname = import.meta.dirname, HOME_OF_PACKAGE = new URL("..", import.meta.url);';

/**
 * yaml's build for browsers is its build for Node, but for this: for each token that one asks the environment whether to
 * print it, a twentieth of the time that `check` takes. Source: yaml 2.9, `Parser.next`, and `exports` of its package.json
 */
const QUICK_YAML = join(PROJECT, "node_modules/yaml/browser/index.js");

/**
 * Bundles the command line.
 * @param {{ outdir: string, build: string, isPackage?: boolean, commit?: string }} options a package may lie anywhere: its
 * code finds what lies beside its source from where the bundle is, one folder below the package's own; `commit` is the one
 * that has the tag of its version
 */
export async function makeBundle({ outdir, build, isPackage = false, commit }) {
  const esbuild = await import("esbuild");
  return esbuild.build({
    absWorkingDir: PROJECT,
    entryPoints: [join(PROJECT, "scripts/birdhouse.ts")],
    outdir,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    alias: { yaml: QUICK_YAML },
    // Names stay, so that `--debug` still shows where an error comes from.
    ...(isPackage
      ? {
          minifyWhitespace: true,
          minifySyntax: true,
          legalComments: "none",
          external: NOT_PACKED,
          metafile: true,
        }
      : { sourcemap: true, external: LEFT_OUT }),
    define: {
      BIRDHOUSE_BUILD: JSON.stringify(build),
      BIRDHOUSE_PACKAGED: String(isPackage),
      BIRDHOUSE_COMMIT: commit === undefined ? "undefined" : JSON.stringify(commit),
      "import.meta.url": "URL_OF_SOURCE",
    },
    banner: { js: isPackage ? `${REQUIRE} ${PLACES}` : REQUIRE },
    plugins: [
      { name: "url-of-source", setup: (plugin) => keepUrls(plugin, isPackage) },
      { name: "one-language", setup: leaveOutLanguages },
    ],
    logLevel: "silent",
  });
}

/** In a bundle, code still finds what lies beside its source: templates, keys, package.json. */
function keepUrls({ onLoad }, isPackage) {
  onLoad({ filter: /[/\\](?:scripts|sandbox)[/\\].{1,200}\.ts$/ }, async ({ path }) => {
    const way = relative(PROJECT, path).split(sep).join("/");
    const url = isPackage
      ? `new URL(${JSON.stringify(way)}, HOME_OF_PACKAGE).href`
      : JSON.stringify(pathToFileURL(path).href);
    // On the first line, so that no line's number changes.
    return { contents: `const URL_OF_SOURCE = ${url};${await readFile(path, "utf8")}`, loader: "ts" };
  });
}

/**
 * zod brings its messages in fifty languages, half of all that a start reads. Ours are our own words, and where zod speaks
 * it is English.
 */
function leaveOutLanguages({ onLoad }) {
  onLoad({ filter: /[/\\]zod[/\\]v4[/\\]locales[/\\]index\.js$/ }, () => ({
    contents: 'export { default as en } from "./en.js";',
  }));
}
