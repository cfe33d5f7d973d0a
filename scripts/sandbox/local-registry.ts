import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, open, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import { registryUrl } from "../registry/reference.ts";
import { UserError } from "../system/errors.ts";
import { ensureTools } from "./tools.ts";

export interface LocalRegistryOptions {
  /** `HOST[:PORT]`. */
  readonly host: string;
  /** The directory that the registry keeps its data and its log below. */
  readonly state: string;
  readonly note: (text: string) => void;
  readonly signal?: AbortSignal;
}

const START_TIMEOUT_MS = 15_000;
const STOP_TIMEOUT_MS = 3_000;
const POLL_MS = 25;
const LOG_LINES_SHOWN = 10;

/**
 * Sees to it that a registry answers where a host on this machine is named: starts one, Debian's
 * docker-registry, unless one is there. A host elsewhere is not ours to start, so nothing is done.
 * @returns stops what was started
 * @throws UserError when something that is no registry has the port, or the registry does not start
 */
export async function openLocalRegistry(options: LocalRegistryOptions): Promise<() => Promise<void>> {
  const { host, note, signal } = options;
  const url = registryUrl(host);
  if (url.protocol !== "http:") return async () => {};
  const standing = await probe(url);
  if (standing === "registry") {
    note(`using the registry that already runs at ${host}`);
    return async () => {};
  }
  if (standing === "other") {
    throw new UserError(
      `something answers at ${host}, but it is no container registry`,
      "end it, or give another port with --registry, such as 127.0.0.1:5001/birdhouse",
    );
  }
  await ensureTools(["docker-registry", "setpriv"], { onProgress: note, ...(signal && { signal }) });
  return await start(url, options);
}

/** What listens at an address, judged by its answer to the API's version check (distribution-spec, end-1). */
async function probe(url: URL): Promise<"registry" | "other" | "nothing"> {
  try {
    const response = await fetch(new URL("/v2/", url), { signal: AbortSignal.timeout(5_000) });
    await response.arrayBuffer();
    const known = response.ok || response.status === 401;
    return known && response.headers.has("docker-distribution-api-version") ? "registry" : "other";
  } catch (error) {
    return isRefused(error) ? "nothing" : "other";
  }
}

function isRefused(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && "code" in cause && cause.code === "ECONNREFUSED";
}

async function start(url: URL, { host, state, signal }: LocalRegistryOptions): Promise<() => Promise<void>> {
  const directory = resolve(state, "registry");
  await mkdir(directory, { recursive: true });
  const config = join(directory, "config.yml");
  const log = join(directory, "registry.log");
  await writeFile(config, stringify(configuration(url, join(directory, "data"))));
  const child = await launch(config, log);
  try {
    await answering(url, child, signal);
  } catch (error) {
    await stop(child);
    signal?.throwIfAborted();
    const lines = (await readFile(log, "utf8")).trimEnd().split("\n").slice(-LOG_LINES_SHOWN);
    throw new UserError(
      `the registry at ${host} did not start: ${error instanceof Error ? error.message : error}\n${lines.join("\n")}`,
      `its log is ${log}, and it was started with: docker-registry serve ${config}`,
    );
  }
  return () => stop(child);
}

/** See https://distribution.github.io/distribution/about/configuration/ */
function configuration(url: URL, data: string) {
  return {
    version: 0.1,
    log: { level: "warn", accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: data }, delete: { enabled: true } },
    // Signs the state of unfinished uploads, of which none outlives the process.
    http: { addr: `${url.hostname}:${url.port || "80"}`, secret: "loopback" },
  };
}

/**
 * Starts the registry in a process group of its own, so that Ctrl-C reaches it only through us: what is on
 * its way is finished first. setpriv has the kernel end it should we be killed.
 */
async function launch(config: string, log: string): Promise<ChildProcess> {
  const output = await open(log, "a");
  try {
    const command = ["--pdeathsig", "KILL", "docker-registry", "serve", config];
    return spawn("setpriv", command, { stdio: ["ignore", output.fd, output.fd], detached: true });
  } finally {
    await output.close();
  }
}

async function answering(url: URL, child: ChildProcess, signal?: AbortSignal): Promise<void> {
  let failure: Error | undefined;
  child.once("error", (error) => {
    failure = error;
  });
  child.once("exit", (code) => {
    failure ??= new Error(`it ended with exit code ${code}`);
  });
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    await sleep(POLL_MS, undefined, signal ? { signal } : {});
    if (failure) throw failure;
    if ((await probe(url)) === "registry") return;
  }
  throw new Error(`it did not answer within ${START_TIMEOUT_MS / 1000} seconds`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  const patience = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
  await exited;
  clearTimeout(patience);
}
