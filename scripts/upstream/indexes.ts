import { readIndex } from "../formats/alpine/index.ts";
import type { Keys } from "../formats/alpine/keys.ts";
import type { Package } from "../model/package.ts";
import { UserError } from "../system/errors.ts";
import { groupBy } from "../system/group.ts";
import type { Download, Downloader } from "./download.ts";
import type { PackagesByName } from "./upstream.ts";
import { errorOfDocument } from "./words.ts";

/** A repository of packages of a branch. */
export interface IndexPlace {
  /** `main`, `community`, or what the catalog calls one of its own. */
  readonly name: string;
  /** URL of the folder that holds `x86_64/`. */
  readonly url: string;
  /** Whether it is Alpine's: a branch is there where one of these is. */
  readonly isAlpines: boolean;
  /** The keys that sign its index. */
  readonly keys: Keys;
}

/** An index as its server has it now; not verified yet. */
export interface FetchedIndex extends IndexPlace {
  /** Undefined where the mirror has none. */
  readonly download: Download | undefined;
}

/**
 * Fetches the indexes of the repositories of a branch.
 * @throws Error naming the index that cannot be fetched
 */
export function fetchIndexes(
  places: readonly IndexPlace[],
  architecture: string,
  downloader: Downloader,
): Promise<FetchedIndex[]> {
  return Promise.all(
    places.map(async (place) => {
      const url = `${place.url}/${architecture}/APKINDEX.tar.gz`;
      try {
        return { ...place, url, download: await downloader.get(url) };
      } catch (error) {
        throw errorOfDocument(url, error);
      }
    }),
  );
}

/**
 * What the indexes of a branch offer, by name; undefined where the mirror has none of Alpine's.
 * @param note called for each index of which packages were left out
 * @throws Error naming the index that is not valid
 */
export async function readIndexes(
  indexes: readonly FetchedIndex[],
  branch: string,
  note: (text: string) => void,
): Promise<PackagesByName | undefined> {
  if (!indexes.some(({ isAlpines, download }) => isAlpines && download)) return undefined;
  const read = await Promise.all(indexes.map((index) => readRepository(index, branch, note)));
  return groupBy(read.flat(), ({ name }) => name);
}

async function readRepository(
  { url, download, keys, isAlpines }: FetchedIndex,
  branch: string,
  note: (text: string) => void,
): Promise<readonly Package[]> {
  if (!download) return [];
  const { latest, newestSeen, memory } = download;
  const { packages, left, description, made } = readIndex(download.bytes, keys, url, latest);
  if (left.count > 0) {
    const those =
      left.count === 1 ? "a package was left out" : `${left.count} packages were left out, the first`;
    note(`${url}: ${those}: ${left.first}`);
  }
  // Others may describe theirs as they like.
  const claimed = isAlpines ? /^v(\d+\.\d+)/.exec(description)?.[1] : undefined;
  if (claimed !== undefined && claimed !== branch) {
    throw new UserError(
      `${url}: this package index cannot be used: it is for v${claimed}`,
      "use another mirror, or tell the operator of this one",
    );
  }
  if (made < newestSeen) {
    const [now, before] = [made, newestSeen].map((time) => new Date(time).toISOString());
    throw new UserError(
      `${url}: this package index cannot be used: it is from ${now}, but one from ${before} was seen before`,
      `the mirror is stale, or somebody serves old packages on purpose: use another mirror; if the newer index was wrong, remove ${memory}`,
    );
  }
  await download.keep(made);
  return packages;
}
