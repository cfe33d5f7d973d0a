#!/usr/bin/env node
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/**
 * Starts the command line. It is bundled when it is first started and whenever its code has changed, so that
 * a start reads a few files of JavaScript: to translate 250 files of TypeScript as they are loaded would take
 * a quarter of a second and 40 MB each time. This file is the only one that Node reads as it stands.
 */

const PROJECT = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const CODE = join(PROJECT, "scripts");
const BUNDLES = join(PROJECT, ".birdhouse", "bundles");
/** Days that an older bundle stays: a command that still runs loads parts of it. */
const KEPT_DAYS = 7;

const build = buildOf([join(PROJECT, "package-lock.json"), ...filesBelow(CODE)]);
const bundle = join(BUNDLES, build);
if (!existsSync(bundle)) await makeBundle(bundle, build);
await import(pathToFileURL(join(bundle, "birdhouse.js")).href);

/** @returns {string[]} */
function filesBelow(directory) {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Names a state of the code, by what changes when a file is edited. @param {string[]} files */
function buildOf(files) {
  const hash = createHash("sha256").update(process.version);
  for (const file of files) {
    const { mtimeMs, size } = statSync(file);
    hash.update(`${file} ${mtimeMs} ${size}\n`);
  }
  return hash.digest("hex").slice(0, 16);
}

/** Another start may make the same one at once: whichever is there first stays. */
async function makeBundle(directory, build) {
  const esbuild = await import("esbuild");
  mkdirSync(BUNDLES, { recursive: true });
  const temporary = `${directory}.${process.pid}`;
  await esbuild.build({
    absWorkingDir: PROJECT,
    entryPoints: [join(CODE, "birdhouse.ts")],
    outdir: temporary,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    sourcemap: true,
    // The first starts a program that lies beside it, the second names files after its own; the others are large and
    // seldom wanted.
    external: ["esbuild", "write-file-atomic", "@cyclonedx/*", "packageurl-js", "@aws-sdk/*"],
    define: { BIRDHOUSE_BUILD: JSON.stringify(build), "import.meta.url": "URL_OF_SOURCE" },
    banner: {
      js: 'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);',
    },
    plugins: [{ name: "url-of-source", setup: keepUrls }],
    logLevel: "error",
  });
  try {
    renameSync(temporary, directory);
  } catch (error) {
    rmSync(temporary, { recursive: true });
    if (!existsSync(directory)) throw error;
  }
  removeOld();
}

/** In a bundle, code still finds what lies beside its source: templates, keys, package.json. */
function keepUrls({ onLoad }) {
  onLoad({ filter: /[/\\]scripts[/\\].{1,200}\.ts$/ }, async ({ path }) => {
    const url = JSON.stringify(pathToFileURL(path).href);
    // On the first line, so that no line's number changes.
    return { contents: `const URL_OF_SOURCE = ${url};${await readFile(path, "utf8")}`, loader: "ts" };
  });
}

function removeOld() {
  const limit = Date.now() - KEPT_DAYS * 86_400_000;
  for (const name of readdirSync(BUNDLES)) {
    const path = join(BUNDLES, name);
    if (path !== bundle && statSync(path).mtimeMs < limit) rmSync(path, { recursive: true, force: true });
  }
}
