import { existsSync } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import { z } from "zod";
import { UserError } from "../system/errors.ts";
import { makeFolder, writeWhole } from "../system/files/files.ts";
import { HttpError } from "../system/http/error.ts";
import { ask } from "../system/http/http.ts";
import { tryJson } from "../system/json.ts";
import { run, tryRun } from "../system/process/process.ts";
import { joinShared, type Use, useShared } from "../system/process/shared.ts";
import { isInstalled } from "../system/process/tools.ts";
import { registryUrl } from "./reference.ts";

export interface LocalRegistryOptions {
  /** `HOST[:PORT]` as the catalog has it. */
  readonly host: string;
  /** Where its data and its log are kept. */
  readonly directory: string;
  readonly note: (text: string) => void;
  /** Told when one was started that has no image yet: what reads it would take that for "nothing is published". */
  readonly onEmpty?: () => void;
  /** Installs a program that is missing, where that is ours to do. */
  readonly install?: (program: string) => Promise<void>;
  /** Waited for before a registry that was started here is ended: others may be at work in it. */
  readonly whenUnused?: () => Promise<void>;
  readonly signal?: AbortSignal;
}

/** Ends what was started, unless others use it. */
export type Close = () => Promise<void>;

const READY_WITHIN_MS = 10_000;
const POLL_MS = 50;
/** Milliseconds in which a server that listens there must answer as a registry does. */
const ANSWERS_WITHIN_MS = 2000;

/**
 * Sees to it that a registry on loopback runs for as long as the caller does: one that is there already is
 * used and left alone; otherwise Distribution is started, from this system or as a container. What another process started
 * in the same directory runs until both have ended. Registries elsewhere are somebody else's to run.
 * @throws UserError when the port is taken by something else, or there is no registry to start
 */
export async function openLocalRegistry(options: LocalRegistryOptions): Promise<Close> {
  const url = registryUrl(options.host);
  const nothing = async () => {};
  if (url.protocol !== "http:") return nothing;
  let state = await stateOf(url);
  if (state === "registry" && existsSync(pipeIn(options.directory))) {
    const use = await joinShared(pipeIn(options.directory));
    if (use) return use.end;
    // It was one that was ending.
    state = await stateOf(url);
  }
  if (state === "registry") return nothing;
  if (state === "other") {
    throw new UserError(
      `what listens at ${url.host} is not a registry`,
      "end it, or choose another port with --registry, such as --registry 127.0.0.1:5001/birdhouse",
    );
  }
  if (url.port === "") {
    throw new UserError(
      `nothing listens at ${url.host}, and to start a registry there takes a port`,
      "give one with --registry, such as --registry 127.0.0.1:5000/birdhouse",
    );
  }
  const data = join(options.directory, "data");
  await makeFolder(data);
  // Whether anything was ever pushed to it. Source: Distribution, registry/storage/paths.go.
  const repositories = await readdir(join(data, "docker/registry/v2/repositories")).catch(() => []);
  const isEmpty = repositories.length === 0;
  if ((await findProgram()) === undefined) await options.install?.(PROGRAMS[0]);
  const program = await findProgram();
  const { isFirst, end } = await (program
    ? startProgram(program, url, options)
    : startContainer(url, options));
  await waitUntilReady(url, options, end);
  if (!isFirst) return end;
  const images = isEmpty ? "it is new, and has no images yet" : `its images are in ${data}`;
  options.note(`no registry ran at ${url.host}, so one was started: ${images}`);
  if (isEmpty) options.onEmpty?.();
  return async () => {
    await options.whenUnused?.();
    await end();
  };
}

async function stateOf(url: URL): Promise<"registry" | "other" | "free"> {
  try {
    const signal = AbortSignal.timeout(ANSWERS_WITHIN_MS);
    const { headers, status, body } = await ask(new URL("/v2/", url), { mayCut: true, signal });
    // One that wants a login, or is busy or failing for now, is a registry: requests will tell, and are repeated.
    const isPassing = status === 429 || status >= 500 || "www-authenticate" in headers;
    const isNamed = "docker-distribution-api-version" in headers;
    return isPassing || isNamed || speaksAsOne(status, body.toString("utf8")) ? "registry" : "other";
  } catch (error) {
    return error instanceof HttpError && error.code === "ECONNREFUSED" ? "free" : "other";
  }
}

