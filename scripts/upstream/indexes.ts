import { readIndex } from "../formats/alpine/index.ts";
import type { Keys } from "../formats/alpine/keys.ts";
import type { Package } from "../model/package.ts";
import { REPOSITORIES, type Repository } from "../model/target.ts";
import { messageOf, UserError } from "../system/errors.ts";
import { groupBy } from "../system/group.ts";
import type { Download, Downloader } from "./download.ts";
import type { PackagesByName } from "./upstream.ts";

/** An index as its mirror has it now; not verified yet. */
export interface FetchedIndex {
  readonly url: string;
  readonly repository: Repository;
  /** Undefined where the mirror has none. */
  readonly download: Download | undefined;
}

/**
 * Fetches the indexes of the repositories of a branch.
 * @param mirror URL of the folder that holds `v3.22/`
 * @throws Error naming the index that cannot be fetched
 */
export function fetchIndexes(
  mirror: string,
  branch: string,
  architecture: string,
  downloader: Downloader,
  repositories: readonly Repository[] = REPOSITORIES,
): Promise<FetchedIndex[]> {
  return Promise.all(
    repositories.map(async (repository) => {
      const url = `${mirror}/v${branch}/${repository}/${architecture}/APKINDEX.tar.gz`;
      try {
        return { url, repository, download: await downloader.get(url) };
      } catch (error) {
        throw new Error(`${url}: ${messageOf(error)}`, { cause: error });
      }
    }),
  );
}

/**
 * What the indexes of a branch offer, by name; undefined where the mirror has none of them.
 * @param note called for each index of which packages were left out
 * @throws Error naming the index that is not valid
 */
export async function readIndexes(
  indexes: readonly FetchedIndex[],
  branch: string,
  keys: Keys,
  note: (text: string) => void,
): Promise<PackagesByName | undefined> {
  const read = await Promise.all(indexes.map((index) => readRepository(index, branch, keys, note)));
  const found = read.filter((packages) => packages !== undefined);
  return found.length === 0 ? undefined : groupBy(found.flat(), ({ name }) => name);
}

async function readRepository(
  { url, download }: FetchedIndex,
  branch: string,
  keys: Keys,
  note: (text: string) => void,
): Promise<readonly Package[] | undefined> {
  if (!download) return undefined;
  const { latest, newestSeen, memory } = download;
  const { packages, left, description, made } = readIndex(download.bytes, keys, url, latest);
  if (left.count > 0) {
    const those =
      left.count === 1 ? "a package was left out" : `${left.count} packages were left out, the first`;
    note(`${url}: ${those}: ${left.first}`);
  }
  const claimed = /^v(\d+\.\d+)/.exec(description)?.[1];
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
