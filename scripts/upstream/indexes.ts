import { readIndexFile } from "../alpine/index.ts";
import type { Keys } from "../alpine/keys.ts";
import type { Package } from "../alpine/package.ts";
import { messageOf, UserError } from "../system/errors.ts";
import type { Downloader } from "./download.ts";
import type { PackagesByName } from "./upstream.ts";

const REPOSITORIES = ["main", "community"] as const;

/**
 * What both repositories of a branch offer to an architecture, by name.
 * @param mirror URL of the folder that holds `v3.22/`
 * @returns undefined where the mirror has neither
 * @throws Error naming the index, when it cannot be had or cannot be believed
 */
export async function readBranch(
  mirror: string,
  branch: string,
  architecture: string,
  keys: Keys,
  downloader: Downloader,
): Promise<PackagesByName | undefined> {
  const indexes = await Promise.all(
    REPOSITORIES.map((repository) =>
      readRepository(
        `${mirror}/v${branch}/${repository}/${architecture}/APKINDEX.tar.gz`,
        branch,
        keys,
        downloader,
      ),
    ),
  );
  const found = indexes.filter((packages) => packages !== undefined);
  return found.length === 0 ? undefined : byName(found);
}

async function readRepository(
  url: string,
  branch: string,
  keys: Keys,
  downloader: Downloader,
): Promise<readonly Package[] | undefined> {
  const download = await downloader.get(url).catch((error: unknown) => {
    throw new Error(`${url}: ${messageOf(error)}`, { cause: error });
  });
  if (!download) return undefined;
  const { packages, description, made } = readIndexFile(download.bytes, keys, url);
  const claimed = /^v(\d+\.\d+)/.exec(description)?.[1];
  if (claimed !== undefined && claimed !== branch) {
    throw new UserError(
      `${url}: this package index cannot be used: it is that of v${claimed}`,
      "use another mirror, or ask who keeps this one",
    );
  }
  if (made < download.newestSeen) {
    const [now, before] = [made, download.newestSeen].map((time) => new Date(time).toISOString());
    throw new UserError(
      `${url}: this package index cannot be used: it was made ${now}, and one of ${before} has been seen`,
      "the mirror is stale, or someone wants old packages in: use another mirror",
    );
  }
  await download.keep(made);
  return packages;
}

function byName(indexes: readonly (readonly Package[])[]): PackagesByName {
  const packages = new Map<string, Package[]>();
  for (const index of indexes) {
    for (const one of index) {
      const others = packages.get(one.name);
      if (others) others.push(one);
      else packages.set(one.name, [one]);
    }
  }
  return packages;
}
