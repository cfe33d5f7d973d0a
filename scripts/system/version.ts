import { readFileSync } from "node:fs";

const PACKAGE = new URL("../../package.json", import.meta.url);

/** Put in where the code is bundled, see start.mjs. */
declare const BIRDHOUSE_BUILD: string | undefined;

/**
 * Names this very state of the code, for what is remembered of its results. Undefined where it runs unbundled: as
 * it may change from one moment to the next, nothing is remembered then.
 */
export const BUILD = typeof BIRDHOUSE_BUILD === "undefined" ? undefined : BIRDHOUSE_BUILD;

/** The version of this Birdhouse, as its package.json says. */
export const VERSION: string = (JSON.parse(readFileSync(PACKAGE, "utf8")) as { version: string }).version;
