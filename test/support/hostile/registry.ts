import { createHash } from "node:crypto";
import { type Answer, type Case, HostileServer, type Reply, type SeenRequest } from "./server.ts";

export interface RegistryWorld {
  /** Another server, for those that send there. */
  elsewhere?: string;
  /** Where tokens come from, for those that want one. */
  realm?: string;
  /** What `Authorization` must be, where it wants any. */
  authorization?: string;
  /** Of whatever is kept: set by the registry itself. */
  readonly store: Store;
}

/** What a registry keeps. */
interface Store {
  /** By `REPOSITORY@DIGEST`. */
  readonly blobs: Map<string, Buffer>;
  /** By `REPOSITORY@DIGEST` and `REPOSITORY:TAG`. */
  readonly manifests: Map<string, { readonly bytes: Buffer; readonly type: string }>;
}

const isManifest = ({ url }: SeenRequest) => url.includes("/manifests/");
const isReferrers = ({ url }: SeenRequest) => url.includes("/referrers/");
const isMount = ({ url }: SeenRequest) => url.includes("mount=");
const isUploadStart = ({ method, url }: SeenRequest) => method === "POST" && url.includes("/blobs/uploads/");
const isList = ({ url }: SeenRequest) => url.includes("/tags/list") || url.includes("/referrers/");
const bearer = (realm: string | undefined) => ({ "www-authenticate": `Bearer realm="${realm}",service="x"` });
const refusal = (code: string, message: string) => JSON.stringify({ errors: [{ code, message }] });

