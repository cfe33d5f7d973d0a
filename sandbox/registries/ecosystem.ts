/** What a language's own package registry is made of, and how its clients find it. */

/** A file of Debian's archive. Its digest is pinned, so it does not matter which mirror gives it. */
export interface DebianFile {
  /** Below the mirror, such as `pool/main/r/ruby-mustache/ruby-mustache_1.1.1-2_all.deb`. */
  readonly debian: string;
  /** In hexadecimal. */
  readonly sha256: string;
}

/** A package of the npm registry, as `npm pack` takes it: `ms@2`. */
export interface NpmSource {
  readonly npm: string;
}

export type Source = DebianFile | NpmSource;

/**
 * What a registry serves: path below its folder → content. A file whose path ends in `.template` is served
 * without that ending, with `{{origin}}` in it replaced by `http://HOST:PORT` of the server.
 */
export type Files = Readonly<Record<string, string | Buffer>>;

/** What an image is given so that clients in it use a registry. */
export interface ClientSettings {
  /** Environment variables. */
  readonly env?: Readonly<Record<string, string>>;
  /** Files: path below the root → text. */
  readonly files?: Readonly<Record<string, string>>;
}

/** One registry of one language. */
export interface Ecosystem<Name extends string = string> {
  /** Where it is served: below `/registries/`. */
  readonly folder: string;
  readonly sources: Readonly<Record<Name, Source>>;
  /** Makes what is served of the sources' bytes. The same sources make the same files. */
  publish(archives: Readonly<Record<Name, Buffer>>): Promise<Files>;
  /** @param url where the registry is served, without a slash at the end */
  client(url: string): ClientSettings;
}

/** Where registries are served, below the server's address. */
export const REGISTRIES_PATH = "/registries";

/** What a template's text has in place of the server's address. */
export const ORIGIN = "{{origin}}";

/** The address of a file in a registry, for use in a template. */
export function templateUrl(folder: string, path: string): string {
  return `${ORIGIN}${REGISTRIES_PATH}/${folder}/${path}`;
}
