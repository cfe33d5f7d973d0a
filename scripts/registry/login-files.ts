import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { tryJson } from "../formats/oci/types.ts";
import { homeDirectory } from "../system/environment.ts";
import { UserError } from "../system/errors.ts";
import type { tryRun } from "../system/process/process.ts";
import { DOCKER_HUB, normalHost } from "./reference.ts";

/** How to prove to a registry who we are. */
export type Credentials =
  | { readonly username: string; readonly password: string }
  /** An OAuth 2 refresh token, as `docker login` keeps it for some registries. */
  | { readonly identityToken: string };

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

/** Somewhere that credentials may be kept, in the form of Docker's `config.json`. */
export interface LoginFile {
  /** A path, or a variable of the environment. */
  readonly name: string;
  /** Its text; undefined where there is none. */
  read(): Promise<string | undefined>;
}

/** Where credentials may be kept, the first that counts first: see `dockerCredentials`. */
export function loginFilesIn(env: Readonly<Record<string, string | undefined>>): LoginFile[] {
  const { DOCKER_AUTH_CONFIG, REGISTRY_AUTH_FILE, DOCKER_CONFIG, XDG_RUNTIME_DIR } = env;
  const home = homeDirectory(env);
  const docker = DOCKER_CONFIG || (home && join(home, ".docker"));
  const file = (name: string): LoginFile => ({ name, read: () => readIfThere(name) });
  return [
    ...(DOCKER_AUTH_CONFIG
      ? [{ name: "the variable DOCKER_AUTH_CONFIG", read: async () => DOCKER_AUTH_CONFIG }]
      : []),
    ...(REGISTRY_AUTH_FILE ? [file(REGISTRY_AUTH_FILE)] : []),
    ...(docker ? [file(join(docker, "config.json"))] : []),
    ...(XDG_RUNTIME_DIR ? [file(join(XDG_RUNTIME_DIR, "containers/auth.json"))] : []),
  ];
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Something that a file has for a registry. */
export interface Login {
  /** Of the repositories that it is for; empty for all of the registry. */
  readonly path: string;
  readonly source: string;
  /** Undefined where there is nothing after all. @throws UserError where what is there cannot be understood */
  credentials(): Promise<Credentials | undefined>;
}

/**
 * What a file has for a registry: of its helpers first, then what is written there.
 * @throws UserError where it is not as Docker writes it
 */
export async function loginsIn(file: LoginFile, registry: string, run: typeof tryRun): Promise<Login[]> {
  const config = await readConfig(file);
  if (!config) return [];
  const isOurs = ([name]: readonly [string, unknown]) => keyOf(name).host === keyOf(registry).host;
  const ask = (helper: string, path: string, name: string): Login => {
    const key = path === "" && registry === DOCKER_HUB ? DOCKER_HUB_KEY : name;
    const source = `docker-credential-${helper}${path === "" ? "" : ` for ${name}`}`;
    return { path, source, credentials: () => askHelper(helper, key, file.name, run) };
  };
  const helpers = Object.entries(config.credHelpers)
    .filter((entry) => isOurs(entry))
    .map(([name, helper]) => {
      const { path } = keyOf(name);
      return ask(helper, path, path === "" ? registry : name);
    });
  // The general store is for what no helper is named for.
  const hasOwn = helpers.some(({ path }) => path === "");
  const store = config.credsStore && !hasOwn ? [ask(config.credsStore, "", registry)] : [];
  const written = Object.entries(config.auths)
    .filter((entry) => isOurs(entry))
    .map(([name, entry]): Login => {
      const { path } = keyOf(name);
      const source = path === "" ? `auths in ${file.name}` : `auths of ${name} in ${file.name}`;
      return {
        path,
        source,
        credentials: async () => storedIn(entry, path === "" ? registry : name, file.name),
      };
    });
  return [...helpers, ...store, ...written];
}

async function readConfig({ name, read }: LoginFile): Promise<DockerConfig | undefined> {
  const text = await read();
  if (text === undefined) return undefined;
  try {
    return configSchema.parse(JSON.parse(text));
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
    throw new UserError(
      `${command} gave no credentials for ${key}: ${withoutAnswer(output)}`,
      `${file} names this helper: install it, or remove it from there`,
    );
  }
  const answer = helperAnswerSchema.safeParse(tryJson(stdout));
  if (!answer.success) throw new UserError(`${command} did not answer with a Username and a Secret`);
  const { Username: username, Secret: secret } = answer.data;
  return username === TOKEN_USER ? { identityToken: secret } : { username, password: secret };
}

/** What a helper prints when it fails, without JSON: that would be a secret. */
function withoutAnswer(output: string): string {
  return output.replace(/\{[^{}]*\}?/g, "").trim();
}

function storedIn(entry: DockerConfig["auths"][string], key: string, file: string): Credentials | undefined {
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

/**
 * What a key of `auths` is for: a host, or some path of one. Old keys are URLs such as `https://registry.example/v1/`,
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
