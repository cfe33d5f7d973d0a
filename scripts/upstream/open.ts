import { createHash } from "node:crypto";
import { type Keys, keysOf, loadKeys } from "../formats/alpine/keys.ts";
import { mergeFixes, parseSecdb } from "../formats/alpine/secdb.ts";
import { platformsOf } from "../formats/oci/assemble.ts";
import { imageIndexSchema, isIndexType, parseDocument } from "../formats/oci/types.ts";
import { textOf } from "../model/configuration.ts";
import {
  type OwnRepository,
  ownRepositoriesOf,
  REPOSITORIES,
  type Repository,
} from "../model/repositories.ts";
import type { Sources } from "../model/sources.ts";
import { Registry } from "../registry/client.ts";
import { parseRepository, registryUrl } from "../registry/reference.ts";
import { UserError } from "../system/errors.ts";
import type { Transport } from "../system/http/message.ts";
import { once } from "../system/once.ts";
import { Downloader, type DownloaderOptions } from "./download.ts";
import { HTTP_AUTH, HTTP_AUTH_FORM, parseHttpAuth, withHttpAuth } from "./http-auth.ts";
import { type FetchedIndex, fetchIndexes, type IndexPlace, readIndexes } from "./indexes.ts";
import type { Answer, Edition, Fixes, Upstream } from "./upstream.ts";
import { errorOfDocument, errorOfImage, problemOf } from "./words.ts";

interface UpstreamOptions extends DownloaderOptions {
  readonly sources: Sources & { readonly keys: string };
  /** What `HTTP_AUTH` of the environment says: for the mirror of packages only. */
  readonly httpAuth?: string | undefined;
  /** Which of Alpine's repositories a branch has; main and community where nothing is said. */
  readonly repositories?: (branch: string) => readonly Repository[];
  /** The catalog's own. */
  readonly ownRepositories?: readonly OwnRepository[] | undefined;
}

/**
 * Alpine as it is now, by way of a mirror, a registry and a cache.
 * @throws UserError where the keys or HTTP_AUTH cannot be read
 */
export function openUpstream(options: UpstreamOptions): Upstream {
  const { sources, signal, clock } = options;
  const downloader = new Downloader({ ...options, authenticate: authenticateFor(options) });
  const keys = loadKeys(sources.keys);
  const { registry: host, repository } = parseRepository(sources.base);
  const registry = new Registry(host, clock && { clock });
  const inRegistry = <T>(asked: Promise<T>) =>
    asked.catch((error: unknown) => {
      throw errorOfImage(`${host}/${repository}`, registryUrl(host).origin, error);
    });
  const fetched = once((branch, architecture) =>
    fetchIndexes(placesOf(options, branch, keys), architecture, downloader),
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
      answer(async (note) => readIndexes(await fetched(branch, architecture), branch, note)),
    ),
    missing: once((branch, architecture) =>
      answer(async () => missingIn(await fetched(branch, architecture))),
    ),
    edition: once((branch, architecture) =>
      answer(async () => editionOf(await fetched(branch, architecture))),
    ),
    fixes: once((branch) => answer(() => readFixes(sources.security, branch, downloader))),
    base: once((branch) =>
      answer(async () => (await inRegistry(registry.headManifest(repository, branch, { signal })))?.digest),
    ),
    basePlatforms: once((branch) =>
      answer(async () => {
        const manifest = await inRegistry(registry.getManifest(repository, branch, { signal }));
        if (!manifest || !isIndexType(manifest.mediaType)) return [];
        const index = parseDocument(imageIndexSchema, manifest.bytes, `${repository}:${branch}`);
        return platformsOf(index.manifests);
      }),
    ),
  };
}

/**
 * What tells servers who we are: the mirror, and those of the catalog's own repositories that say so. Nobody else is
 * told.
 * @throws UserError where one wants it and HTTP_AUTH is not set, or has another form
 */
function authenticateFor({ sources, httpAuth, ownRepositories = [] }: UpstreamOptions) {
  const auth = parseHttpAuth(httpAuth);
  const asking = ownRepositories.filter((one) => one.auth);
  const [who] = [
    ...(sources.auth
      ? [`the catalog's sources say auth: true, but ${HTTP_AUTH} is not set: ${sources.packages}`]
      : []),
    ...asking.map(
      ({ name, url }) =>
        `the catalog's repository ${name} says auth: true, but ${HTTP_AUTH} is not set: ${url}`,
    ),
  ];
  if (who !== undefined && !auth) {
    throw new UserError(`${who} requires a login`, `set ${HTTP_AUTH_FORM} in the environment, as for apk`);
  }
  const origins = new Set(
    [sources.packages, ...asking.map(({ url }) => url)].map((url) => new URL(url).origin),
  );
  return (transport: Transport) =>
    [...origins].reduce((inner, origin) => withHttpAuth(inner, origin, auth), transport);
}

/** Alpine's repositories of a branch by way of the mirror, and the catalog's own. */
function placesOf(options: UpstreamOptions, branch: string, keys: Keys): IndexPlace[] {
  const { sources, repositories = () => REPOSITORIES, ownRepositories = [] } = options;
  const own = ownRepositoriesOf({ repositories: ownRepositories }, branch);
  return [
    ...repositories(branch).map((name) => {
      return { name, url: `${sources.packages}/v${branch}/${name}`, isAlpines: true, keys };
    }),
    ...own.map((one) => {
      const texts = Object.entries(one.keys).map(([name, content]) => [name, textOf(content)] as const);
      const ownKeys = texts.length > 0 ? keysOf(Object.fromEntries(texts)) : keys;
      return { name: one.name, url: one.url, isAlpines: false, keys: ownKeys };
    }),
  ];
}

/** None where the whole branch is missing. */
function missingIn(indexes: readonly FetchedIndex[]): string[] {
  const isThere = indexes.some(({ isAlpines, download }) => isAlpines && download);
  return isThere ? indexes.filter(({ download }) => download === undefined).map(({ name }) => name) : [];
}

function editionOf(indexes: readonly FetchedIndex[]): Edition {
  const hash = createHash("sha256");
  for (const { url, download, keys } of indexes) {
    for (const [name, key] of keys) hash.update(`${name} ${key.export({ type: "spki", format: "pem" })}`);
    hash.update(`${url} ${download?.sha256}\n`);
  }
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
        throw errorOfDocument(url, error);
      }
    }),
  );
  return mergeFixes(lists);
}
