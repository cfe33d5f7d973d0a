import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { UserError } from "../system/errors.ts";
import { tryRun } from "../system/process.ts";

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
  /** Milliseconds since 1970 from which others are looked for, as these end soon. */
  readonly renewAt?: number;
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
    const key = registry === "docker.io" ? DOCKER_HUB_KEY : registry;
    for (const place of places) {
      const found = await lookIn(place, registry, key, run);
      if (found) return found;
    }
    return { source: `none for ${registry} in ${places.map(({ name }) => name).join(", ")}, so anonymous` };
  };
}

function placesIn(env: Readonly<Record<string, string | undefined>>): Place[] {
  const { DOCKER_AUTH_CONFIG, REGISTRY_AUTH_FILE, DOCKER_CONFIG, HOME, XDG_RUNTIME_DIR } = env;
  const file = (name: string): Place => ({ name, read: () => readIfThere(name) });
  return [
    ...(DOCKER_AUTH_CONFIG
      ? [{ name: "the variable DOCKER_AUTH_CONFIG", read: async () => DOCKER_AUTH_CONFIG }]
      : []),
    ...(REGISTRY_AUTH_FILE ? [file(REGISTRY_AUTH_FILE)] : []),
    file(join(DOCKER_CONFIG || join(HOME || homedir(), ".docker"), "config.json")),
    ...(XDG_RUNTIME_DIR ? [file(join(XDG_RUNTIME_DIR, "containers/auth.json"))] : []),
  ];
}

async function lookIn(
  place: Place,
  registry: string,
  key: string,
  run: typeof tryRun,
): Promise<FoundCredentials | undefined> {
  const config = await readConfig(place);
  if (!config) return undefined;
  const helper = config.credHelpers[registry] ?? config.credHelpers[key] ?? config.credsStore;
  const fromHelper = helper ? await askHelper(helper, key, place.name, run) : undefined;
  const credentials = fromHelper ?? storedIn(config, key, place.name);
  if (!credentials) return undefined;
  return { credentials, source: fromHelper ? `docker-credential-${helper}` : `auths in ${place.name}` };
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

function storedIn(config: DockerConfig, key: string, file: string): Credentials | undefined {
  const entry = Object.entries(config.auths).find(([name]) => hostOf(name) === hostOf(key))?.[1];
  if (!entry) return undefined;
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

/** Keys of `auths` are hosts or, of old, URLs such as `https://registry.example/v1/`. */
function hostOf(key: string): string {
  return key
    .replace(/^https?:\/\//, "")
    .replace(/\/.*$/, "")
    .toLowerCase();
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
