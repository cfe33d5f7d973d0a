import { readFileSync, statSync } from "node:fs";
import { join, normalize } from "node:path";
import { type Case, HostileServer, type Reply, type SeenRequest } from "./server.ts";

export interface MirrorWorld {
  /** Directory of what it serves. */
  root?: string;
  /** Or what it serves, by path, such as `/v3.22/main/x86_64/APKINDEX.tar.gz`. */
  files?: ReadonlyMap<string, Uint8Array>;
  /** Another server, for those that send there. */
  elsewhere?: string;
  /** What `Authorization` must be, where it wants any. */
  authorization?: string;
}

/** What a mirror does that it should not. One line for each report. */
const CASES = {
  /** A byte every five seconds. */
  drips: () => ({ status: 200, body: "x".repeat(1000), drip: 5_000 }),
  /** A byte every 20 ms, for tests of a short limit. */
  trickles: () => ({ status: 200, body: "x", drip: 20, endless: true }),
  /** It sends for ever. */
  endless: () => ({ status: 200, body: Buffer.alloc(65_536), endless: true }),
  /** It takes requests, and says nothing. */
  hangs: () => "hang",
  /** It breaks each connection. */
  breaks: () => "break",
  /** It sends everybody to another server. */
  "sends-elsewhere": ({ url }, { elsewhere }) => ({
    status: 302,
    headers: { location: `${elsewhere}${url}` },
  }),
  /** It sends everybody back to where they are. */
  "sends-in-circles": ({ url }) => ({ status: 302, headers: { location: url } }),
  /** A page made to keep regular expressions busy. */
  "page-of-angles": () => ({ status: 403, body: "<".repeat(1_000_000) }),
  /** The medium that Alpine is installed from has `main`, and no `community`. */
  "no-community": ({ url }) => (url.includes("/community/") ? { status: 404 } : undefined),
  /** It wants a password (apko#1234). */
  "wants-login": ({ headers }, { authorization }) =>
    headers.authorization === authorization
      ? undefined
      : { status: 401, headers: { "www-authenticate": 'Basic realm="mirror"' } },
  /** It is busy, and says until when. */
  busy: () => ({ status: 429, headers: { "retry-after": "1" } }),
} satisfies Record<string, Case<MirrorWorld>>;

export type MirrorCase = keyof typeof CASES;

/** A package mirror on loopback. */
export class HostileMirror extends HostileServer<MirrorCase, MirrorWorld> {
  constructor(world: MirrorWorld = {}) {
    super(CASES, world, usual);
  }
}

function usual({ url }: SeenRequest, { root, files }: MirrorWorld): Reply {
  const { pathname } = new URL(url, "http://mirror");
  const known = files?.get(pathname);
  if (known) return { status: 200, body: known };
  const path = root === undefined ? undefined : join(root, normalize(decodeURIComponent(pathname)));
  if (path === undefined || !statSync(path, { throwIfNoEntry: false })?.isFile()) return { status: 404 };
  return { status: 200, body: readFileSync(path) };
}