/** What a registry does that it should not, or that Distribution does not. One line for each report. */
const CASES = {
  /** It wants a password, by Basic. */
  "wants-password": ({ headers }, { authorization }) =>
    headers.authorization === authorization
      ? undefined
      : { status: 401, headers: { "www-authenticate": 'Basic realm="registry"' } },
  /** It wants a token, from where `realm` says. */
  "wants-token": ({ headers }, { authorization, realm }) =>
    headers.authorization === authorization ? undefined : { status: 401, headers: bearer(realm) },
  /** CVE-2020-15157: manifests and blobs are at another server, with whatever that one answers. */
  "sends-elsewhere": ({ method, url }, { elsewhere }) =>
    /^(GET|HEAD)$/.test(method) && /\/(manifests|blobs)\//.test(url)
      ? { status: 307, headers: { location: `${elsewhere}${url}` } }
      : undefined,
  /** The same of whatever is asked for, such as a token. */
  "sends-all-elsewhere": ({ url }, { elsewhere }) => ({
    status: 307,
    headers: { location: `${elsewhere}${url}` },
  }),
  /** What that other server answers: it asks for a token from where `realm` says. */
  "asks-for-token": (_, { realm }) => ({ status: 401, headers: bearer(realm) }),
  /** And a third: it gives a token to everybody. */
  "gives-tokens": () => ({ status: 200, body: '{"token":"stolen","access_token":"stolen"}' }),
  /** distribution#996: behind a proxy that ends TLS, its own address is `http://`, or wherever `elsewhere` is. */
  "uploads-elsewhere": (request, { elsewhere }) =>
    isUploadStart(request) ? { status: 202, headers: { location: `${elsewhere}/upload/1` } } : undefined,
  /** The next page is this one. */
  "same-page": (request) => (isList(request) ? pageOf(request, `<${request.url}>; rel="next"`) : undefined),
  /** The next page is at another server. */
  "page-elsewhere": (request, { elsewhere }) =>
    isList(request) ? pageOf(request, `<${elsewhere}${request.url}>; rel="next"`) : undefined,
  /** A header made to keep regular expressions busy. */
  "link-of-angles": (request) => (isList(request) ? pageOf(request, "<".repeat(8_000)) : undefined),
  /** And another, in what asks for a password. */
  "challenge-of-quotes": () => ({
    status: 401,
    headers: { "www-authenticate": `a="${'\\"'.repeat(3_500)}` },
  }),
  /** A page made to keep regular expressions busy. */
  "page-of-angles": () => ({ status: 403, body: "<".repeat(1_000_000) }),
  /** A byte every five seconds, of all but `/v2/`. */
  drips: ({ url }) => (url === "/v2/" ? undefined : { status: 200, body: "x".repeat(1000), drip: 5_000 }),
  /** A byte every 20 ms, for tests of a short limit. */
  trickles: ({ url }) => (url === "/v2/" ? undefined : { status: 200, body: "x", drip: 20, endless: true }),
  /** Blobs without an end. */
  "endless-blobs": ({ method, url }) =>
    method === "GET" && url.includes("/blobs/")
      ? { status: 200, body: Buffer.alloc(65_536), endless: true }
      : undefined,
  /** It takes requests, and says nothing. */
  hangs: () => "hang",
  /** The same, of all that is read but `/v2/`. */
  "hangs-on-reads": ({ method, url }) => (/^(GET|HEAD)$/.test(method) && url !== "/v2/" ? "hang" : undefined),
  /** It breaks each connection. */
  breaks: () => "break",
  /** Busy, for a second. */
  busy: () => ({ status: 429, headers: { "retry-after": "1" } }),
  /** oras-go#1396: GitLab answers a tag of the referrers' scheme with the manifest that it is about. */
  "tag-is-digest": (request, { store }) => {
    const [, repository, hex] = /^\/v2\/(.+)\/manifests\/sha256-([0-9a-f]{64})$/.exec(request.url) ?? [];
    return hex ? found(store.manifests.get(`${repository}@sha256:${hex}`)) : undefined;
  },
  /** go-containerregistry#1962: no referrers. */
  "no-referrers-405": (request) => (isReferrers(request) ? { status: 405 } : undefined),
  /** harbor#18305: the same, otherwise. */
  "no-referrers-406": (request) => (isReferrers(request) ? { status: 406 } : undefined),
  /** kaniko#1013: nothing can be mounted. */
  "no-mount-404": (request) => (isMount(request) ? { status: 404 } : undefined),
  /** oras#1892: the same, otherwise. */
  "no-mount-405": (request) => (isMount(request) ? { status: 405 } : undefined),
  /** retagger#353: what is not there may not be read either, until it is written. */
  "denies-what-is-absent": (request, { store }) => {
    const [, repository] = /^\/v2\/(.+)\/(?:manifests|blobs|tags|referrers)\//.exec(request.url) ?? [];
    const isThere = [...store.manifests.keys()].some((key) => key.startsWith(`${repository}@`));
    return /^(GET|HEAD)$/.test(request.method) && !isThere
      ? { status: 403, body: refusal("DENIED", "requested access to the resource is denied") }
      : undefined;
  },
  /** acorn#951: an index of indexes is refused. */
  "no-nested-index": (request) =>
    request.method === "PUT" && isManifest(request) && namesIndexes(request.body)
      ? { status: 400, body: refusal("MANIFEST_INVALID", "manifest invalid") }
      : undefined,
  /** skopeo#1880: nothing is deleted. */
  "no-delete": ({ method }) => (method === "DELETE" ? { status: 405 } : undefined),
} satisfies Record<string, Case<RegistryWorld>>;

export type RegistryCase = keyof typeof CASES;

/** A registry in memory. It is like Distribution 3: with referrers, and without deleting tags. */
export class HostileRegistry extends HostileServer<RegistryCase, RegistryWorld> {
  constructor(world: Omit<RegistryWorld, "store"> = {}) {
    super(CASES, { ...world, store: { blobs: new Map(), manifests: new Map() } }, usual);
  }
}

/** @returns what is said to everybody who asks for a list */
function pageOf(request: SeenRequest, link: string): Answer {
  if (!isReferrers(request)) {
    return { status: 200, headers: { link, "content-type": "application/json" }, body: '{"tags":["1"]}' };
  }
  const type = "application/vnd.oci.image.index.v1+json";
  const body = JSON.stringify({ schemaVersion: 2, mediaType: type, manifests: [] });
  return { status: 200, headers: { link, "content-type": type }, body };
}

