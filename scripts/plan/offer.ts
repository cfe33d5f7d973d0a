import { parseProvisions } from "../alpine/dependency.ts";
import { readUnverifiedIndex } from "../alpine/index.ts";
import type { Package } from "../alpine/package.ts";
import { messageOf, UserError } from "../system/errors.ts";

/** What a branch of a mirror offers: the name of a package, or of what one provides → its versions. */
export type Offer = ReadonlyMap<string, readonly string[]>;

const REPOSITORIES = ["main", "community"] as const;

/** How long a mirror may take to send one index. */
const PATIENCE_MS = 60_000;

/** Everything that can be asked for by name among these packages. */
export function offerOf(packages: readonly Package[]): Offer {
  const offer = new Map<string, string[]>();
  const add = (name: string, version: string | undefined) => {
    const versions = offer.get(name) ?? [];
    if (version !== undefined) versions.push(version);
    offer.set(name, versions);
  };
  for (const { name, version, provides } of packages) {
    add(name, version);
    for (const provision of parseProvisions(provides)) add(provision.name, provision.version);
  }
  return offer;
}

/**
 * Reads what a branch offers to an architecture, from both of its repositories.
 *
 * @param mirror the folder that holds `v3.22/`
 * @param architecture as apk names it
 * @returns undefined where the mirror has no such branch
 * @throws UserError when the mirror cannot be reached or its index cannot be read
 */
export async function readOffer(
  mirror: string,
  branch: string,
  architecture: string,
  signal?: AbortSignal,
): Promise<Offer | undefined> {
  const indexes = await Promise.all(
    REPOSITORIES.map((repository) =>
      readIndexAt(`${mirror}/v${branch}/${repository}/${architecture}/APKINDEX.tar.gz`, signal),
    ),
  );
  const found = indexes.filter((packages) => packages !== undefined);
  return found.length === 0 ? undefined : offerOf(found.flat());
}

async function readIndexAt(url: string, signal: AbortSignal | undefined): Promise<Package[] | undefined> {
  const limit = AbortSignal.timeout(PATIENCE_MS);
  try {
    const response = await fetch(url, { signal: signal ? AbortSignal.any([signal, limit]) : limit });
    if (response.status === 404) return undefined;
    if (!response.ok) throw new Error(`the mirror answers ${response.status} ${response.statusText}`);
    return readUnverifiedIndex(Buffer.from(await response.arrayBuffer()), url);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof UserError) throw error;
    const reason = error instanceof Error ? (error.cause ?? error) : error;
    throw new UserError(
      `${url}: ${messageOf(reason)}`,
      "see that sources.packages of the catalog names a mirror in reach",
    );
  }
}
