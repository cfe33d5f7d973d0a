import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { homeDirectory } from "../system/environment.ts";
import { UserError } from "../system/errors.ts";
import { tryJson } from "../system/json.ts";
import { tryRun } from "../system/process/process.ts";
import { rememberLogin, rememberSecret } from "../system/shown/secrets.ts";
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
  /** What is for some repositories only, the best file first and in it the longest path. See `credentialsFor`. */
  readonly paths?: readonly PathCredentials[];
  /** Milliseconds since 1970 from which others are looked for, as these end soon. */
  readonly renewAt?: number;
}

/** Credentials for the repositories of one path: the one of that name, and all under it. */
interface PathCredentials {
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

type Environment = Readonly<Record<string, string | undefined>>;

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
 * @param run runs a credential helper
 * @throws UserError (from the lookup) when a file or a helper's answer cannot be understood
 */
export function dockerCredentials(env: Environment = process.env, run = tryRun): CredentialLookup {
  const files = loginFilesIn(env);
  return async (registry) => {
    const paths: PathCredentials[] = [];
    let ofHost: FoundCredentials | undefined;
    for (const file of files) {
      const inFile: PathCredentials[] = [];
      for (const { path, source, credentials: ask } of await loginsIn(file, registry, run)) {
        const credentials = path === "" && ofHost ? undefined : await ask();
        if (!credentials) continue;
        if (path === "") ofHost = { source, credentials };
        else inFile.push({ path, source, credentials });
      }
      paths.push(...inFile.sort((one, other) => other.path.length - one.path.length));
      // What is for all of the registry counts from the first file that has it: later files are not read.
      if (ofHost) break;
    }
    const source = `none for ${registry} in ${files.map(({ name }) => name).join(", ")}, so anonymous`;
    return { ...(ofHost ?? { source }), ...(paths.length > 0 && { paths }) };
  };
}

/** The same lookup; what it finds is kept out of all output. */
export function remembering(lookup: CredentialLookup): CredentialLookup {
  return async (registry) => {
    const found = await lookup(registry);
    for (const { credentials } of [found, ...(found.paths ?? [])]) {
      if (!credentials) continue;
      if ("identityToken" in credentials) rememberSecret(credentials.identityToken);
      else rememberLogin(credentials.username, credentials.password);
    }
    return found;
  };
}

/** Somewhere that credentials may be kept, in the form of Docker's `config.json`. */
interface LoginFile {
  /** A path, or a variable of the environment. */
  readonly name: string;
  /** Of the variable. */
  readonly text?: string;
}

function loginFilesIn(env: Environment): LoginFile[] {
  const { DOCKER_AUTH_CONFIG, REGISTRY_AUTH_FILE, DOCKER_CONFIG, XDG_RUNTIME_DIR } = env;
  const home = homeDirectory(env);
  const docker = DOCKER_CONFIG || (home && join(home, ".docker"));
  const paths = [
    REGISTRY_AUTH_FILE,
    docker && join(docker, "config.json"),
    XDG_RUNTIME_DIR && join(XDG_RUNTIME_DIR, "containers/auth.json"),
  ];
  const files = paths.flatMap((path) => (path ? [{ name: path }] : []));
  if (!DOCKER_AUTH_CONFIG) return files;
  return [{ name: "the variable DOCKER_AUTH_CONFIG", text: DOCKER_AUTH_CONFIG }, ...files];
}

const word = z.string().exactOptional();
const authSchema = z.looseObject({ auth: word, username: word, password: word, identitytoken: word });

/** Docker's `config.json`, the part that concerns us (docker/cli, "docker login"). */
const configSchema = z.looseObject({
  auths: z.record(z.string(), authSchema).default({}),
  credHelpers: z.record(z.string(), z.string()).default({}),
  credsStore: word,
});

/** What a credential helper prints (docker/docker-credential-helpers, README). */
const helperAnswerSchema = z.looseObject({ Username: z.string(), Secret: z.string() });

/** Helpers give this user name with a refresh token instead of a password. */
const TOKEN_USER = "<token>";

/** The key that Docker keeps Docker Hub's credentials under. */
export const DOCKER_HUB_KEY = "https://index.docker.io/v1/";

/** Something that a file has for a registry. */
interface Login {
  /** Of the repositories that it is for; empty for all of the registry. */
  readonly path: string;
  readonly source: string;
  /** Undefined where there is nothing after all. @throws UserError where what is there cannot be understood */
  credentials(): Promise<Credentials | undefined>;
}

/** What a file has for a registry: of its helpers first, then what is written there. */
async function loginsIn(file: LoginFile, registry: string, run: typeof tryRun): Promise<Login[]> {
  const config = await readConfig(file);
  if (!config) return [];
  const ask = (helper: string, { path, name }: { path: string; name: string }): Login => {
    const key = path === "" && registry === DOCKER_HUB ? DOCKER_HUB_KEY : name;
    const source = `docker-credential-${helper}${path === "" ? "" : ` for ${name}`}`;
    return { path, source, credentials: () => askHelper(helper, key, file.name, run) };
  };
  const helpers = entriesFor(registry, config.credHelpers).map(({ entry, ...of }) => ask(entry, of));
  // The general store is for what no helper is named for.
  const hasOwn = helpers.some(({ path }) => path === "");
  const store = config.credsStore && !hasOwn ? [ask(config.credsStore, { path: "", name: registry })] : [];
  const written = entriesFor(registry, config.auths).map(({ path, name, entry }) => ({
    path,
    source: path === "" ? `auths in ${file.name}` : `auths of ${name} in ${file.name}`,
    credentials: async () => storedIn(entry, name, file.name),
  }));
  return [...helpers, ...store, ...written];
}

/**
 * The entries that are for a registry, or some path of it. Old keys are URLs such as `https://registry.example/v1/`,
 * whose path is the version of an interface and names no repositories. Source: docker/cli, "docker login";
 * containers-auth.json(5)
 */
function entriesFor<T>(registry: string, entries: Readonly<Record<string, T>>) {
  return Object.entries(entries).flatMap(([key, entry]) => {
    const [host = "", ...parts] = key
      .trim()
      .replace(/^https?:\/\//i, "")
      .split("/");
    if (normalHost(host) !== normalHost(registry)) return [];
    const path = parts.filter((part) => part !== "").join("/");
    const isForAll = path === "" || INTERFACES.has(path);
    return [isForAll ? { path: "", name: registry, entry } : { path, name: key, entry }];
  });
}

const INTERFACES = new Set(["v1", "v2"]);

async function readConfig({ name, text }: LoginFile): Promise<z.infer<typeof configSchema> | undefined> {
  const reading = text ?? readFile(name, "utf8");
  const content = await Promise.resolve(reading).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (content === undefined) return undefined;
  try {
    return configSchema.parse(JSON.parse(content));
  } catch (error) {
    // The parser's own words may quote the text, and with it a password: they stay out of the message.
    const what = error instanceof z.ZodError ? "not as Docker writes it" : "not JSON";
    throw new UserError(`${name} is ${what}`, "repair it, or name another directory with DOCKER_CONFIG");
  }
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
    // What it prints when it fails, without JSON: that would be a secret.
    const said = output.replace(/\{[^{}]*\}?/g, "").trim();
    throw new UserError(
      `${command} gave no credentials for ${key}: ${said}`,
      `${file} names this helper: install it, or remove it from there`,
    );
  }
  const answer = helperAnswerSchema.safeParse(tryJson(stdout));
  if (!answer.success) throw new UserError(`${command} did not answer with a Username and a Secret`);
  const { Username: username, Secret: secret } = answer.data;
  return username === TOKEN_USER ? { identityToken: secret } : { username, password: secret };
}

function storedIn(entry: z.infer<typeof authSchema>, key: string, file: string): Credentials | undefined {
  if (entry.identitytoken) return { identityToken: entry.identitytoken };
  if (entry.username !== undefined && entry.password !== undefined) {
    return { username: entry.username, password: entry.password };
  }
  if (!entry.auth) return undefined;
  const decoded = Buffer.from(entry.auth, "base64").toString("utf8");
  const colon = decoded.indexOf(":");
  if (colon < 1) {
    throw new UserError(`${file}: the auth of ${key} is not USER:PASSWORD in base64`, "log in again");
  }
  return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}
