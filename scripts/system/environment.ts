import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

/** Time and chance, passed in so that tests need neither. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** @throws when the signal is aborted. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
  /** From 0 to 1. */
  random(): number;
}

export const systemClock: Clock = {
  now: Date.now,
  sleep: (milliseconds, signal) => delay(milliseconds, undefined, signal && { signal }),
  random: Math.random,
};

/**
 * The home directory of the user; undefined where there is none. A user without an entry in passwd(5), as containers
 * are often started with, has one only where HOME says so.
 */
export function homeDirectory(
  env: Readonly<Record<string, string | undefined>> = process.env,
): string | undefined {
  if (env.HOME) return env.HOME;
  try {
    return homedir() || undefined;
  } catch {
    return undefined;
  }
}

/** Where programs of the user keep what can be had again; undefined where there is no home. Source: XDG Base Directory. */
export function cacheDirectory(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const { XDG_CACHE_HOME } = env;
  const home = homeDirectory(env);
  const cache = XDG_CACHE_HOME || (home && join(home, ".cache"));
  return cache && isAbsolute(cache) ? join(cache, "birdhouse") : undefined;
}

/** Put in where the code is bundled, see start.mjs. */
declare const BIRDHOUSE_BUILD: string | undefined;

/**
 * Names this very state of the code, for what is remembered of its results. Undefined where it runs unbundled: as
 * it may change from one moment to the next, nothing is remembered then.
 */
export const BUILD = typeof BIRDHOUSE_BUILD === "undefined" ? undefined : BIRDHOUSE_BUILD;

/** Put in there likewise. */
declare const BIRDHOUSE_PACKAGED: boolean | undefined;

/** Whether this is a package that was installed, in node_modules, and not a checkout with a Makefile and its source. */
export const PACKAGED = typeof BIRDHOUSE_PACKAGED !== "undefined" && BIRDHOUSE_PACKAGED;

/** Birdhouse's own directory, which holds `templates/`, `keys/` and the catalog that it comes with. */
export const PROJECT = resolve(dirname(fileURLToPath(import.meta.url)), "../..");

const PACKAGE = JSON.parse(readFileSync(join(PROJECT, "package.json"), "utf8")) as {
  readonly version: string;
  readonly repository?: string | { readonly url: string };
};

/** The version of this Birdhouse, as its package.json says. */
export const VERSION: string = PACKAGE.version;

/**
 * Where this Birdhouse is on GitHub, `OWNER/REPOSITORY`: its workflows can be called there. Undefined where `repository`
 * in package.json names no such place.
 */
export const REPOSITORY = githubRepository(PACKAGE.repository);

/** Source: npm, package.json, "repository": a URL, or `github:OWNER/REPOSITORY`. */
function githubRepository(repository: string | { readonly url: string } | undefined): string | undefined {
  const text = typeof repository === "string" ? repository : (repository?.url ?? "");
  return /^(?:github:|(?:git\+)?(?:https|ssh):\/\/(?:git@)?github\.com\/)?([\w.-]+\/[\w.-]+?)(?:\.git)?$/.exec(
    text,
  )?.[1];
}

/** Put in where the package is made from a commit that has the tag of its version. */
declare const BIRDHOUSE_COMMIT: string | undefined;

/** The commit that this package was made from, 40 hexadecimal digits; undefined where nobody can know. */
export const COMMIT = typeof BIRDHOUSE_COMMIT === "undefined" ? undefined : BIRDHOUSE_COMMIT;
