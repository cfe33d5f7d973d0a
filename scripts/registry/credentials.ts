import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { homeDirectory } from "../system/environment.ts";
import { UserError } from "../system/errors.ts";
import { tryRun } from "../system/process/process.ts";
import { DOCKER_HUB, normalHost } from "./reference.ts";

/** How to prove to a registry who we are. */
export type Credentials =
  | { readonly username: string; readonly password: string }
  /** An OAuth 2 refresh token, as `docker login` keeps it for some registries. */
  | { readonly identityToken: string };

/** What was found for a registry, and where: errors name it. */
export interface FoundCredentials {
  /** Such as `auths in /root/.docker/config.json`. */
  readonly source: string;
  /** Absent: anonymous. */
  readonly credentials?: Credentials;
  /** What is for some repositories only, the best place first and in it the longest path. See `credentialsFor`. */
  readonly paths?: readonly PathCredentials[];
  /** Milliseconds since 1970 from which others are looked for, as these end soon. */
  readonly renewAt?: number;
}

/** Credentials for the repositories of one path: those named so, and all under it. */
export interface PathCredentials {
  /** `team-a` is for `team-a` and `team-a/node`, and not for `team-ab`. */
  readonly path: string;
  readonly source: string;
  readonly credentials: Credentials;
}

/**
 * Those for one repository: of the longest path that it lies under, else the host's; never another path's. Pure.
 * Source: containers-auth.json(5)
 */
export function credentialsFor(found: FoundCredentials, repository: string): FoundCredentials {
  const { paths = [], ...ofHost } = found;
  const own = paths.find(({ path }) => repository === path || repository.startsWith(`${path}/`));
  return own ? { source: own.source, credentials: own.credentials } : ofHost;
}

/** Finds the credentials for a registry (`HOST[:PORT]`). Asked again when the registry no longer takes them. */
export type CredentialLookup = (registry: string) => Promise<FoundCredentials>;

/** Docker's `config.json`, the part that concerns us (docker/cli, "docker login"). */
const configSchema = z.looseObject({
  auths: z
    .record(
      z.string(),
      z.looseObject({
        auth: z.string().exactOptional(),
        username: z.string().exactOptional(),
        password: z.string().exactOptional(),
        identitytoken: z.string().exactOptional(),
      }),
    )
    .default({}),
  credHelpers: z.record(z.string(), z.string()).default({}),
  credsStore: z.string().exactOptional(),
});

type DockerConfig = z.infer<typeof configSchema>;

/** What a credential helper prints (docker/docker-credential-helpers, README). */
const helperAnswerSchema = z.looseObject({ Username: z.string(), Secret: z.string() });

/** Helpers give this user name with a refresh token instead of a password. */
const TOKEN_USER = "<token>";

/** The key that Docker keeps Docker Hub's credentials under. */
export const DOCKER_HUB_KEY = "https://index.docker.io/v1/";

export interface DockerCredentialOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Runs a credential helper. */
  readonly run?: typeof tryRun;
}

/** Somewhere that credentials may be kept, in the form of Docker's `config.json`. */
interface Place {
  /** A path, or a variable of the environment. */
  readonly name: string;
  /** Its text; undefined where there is none. */
  read(): Promise<string | undefined>;
}

/**
 * Looks where CI systems, Docker and podman keep credentials, in this order; the first that has some for the registry
 * counts. In each a helper named for the registry comes first, then the general credentials store, then what is
 * written there.
 *
 * - `DOCKER_AUTH_CONFIG`, the text of a `config.json` (GitLab's runners, docker/cli 28);
 * - `REGISTRY_AUTH_FILE`, a path (containers-auth.json(5));
 * - `$DOCKER_CONFIG/config.json`, or `~/.docker/config.json`, where `docker login` writes;
 * - `$XDG_RUNTIME_DIR/containers/auth.json`, where `podman login` and `buildah login` write.
 *
 * @throws UserError (from the lookup) when a file or a helper's answer cannot be understood
 */
export function dockerCredentials(options: DockerCredentialOptions = {}): CredentialLookup {
  const { env = process.env, run = tryRun } = options;
  const places = placesIn(env);
  return async (registry) => {
    const paths: PathCredentials[] = [];
    for (const place of places) {
      const config = await readConfig(place);
      if (!config) continue;
      paths.push(...(await pathsIn(config, place, registry, run)));
      const found = await lookIn(config, place, registry, run);
      // Of what is for all of the registry the first counts, and what lies in later places is not come to.
      if (found) return withPaths(found, paths);
    }
    const source = `none for ${registry} in ${places.map(({ name }) => name).join(", ")}, so anonymous`;
    return withPaths({ source }, paths);
  };
}

function withPaths(found: FoundCredentials, paths: readonly PathCredentials[]): FoundCredentials {
  return paths.length === 0 ? found : { ...found, paths };
}

function placesIn(env: Readonly<Record<string, string | undefined>>): Place[] {
  const { DOCKER_AUTH_CONFIG, REGISTRY_AUTH_FILE, DOCKER_CONFIG, XDG_RUNTIME_DIR } = env;
  const home = homeDirectory(env);
  const docker = DOCKER_CONFIG || (home && join(home, ".docker"));
  const file = (name: string): Place => ({ name, read: () => readIfThere(name) });
  return [
    ...(DOCKER_AUTH_CONFIG
      ? [{ name: "the variable DOCKER_AUTH_CONFIG", read: async () => DOCKER_AUTH_CONFIG }]
      : []),
    ...(REGISTRY_AUTH_FILE ? [file(REGISTRY_AUTH_FILE)] : []),
    ...(docker ? [file(join(docker, "config.json"))] : []),
    ...(XDG_RUNTIME_DIR ? [file(join(XDG_RUNTIME_DIR, "containers/auth.json"))] : []),
  ];
}

