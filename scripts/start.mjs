#!/usr/bin/env node
import { createHash } from "node:crypto";
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/**
 * Starts the command line. It is bundled when it is first started and whenever its code has changed, so that
 * a start reads a few files of JavaScript: to translate 250 files of TypeScript as they are loaded would take
 * a quarter of a second and 40 MB each time. A package that was installed has its bundle, and no other code.
 */

const PROJECT = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const CODE = join(PROJECT, "scripts");
const CODE_OF_VERBS = join(CODE, "birdhouse.ts");
const SANDBOX = join(PROJECT, "sandbox");
const MODULES = join(PROJECT, "node_modules");
/** The bundle of a package, see package/build.ts. A checkout may have one too, left from packing, and never runs it. */
const PACKED = join(PROJECT, "dist");
const IS_CHECKOUT = existsSync(CODE_OF_VERBS);
/** Days that an older bundle stays: a command that still runs loads parts of it. */
const KEPT_DAYS = 7;

/** What a user is to mend, as the command line has it too. */
const MISCONFIGURED = 2;

try {
  const bundle = IS_CHECKOUT ? await ownBundle() : PACKED;
  const { main } = await import(pathToFileURL(join(bundle, "birdhouse.js")).href);
  await main();
} catch (error) {
  const [message, exitCode] = explain(error);
  process.stderr.write(`${message}\n`);
  process.exitCode = exitCode;
}

/** The bundle of a checkout as it is now, which is made where there is none. */
async function ownBundle() {
  const build = buildOf([join(PROJECT, "package-lock.json"), ...filesBelow(CODE), ...filesBelow(SANDBOX)]);
  const bundles = placeOfBundles(build);
  const bundle = join(bundles, build);
  if (!existsSync(bundle)) await addBundle(bundles, bundle, build);
  return bundle;
}

/**
 * Where bundles are kept: in the checkout, else in the cache of a user who may not write there, and for one who has no
 * home either in a place that is gone when this process ends.
 */
function placeOfBundles(build) {
  const own = join(PROJECT, ".birdhouse", "bundles");
  if (existsSync(join(own, build)) || isWritable(own)) return own;
  const { XDG_CACHE_HOME, HOME } = process.env;
  const cache = XDG_CACHE_HOME || (HOME && join(HOME, ".cache"));
  // Not at the root: a user without an entry in passwd(5) often has that for a home.
  if (cache && isAbsolute(cache) && cache !== "/.cache") {
    const place = join(cache, "birdhouse", createHash("sha256").update(PROJECT).digest("hex").slice(0, 16));
    if (isWritable(place)) return withModules(place);
  }
  const place = mkdtempSync(join(tmpdir(), "birdhouse-"));
  process.on("exit", () => rmSync(place, { recursive: true, force: true }));
  return withModules(place);
}

function isWritable(directory) {
  try {
    mkdirSync(directory, { recursive: true });
    accessSync(directory, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** A bundle finds the packages that are left out of it beside itself or above. */
function withModules(directory) {
  try {
    symlinkSync(MODULES, join(directory, "node_modules"));
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
  return directory;
}

/** Says what is wrong, and gives the exit code for it. @returns {[string, number]} */
function explain(error) {
  const missing = missingPackage(error);
  if (missing !== undefined) {
    const why = `node_modules is not complete (${missing}): an installation of packages was cut off, or never made`;
    return [`${why}\n→ remove node_modules and type: npm ci --include=dev`, MISCONFIGURED];
  }
  // esbuild's own message has the place of each mistake, and no reader of it needs our stack.
  return [Array.isArray(error?.errors) || error?.code ? error.message : (error?.stack ?? String(error)), 1];
}

/** What shows that a package is missing, or there only in part; undefined where it is something else. */
function missingPackage(error) {
  if (!IS_CHECKOUT) return undefined;
  if (!existsSync(MODULES)) return "it is not there";
  const message = String(error?.message ?? error);
  // Source: Node's errors, "ERR_MODULE_NOT_FOUND"; of our own files only the checkout itself could be to blame.
  const notFound = /Cannot find (?:package|module) '([^']+)'/.exec(message)?.[1];
  if (notFound !== undefined && !notFound.startsWith(CODE)) return `it lacks ${shortened(notFound)}`;
  const [first] = Array.isArray(error?.errors) ? error.errors : [];
  if (first?.text !== undefined) {
    const unresolved = /^Could not resolve "([^".][^"]*)"/.exec(first.text)?.[1];
    if (unresolved !== undefined) return `it lacks ${unresolved}`;
    return first.location?.file?.includes("node_modules/")
      ? `${first.location.file}: ${first.text}`
      : undefined;
  }
  // How esbuild tells that its own program is not there, cannot be started, or is of another release.
  const isEsbuild = /@esbuild\/|esbuild[^\n]{0,200}(?:ENOENT|EACCES|ETXTBSY)|Host version "/.test(message);
  const inModules = /node_modules\/(?:@[^/]+\/)?[^/\s]+/.exec(String(error?.stack ?? ""))?.[0];
  if (isEsbuild) return "it lacks the program of esbuild";
  return error instanceof SyntaxError && inModules ? `${inModules}: ${message}` : undefined;
}

function shortened(path) {
  return path.startsWith(MODULES) ? path.slice(MODULES.length + 1) : path;
}

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
async function addBundle(bundles, directory, build) {
  const { makeBundle } = await import("./bundle.mjs");
  const temporary = `${directory}.${process.pid}`;
  await makeBundle({ outdir: temporary, build });
  try {
    renameSync(temporary, directory);
  } catch (error) {
    rmSync(temporary, { recursive: true });
    if (!existsSync(directory)) throw error;
  }
  removeOld(bundles, directory);
}

function removeOld(bundles, bundle) {
  const limit = Date.now() - KEPT_DAYS * 86_400_000;
  for (const name of readdirSync(bundles)) {
    const path = join(bundles, name);
    // Another process that starts now may have given its folder the name that it is to have.
    const found = statSync(path, { throwIfNoEntry: false });
    if (path !== bundle && name !== "node_modules" && found && found.mtimeMs < limit)
      rmSync(path, { recursive: true, force: true });
  }
}