function namesIndexes(body: Buffer): boolean {
  const { manifests = [] } = JSON.parse(body.toString()) as { manifests?: { mediaType: string }[] };
  return manifests.some(({ mediaType }) => mediaType.includes("index"));
}

function usual(request: SeenRequest, { store }: RegistryWorld): Reply {
  const url = new URL(request.url, "http://registry");
  if (url.pathname === "/v2/") {
    return { status: 200, headers: { "docker-distribution-api-version": "registry/2.0" }, body: "{}" };
  }
  const [, repository = "", kind = "", name = ""] =
    /^\/v2\/(.+)\/(manifests|blobs\/uploads|blobs|tags|referrers)\/(.*)$/.exec(url.pathname) ?? [];
  switch (kind) {
    case "manifests":
      return manifest(request, repository, name, store);
    case "blobs": {
      const bytes = store.blobs.get(`${repository}@${name}`);
      return found(bytes && { bytes, type: "application/octet-stream" });
    }
    case "blobs/uploads":
      return upload(request, url, repository, store);
    case "tags":
      return tags(repository, store);
    case "referrers":
      return referrers(repository, name, store);
    default:
      return { status: 404 };
  }
}

function manifest(
  { method, headers, body }: SeenRequest,
  repository: string,
  name: string,
  store: Store,
): Reply {
  const key = `${repository}${name.includes(":") ? "@" : ":"}${name}`;
  const { manifests } = store;
  if (method === "DELETE") return { status: manifests.delete(key) ? 202 : 404 };
  if (method !== "PUT") return found(manifests.get(key));
  const kept = { bytes: body, type: headers["content-type"] ?? "" };
  manifests.set(key, kept);
  manifests.set(`${repository}@${digestOf(body)}`, kept);
  return { status: 201, headers: { "docker-content-digest": digestOf(body) } };
}

function upload({ method, body }: SeenRequest, url: URL, repository: string, { blobs }: Store): Reply {
  const mounted = blobs.get(`${url.searchParams.get("from")}@${url.searchParams.get("mount")}`);
  if (method === "DELETE") return { status: 204 };
  if (method === "POST" && mounted) {
    blobs.set(`${repository}@${digestOf(mounted)}`, mounted);
    return { status: 201 };
  }
  if (method === "POST") return { status: 202, headers: { location: `${url.pathname}1` } };
  const digest = url.searchParams.get("digest");
  if (digest !== digestOf(body)) return { status: 400, body: refusal("DIGEST_INVALID", "digest differs") };
  blobs.set(`${repository}@${digest}`, body);
  return { status: 201, headers: { "docker-content-digest": digest } };
}

function tags(repository: string, { manifests }: Store): Reply {
  const prefix = `${repository}:`;
  const names = [...manifests.keys()]
    .filter((key) => key.startsWith(prefix))
    .map((key) => key.slice(prefix.length));
  if (![...manifests.keys()].some((key) => key.startsWith(`${repository}@`))) return { status: 404 };
  return { status: 200, body: JSON.stringify({ name: repository, tags: names.sort() }) };
}

function referrers(repository: string, digest: string, { manifests }: Store): Reply {
  const about = [...manifests].flatMap(([key, { bytes, type }]) => {
    const { subject, artifactType, annotations } = JSON.parse(bytes.toString());
    if (!key.startsWith(`${repository}@`) || subject?.digest !== digest) return [];
    return [{ mediaType: type, digest: digestOf(bytes), size: bytes.length, artifactType, annotations }];
  });
  const type = "application/vnd.oci.image.index.v1+json";
  const body = JSON.stringify({ schemaVersion: 2, mediaType: type, manifests: about });
  return { status: 200, headers: { "content-type": type }, body };
}

function found(kept: { bytes: Buffer; type: string } | undefined): Answer {
  if (!kept) return { status: 404, body: refusal("MANIFEST_UNKNOWN", "not here") };
  const { bytes, type } = kept;
  const headers = {
    "content-type": type,
    "content-length": String(bytes.length),
    "docker-content-digest": digestOf(bytes),
  };
  return { status: 200, headers, body: bytes };
}

function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
