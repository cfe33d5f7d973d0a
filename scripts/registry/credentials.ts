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

/**
 * Looks where `docker login` writes: `$DOCKER_CONFIG/config.json`, or `~/.docker/config.json`. A helper named
 * for the registry comes first, then the general credentials store, then the file itself.
 * @throws UserError (from the lookup) when the file or a helper's answer cannot be understood
 */
export function dockerCredentials(options: DockerCredentialOptions = {}): CredentialLookup {
  const { env = process.env, run = tryRun } = options;
  const file = join(env.DOCKER_CONFIG || join(env.HOME || homedir(), ".docker"), "config.json");
  return async (registry) => {
    const config = await readConfig(file);
    const key = registry === "docker.io" ? DOCKER_HUB_KEY : registry;
    const helper = config && (config.credHelpers[registry] ?? config.credHelpers[key] ?? config.credsStore);
    const fromHelper = helper ? await askHelper(helper, key, file, run) : undefined;
    const credentials = fromHelper ?? (config && storedIn(config, key, file));
    if (!credentials) return { source: `none for ${registry} in ${file}, so anonymous` };
    return { credentials, source: fromHelper ? `docker-credential-${helper}` : `auths in ${file}` };
  };
}

async function readConfig(file: string): Promise<DockerConfig | undefined> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    return configSchema.parse(JSON.parse(text));
  } catch (error) {
    // The parser's own words may quote the file, and with it a password: they stay out of the message.
    const what = error instanceof z.ZodError ? "not as Docker writes it" : "not JSON";
    throw new UserError(`${file} is ${what}`, "mend the file, or name another directory with DOCKER_CONFIG");
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
    throw new UserError(
      `${command} gave no credentials for ${key}: ${output.trim()}`,
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
