import { createHash } from "node:crypto";
import { type Keys, loadKeys } from "../formats/alpine/keys.ts";
import { mergeFixes, parseSecdb } from "../formats/alpine/secdb.ts";
import { platformsOf } from "../formats/oci/assemble.ts";
import { imageIndexSchema, isIndexType, parseDocument } from "../formats/oci/types.ts";
import { REPOSITORIES, type Repository, type Sources } from "../model/target.ts";
import { Registry } from "../registry/client.ts";
import { parseRepository } from "../registry/reference.ts";
import { messageOf, UserError } from "../system/errors.ts";
import type { Transport } from "../system/http/message.ts";
import { once } from "../system/once.ts";
import { Downloader, type DownloaderOptions } from "./download.ts";
import { HTTP_AUTH, HTTP_AUTH_FORM, parseHttpAuth, withHttpAuth } from "./http-auth.ts";
import { type FetchedIndex, fetchIndexes, readIndexes } from "./indexes.ts";
import type { Answer, Edition, Fixes, Upstream } from "./upstream.ts";
import { problemOf } from "./words.ts";

interface UpstreamOptions extends DownloaderOptions {
  readonly sources: Sources & { readonly keys: string };
  /** What `HTTP_AUTH` of the environment says: for the mirror of packages only. */
  readonly httpAuth?: string | undefined;
  /** Which repositories a branch has; main and community where nothing is said. */
  readonly repositories?: (branch: string) => readonly Repository[];
}

/**
 * Alpine as it is now, by way of a mirror, a registry and a cache.
 * @throws UserError where the keys or HTTP_AUTH cannot be read
 */
export function openUpstream(options: UpstreamOptions): Upstream {
  const { sources, signal, clock } = options;
  const auth = parseHttpAuth(options.httpAuth);
  if (sources.auth && !auth) {
    throw new UserError(
      `the catalog's sources say auth: true, but ${HTTP_AUTH} is not set: ${sources.packages} requires a login`,
      `set ${HTTP_AUTH_FORM} in the environment, as for apk`,
    );
  }
  const { origin } = new URL(sources.packages);
  const authenticate = (transport: Transport) => withHttpAuth(transport, origin, auth);
  const downloader = new Downloader({ ...options, authenticate });
  const keys = loadKeys(sources.keys);
  const { registry: host, repository } = parseRepository(sources.base);
  const registry = new Registry(host, clock && { clock });
  const fetched = once((branch, architecture) =>
    fetchIndexes(sources.packages, branch, architecture, downloader, options.repositories?.(branch)),
  );
  const answer = async <T>(ask: (note: (text: string) => void) => Promise<T>): Promise<Answer<T>> => {
    const notes: string[] = [];
    try {
      const value = await ask((text) => notes.push(text));
      return { value, ...(notes.length > 0 && { notes }) };
    } catch (error) {
      signal?.throwIfAborted();
      return { problem: problemOf(error) };
    }
  };
  return {
    packages: once((branch, architecture) =>
      answer(async (note) => readIndexes(await fetched(branch, architecture), branch, keys, note)),
    ),
    missing: once((branch, architecture) =>
      answer(async () => missingIn(await fetched(branch, architecture))),
    ),
    edition: once((branch, architecture) =>
      answer(async () => editionOf(await fetched(branch, architecture), keys)),
    ),
    fixes: once((branch) => answer(() => readFixes(sources.security, branch, downloader))),
    base: once((branch) =>
      answer(async () => (await registry.headManifest(repository, branch, { signal }))?.digest),
    ),
    basePlatforms: once((branch) =>
      answer(async () => {
        const manifest = await registry.getManifest(repository, branch, { signal });
        if (!manifest || !isIndexType(manifest.mediaType)) return [];
        const index = parseDocument(imageIndexSchema, manifest.bytes, `${repository}:${branch}`);
        return platformsOf(index.manifests);
      }),
    ),
  };
}

/** None where the whole branch is missing. */
function missingIn(indexes: readonly FetchedIndex[]): Repository[] {
  const missing = indexes.filter(({ download }) => download === undefined);
  return missing.length === indexes.length ? [] : missing.map(({ repository }) => repository);
}

function editionOf(indexes: readonly FetchedIndex[], keys: Keys): Edition {
  const hash = createHash("sha256");
  for (const [name, key] of keys) hash.update(`${name} ${key.export({ type: "spki", format: "pem" })}`);
  for (const { url, download } of indexes) hash.update(`${url} ${download?.sha256}\n`);
  return {
    digest: hash.digest("hex"),
    isKnown: indexes.every(({ download }) => download === undefined || download.isKnown),
  };
}

async function readFixes(
  security: string | undefined,
  branch: string,
  downloader: Downloader,
): Promise<Fixes> {
  if (security === undefined) return new Map();
  const lists = await Promise.all(
    REPOSITORIES.map(async (repository) => {
      const url = `${security}/v${branch}/${repository}.json`;
      try {
        const download = await downloader.get(url);
        if (!download) return new Map();
        const fixes = parseSecdb(download.bytes.toString("utf8"));
        await download.keep(0);
        return fixes;
      } catch (error) {
        throw new Error(`${url}: ${messageOf(error)}`, { cause: error });
      }
    }),
  );
  return mergeFixes(lists);
}