/**
 * Whether an answer to `/v2/` is a registry's, where no header says so: that header is Docker's, and not in the
 * specification, which has JSON for errors. Source: distribution spec 1.1, "Determining Support", "Error Codes"
 */
function speaksAsOne(status: number, body: string): boolean {
  const { success, data } = answerSchema.safeParse(tryJson(body));
  return success && (status === 200 || data.errors !== undefined);
}

const answerSchema = z.looseObject({ errors: z.array(z.looseObject({ code: z.string() })).optional() });

/** Distribution's program, as Debian calls it and as its makers do. */
const PROGRAMS = ["docker-registry", "registry"] as const;

async function findProgram(): Promise<string | undefined> {
  for (const name of PROGRAMS) if (await isInstalled(name)) return name;
  return undefined;
}

async function startProgram(program: string, url: URL, options: LocalRegistryOptions): Promise<Use> {
  const config = join(options.directory, "config.yml");
  // Source: Distribution's docs/configuration.md.
  const settings = {
    version: "0.1",
    log: { level: "warn", accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: join(options.directory, "data") }, delete: { enabled: true } },
    http: { addr: url.host },
  };
  await writeWhole(config, stringify(settings));
  // A Ctrl-C at the terminal is ours to handle, not its.
  const { directory } = options;
  return await useShared([program, "serve", config], { pipe: pipeIn(directory), log: logIn(directory) });
}

function logIn(directory: string): string {
  return join(directory, "registry.log");
}

/** There while a registry that we started is. */
function pipeIn(directory: string): string {
  return join(directory, "in-use");
}

/** Distribution, as its makers publish it. */
const IMAGE = "registry:2";

async function startContainer(url: URL, { directory, note, signal }: LocalRegistryOptions): Promise<Use> {
  if ((await tryRun(["docker", "version"])).exitCode !== 0) {
    throw new UserError(
      `no registry listens at ${url.host}, and there is none here to start`,
      "install one (Debian: apt-get install docker-registry), or name another with --registry HOST/NAMESPACE",
    );
  }
  note(`starting a registry at ${url.host} (the image ${IMAGE})`);
  // Fetched by itself, as that may take longer than a registry that is there takes to start.
  const isHere = (await tryRun(["docker", "image", "inspect", IMAGE])).exitCode === 0;
  if (!isHere) await run(["docker", "pull", "--quiet", IMAGE], signal ? { signal } : {});
  const data = join(resolve(directory), "data");
  const mounts = ["--volume", `${data}:/var/lib/registry`];
  // Docker takes an address there, and no name.
  const address = url.host.replace(/^localhost:/, "127.0.0.1:");
  // For `prune`, and for new tags that are taken back with the rest. Source: Distribution's docs/configuration.md
  const settings = ["--env", "REGISTRY_STORAGE_DELETE_ENABLED=true"];
  const name = ["--name", `birdhouse-registry-${url.port}`];
  const options = [...name, ...(await userOf(data)), ...settings, ...mounts, "--publish", `${address}:5000`];
  // In the foreground: docker hands on the signal that ends it.
  const argv = ["docker", "run", "--rm", ...options, IMAGE];
  return await useShared(argv, { pipe: pipeIn(directory), log: logIn(directory) });
}

/**
 * Who runs us, so that the data is theirs to remove; where the daemon is theirs too, its root is. What is there already
 * stays whose it is: an earlier release left it to root.
 */
async function userOf(data: string): Promise<string[]> {
  const { exitCode, stdout } = await tryRun(["docker", "info", "--format", "{{.SecurityOptions}}"]);
  const own = { uid: process.getuid?.(), gid: process.getgid?.() };
  const { uid, gid } = await stat(join(data, "docker")).catch(() => own);
  return exitCode === 0 && !stdout.includes("rootless") && uid !== undefined
    ? ["--user", `${uid}:${gid}`]
    : [];
}

async function waitUntilReady(url: URL, options: LocalRegistryOptions, close: Close): Promise<void> {
  const deadline = performance.now() + READY_WITHIN_MS;
  while (performance.now() < deadline && !options.signal?.aborted) {
    if ((await stateOf(url)) === "registry") return;
    await sleep(POLL_MS);
  }
  await close();
  const log = await readFile(logIn(options.directory), "utf8").catch(() => "");
  throw new UserError(`the registry at ${url.host} did not start\n${log.trim()}`, `see ${options.directory}`);
}
