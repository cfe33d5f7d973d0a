import { UserError } from "../system/errors.ts";

/** Where a catalog's images are published: an image `node` goes to the repository `PATH/node`. */
export interface Namespace {
  readonly registry: string;
  /** Without slashes at its ends; empty when images go to the root of the registry. */
  readonly path: string;
}

/** How Docker Hub is called here, whatever it is called by others. */
export const DOCKER_HUB = "docker.io";
const DOCKER_HUB_ALIASES = new Set(["index.docker.io", "registry-1.docker.io"]);

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
 * Reads `HOST[:PORT]/REPOSITORY` as Docker does: without a host it is Docker Hub, and there a name without a slash is
 * one of the official images (`alpine` is `docker.io/library/alpine`).
 * @returns the registry as `HOST[:PORT]`, in lower case; Docker Hub is always `docker.io`
 * @throws UserError when the text is not of this form
 */
export function parseRepository(text: string): { registry: string; repository: string } {
  const [first = "", ...rest] = text.split("/");
  const hasHost = rest.length > 0 && looksLikeHost(first);
  const registry = hasHost ? normalHost(first) : DOCKER_HUB;
  const path = hasHost ? rest.join("/") : text;
  const repository = registry === DOCKER_HUB && !path.includes("/") ? `library/${path}` : path;
  const refuse = (why: string): never => {
    const expected = "expected HOST[:PORT]/REPOSITORY, such as docker.io/library/alpine";
    throw new UserError(`not an image reference: ${JSON.stringify(text)}: ${why}`, expected);
  };
  if (!REGISTRY.test(registry)) refuse(`${JSON.stringify(registry)} is not a registry's host`);
  if (!isRepository(repository)) refuse(`${JSON.stringify(path)} is not a repository: ${REPOSITORY_RULE}`);
  return { registry, repository };
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

/** The root of the registry's HTTP interface. Plain HTTP is for loopback only, where nobody listens in. */
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

/** A host in lower case; Docker Hub by its one name. */
export function normalHost(host: string): string {
  const lower = host.toLowerCase();
  return DOCKER_HUB_ALIASES.has(lower) ? DOCKER_HUB : lower;
}
