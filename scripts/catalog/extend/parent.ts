import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, join } from "node:path";
import { cacheDirectory, PROJECT } from "../../system/environment.ts";
import { UserError } from "../../system/errors.ts";
import { writeWhole } from "../../system/files/files.ts";
import { textOf } from "../text/file.ts";
import type { CatalogSource } from "../text/source.ts";

/** Where a catalog lies that another one extends. */
export type ParentPlace =
  /** The catalog that Birdhouse comes with: it is renewed by a newer Birdhouse only. */
  | { readonly kind: "birdhouse"; readonly file: string }
  | { readonly kind: "file"; readonly file: string }
  /** A catalog of others: what it says was read once by somebody, and is not read again unless its digest changes. */
  | { readonly kind: "address"; readonly file: string; readonly digest: string };

/** What `extends` of a catalog says, from where we are. */
export function parentPlace(source: CatalogSource): ParentPlace {
  const named = source.textAt(["extends"]) ?? "";
  if (named === "birdhouse") return { kind: "birdhouse", file: join(PROJECT, "catalog.yaml") };
  const [address = "", digest] = named.split("#sha256=");
  if (/^https:/.test(named) && digest !== undefined) return { kind: "address", file: address, digest };
  return { kind: "file", file: isAbsolute(named) ? named : join(dirname(source.file), named) };
}

/** The most bytes that a catalog at an address may have: Birdhouse's own has a tenth of a megabyte. */
const MOST_BYTES = 2 * 1024 * 1024;
const PATIENCE_MS = 30_000;

/**
 * The text of a catalog at an address. Its digest is compared before anything reads it, so one that was downloaded
 * before is as good: it is kept in the user's cache, and a server that is away stops nobody.
 * @throws UserError where the server does not give it, or gives another
 * @throws CatalogError where it is not written in UTF-8
 */
export async function fetchCatalog(
  { file, digest }: Extract<ParentPlace, { kind: "address" }>,
  cache = cacheDirectory(),
): Promise<string> {
  const kept = cache && join(cache, "catalogs", `${digest}.yaml`);
  const known = kept && (await readFile(kept).catch(() => undefined));
  if (known && digestOf(known) === digest) return textOf(file, known);
  // Loaded here alone: most catalogs ask nobody, and to load it takes longer than to read them.
  const { ask } = await import("../../system/http/http.ts");
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const { status, body } = await ask(new URL(file), { limit: MOST_BYTES, signal });
  if (status !== 200) throw new UserError(`the server answers ${status}, expected the text of a catalog`);
  const found = digestOf(body);
  if (found !== digest) {
    throw new UserError(
      `what is there has another digest, sha256=${found}: if you have read it, and want it, write that here`,
    );
  }
  // A cache that cannot be written only costs the next download.
  if (kept) await writeWhole(kept, body).catch(() => {});
  return textOf(file, body);
}

function digestOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