/** What a configuration has for the whole of a registry. */
async function lookIn(
  config: DockerConfig,
  place: Place,
  registry: string,
  run: typeof tryRun,
): Promise<FoundCredentials | undefined> {
  const key = registry === DOCKER_HUB ? DOCKER_HUB_KEY : registry;
  const ownHelper = Object.entries(config.credHelpers).find(([name]) => isOf(name, registry, ""))?.[1];
  const helper = ownHelper ?? config.credsStore;
  const fromHelper = helper ? await askHelper(helper, key, place.name, run) : undefined;
  if (fromHelper) return { credentials: fromHelper, source: `docker-credential-${helper}` };
  for (const [name, entry] of Object.entries(config.auths)) {
    const credentials = isOf(name, registry, "") ? storedIn(entry, registry, place.name) : undefined;
    if (credentials) return { credentials, source: `auths in ${place.name}` };
  }
  return undefined;
}

/** What a configuration has for some paths of a registry, the longest first. */
async function pathsIn(
  config: DockerConfig,
  place: Place,
  registry: string,
  run: typeof tryRun,
): Promise<PathCredentials[]> {
  const found: PathCredentials[] = [];
  for (const [name, helper] of Object.entries(config.credHelpers)) {
    const { path } = keyOf(name);
    if (path === "" || !isOf(name, registry, path)) continue;
    const credentials = await askHelper(helper, name, place.name, run);
    if (credentials) found.push({ path, credentials, source: `docker-credential-${helper} for ${name}` });
  }
  for (const [name, entry] of Object.entries(config.auths)) {
    const { path } = keyOf(name);
    if (path === "" || !isOf(name, registry, path)) continue;
    const credentials = storedIn(entry, name, place.name);
    if (credentials) found.push({ path, credentials, source: `auths of ${name} in ${place.name}` });
  }
  return found.sort((one, other) => other.path.length - one.path.length);
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

async function readConfig({ name, read }: Place): Promise<DockerConfig | undefined> {
  const text = await read();
  if (text === undefined) return undefined;
  try {
    return configSchema.parse(JSON.parse(text));
  } catch (error) {
    // The parser's own words may quote the text, and with it a password: they stay out of the message.
    const what = error instanceof z.ZodError ? "not as Docker writes it" : "not JSON";
    throw new UserError(`${name} is ${what}`, "mend it, or name another directory with DOCKER_CONFIG");
  }
}

/** What a helper says of its failure; an answer that it gave even so is a secret. */
function withoutAnswer(output: string): string {
  return output.replace(/\{[^{}]*\}?/g, "").trim();
}

async function askHelper(
  helper: string,
  key: string,
  file: string,
  run: typeof tryRun,
): Promise<Credentials | undefined> {
  const command = `docker-credential-${helper}`;
  const { exitCode, stdout, output } = await run([command, "get"], { input: key });
  if (exitCode !== 0) {
    // "credentials not found in native keychain" is how every helper says that it has none.
    if (/not found in native keychain/i.test(output)) return undefined;
    throw new UserError(
      `${command} gave no credentials for ${key}: ${withoutAnswer(output)}`,
      `${file} names this helper: install it, or take it out`,
    );
  }
  const answer = helperAnswerSchema.safeParse(tryJson(stdout));
  if (!answer.success) throw new UserError(`${command} did not answer with a Username and a Secret`);
  const { Username: username, Secret: secret } = answer.data;
  return username === TOKEN_USER ? { identityToken: secret } : { username, password: secret };
}

function storedIn(entry: DockerConfig["auths"][string], key: string, file: string): Credentials | undefined {
  if (entry.identitytoken) return { identityToken: entry.identitytoken };
  if (entry.username !== undefined && entry.password !== undefined) {
    return { username: entry.username, password: entry.password };
  }
  if (!entry.auth) return undefined;
  const decoded = Buffer.from(entry.auth, "base64").toString("utf8");
  const colon = decoded.indexOf(":");
  if (colon < 1)
    throw new UserError(`${file}: the auth of ${key} is not USER:PASSWORD in base64`, "log in again");
  return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}

function isOf(name: string, registry: string, path: string): boolean {
  const key = keyOf(name);
  return key.host === keyOf(registry).host && key.path === path;
}

/**
 * What a key of `auths` is for: a host, or some path of one. Of old it is a URL such as `https://registry.example/v1/`,
 * whose path is the version of an interface and names no repositories. Source: docker/cli, "docker login";
 * containers-auth.json(5)
 */
function keyOf(name: string): { readonly host: string; readonly path: string } {
  const [host = "", ...parts] = name
    .trim()
    .replace(/^https?:\/\//i, "")
    .split("/");
  const path = parts.filter((part) => part !== "").join("/");
  return { host: normalHost(host), path: INTERFACES.has(path) ? "" : path };
}

const INTERFACES = new Set(["v1", "v2"]);

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
