import { isDigest } from "../formats/oci/digest.ts";
import { UserError } from "../system/errors.ts";

/** Names an image in a registry: at least a repository; a tag, a digest, both or neither. */
export interface ImageReference {
  /** `HOST[:PORT]`, in lower case; Docker Hub is always `docker.io`. */
  readonly registry: string;
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

/** Where a catalog's images are published: an image `node` goes to the repository `PATH/node`. */
export interface Namespace {
  readonly registry: string;
  /** Without slashes at its ends; empty when images go to the root of the registry. */
  readonly path: string;
}

/** How Docker Hub is called here, whatever it is called by others. */
export const DOCKER_HUB = "docker.io";
const DOCKER_HUB_ALIASES = new Set(["docker.io", "index.docker.io", "registry-1.docker.io"]);

/** Distribution specification 1.1, "Pulling manifests": the grammar of `<name>` and of a tag. */
const REPOSITORY = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

/** Whether the text may be a tag. */
export function isTag(text: string): boolean {
  return TAG.test(text);
}

/** Host names, IPv4 addresses, and IPv6 addresses in brackets; with or without a port. */
const REGISTRY =
  /^(?:\[[0-9a-f:]+\]|[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*)(?::\d{1,5})?$/;

/**
 * Reads `HOST[:PORT]/REPOSITORY[:TAG][@DIGEST]` as Docker does: without a host it is Docker Hub, and there a
 * name without a slash is one of the official images (`alpine` is `docker.io/library/alpine`).
 * @throws UserError when the text is not of this form
 */
export function parseReference(text: string): ImageReference {
  const [named = "", digest, ...more] = text.split("@");
  const colon = named.lastIndexOf(":");
  const hasTag = colon > named.lastIndexOf("/");
  const name = hasTag ? named.slice(0, colon) : named;
  const tag = hasTag ? named.slice(colon + 1) : undefined;
  const { registry, path } = splitHost(name);
  const repository = registry === DOCKER_HUB && !path.includes("/") ? `library/${path}` : path;

  const expected =
    "expected HOST[:PORT]/REPOSITORY[:TAG][@sha256:DIGEST], such as registry.example/base/node:22";
  const refuse = (why: string): never => {
    throw new UserError(`not an image reference: ${JSON.stringify(text)}: ${why}`, expected);
  };
  if (!REGISTRY.test(registry)) refuse(`${JSON.stringify(registry)} is not a registry's host`);
  if (!isRepository(repository)) refuse(`${JSON.stringify(path)} is not a repository: ${REPOSITORY_RULE}`);
  if (tag !== undefined && !isTag(tag)) refuse(`${JSON.stringify(tag)} is not a tag`);
  if (more.length > 0 || (digest !== undefined && !isDigest(digest)))
    refuse("what follows @ is not a sha256 digest");
  return { registry, repository, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) };
}

/** The reference as text, complete: what `docker pull` takes. */
export function formatReference(reference: ImageReference): string {
  const tag = reference.tag === undefined ? "" : `:${reference.tag}`;
  const digest = reference.digest === undefined ? "" : `@${reference.digest}`;
  return `${reference.registry}/${reference.repository}${tag}${digest}`;
}

/**
 * Reads `HOST[:PORT]/NAMESPACE`, or `HOST[:PORT]` alone. Unlike in a reference the host must be written: a
 * forgotten one must not send a company's images to Docker Hub.
 * @throws UserError when the text is not of this form
 */
export function parseNamespace(text: string): Namespace {
  const trimmed = text.replace(/(?<!\/)\/+$/, "");
  const refuse = (why: string, hint: string): never => {
    throw new UserError(`not a registry: ${JSON.stringify(text)}: ${why}`, hint);
  };
  const expected = "expected HOST[:PORT]/NAMESPACE, such as registry.example/base or 127.0.0.1:5000/base";
  if (/^[a-z]+:\/\//i.test(trimmed)) refuse("it is written without http:// or https://", expected);
  const [host = "", ...rest] = trimmed.split("/");
  if (!looksLikeHost(host))
    refuse("the host is missing", `write docker.io/${trimmed} if Docker Hub is meant`);
  const registry = normalHost(host);
  const path = rest.join("/");
  if (!REGISTRY.test(registry)) refuse(`${JSON.stringify(host)} is not a host`, expected);
  if (path !== "" && !isRepository(path))
    refuse(`${JSON.stringify(path)} is not a namespace: ${REPOSITORY_RULE}`, expected);
  if (path === "" && registry === DOCKER_HUB)
    refuse("Docker Hub needs a namespace", "expected docker.io/NAMESPACE");
  return { registry, path };
}

/** The repository of an image in a namespace. */
export function repositoryIn(namespace: Namespace, image: string): string {
  return namespace.path === "" ? image : `${namespace.path}/${image}`;
}

/**
 * The root of the registry's HTTP interface. Plain HTTP is for loopback only, where nobody listens in.
 */
export function registryUrl(registry: string): URL {
  if (registry === DOCKER_HUB) return new URL("https://registry-1.docker.io");
  const url = new URL(`https://${registry}`);
  return isLoopback(url) ? new URL(`http://${registry}`) : url;
}

/** Whether a URL leads to this machine only: 127.0.0.0/8, `localhost` or `::1`. */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

const REPOSITORY_RULE = "lower-case letters, digits, and . _ - / between them";

function isRepository(text: string): boolean {
  return text.length <= 255 && REPOSITORY.test(text);
}

/** Docker's rule: the first part is a host when nothing else could look like it. */
function looksLikeHost(part: string): boolean {
  return part === "localhost" || /[.:]/.test(part);
}

function splitHost(name: string): { registry: string; path: string } {
  const slash = name.indexOf("/");
  const first = name.slice(0, Math.max(slash, 0));
  if (!looksLikeHost(first)) return { registry: DOCKER_HUB, path: name };
  return { registry: normalHost(first), path: name.slice(slash + 1) };
}

/** A host in lower case; Docker Hub by its one name. */
export function normalHost(host: string): string {
  const lower = host.toLowerCase();
  return DOCKER_HUB_ALIASES.has(lower) ? DOCKER_HUB : lower;
}
