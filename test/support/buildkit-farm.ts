import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, open, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { run } from "../../scripts/system/process/process.ts";
import { unmountBelow } from "../../scripts/system/state/run-folder.ts";
import { type CountingRelay, openCountingRelay } from "./counting-relay.ts";
import { unpackPrograms } from "./docker-daemon.ts";
import { type Machine, openMachine } from "./machine.ts";
import { goPeer, type Peer } from "./peers.ts";
import { limitProcessors } from "./processor-limit.ts";
import { freePort } from "./world.ts";

/** A machine of the farm: a buildkitd of its own, with its own store, and where it was asked for its own network. */
export interface FarmNode {
  readonly name: string;
  /** Ends it with -9, and what it runs. */
  kill(): Promise<void>;
  readonly address: string;
  /** How many sessions clients have begun with it: each build has one at least. */
  begun(): Promise<number>;
  /** Bytes that came to it and went from it, where it has a network of its own or the farm counts them; else none. */
  readonly moved: () => Promise<{ readonly there: number; readonly back: number }>;
  /** Where it has a network of its own: the rest of it. */
  readonly machine: Machine | undefined;
}

/** What makes the machines of a farm more like machines. */
export interface FarmOptions {
  /** How much of one processor each of them has, by its place; undefined: as much as it gets. Needs control groups. */
  readonly processors?: (place: number) => number;
  /** Whether what goes over the network is counted. */
  readonly counts?: boolean;
  /** Gives each of them a network of its own, in which these ports of our loopback are to be had, and no others. */
  readonly ports?: readonly number[] | undefined;
  /** The platform that one is declared to be there for, by its place; undefined: it says itself. */
  readonly declares?: (place: number) => string | undefined;
}

/** Real BuildKit as a builder of buildx with several nodes. */
export interface BuildkitFarm {
  readonly nodes: readonly FarmNode[];
  /** What makes `docker buildx` know the builder `farm`. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** BuildKit's daemon. @returns undefined where it is not there and cannot be made */
export function buildkitPeer(): Promise<Peer | undefined> {
  return goPeer("buildkitd", "github.com/moby/buildkit", "v0.34.2", { program: "./cmd/buildkitd" });
}

/** Starts a farm, as whoever types `docker buildx create --driver remote` for each machine. There is no docker daemon. */
export async function startFarm(
  buildkitd: Peer,
  count: number,
  options: FarmOptions = {},
): Promise<BuildkitFarm> {
  const programs = await unpackPrograms();
  const directory = await mkdtemp(join(tmpdir(), "birdhouse-farm-"));
  const path = `${join(programs, "usr/bin")}:${join(programs, "usr/sbin")}:${process.env.PATH}`;
  const config = join(directory, "docker");
  await mkdir(join(config, "cli-plugins"), { recursive: true });
  const buildx = join(programs, "usr/libexec/docker/cli-plugins/docker-buildx");
  await symlink(buildx, join(config, "cli-plugins/docker-buildx"));
  // buildah, which runs what was built, takes it amiss where there is none.
  await writeFile(join(config, "config.json"), "{}");
  const nowhere = `unix://${join(directory, "no-daemon.sock")}`;
  const env = { PATH: path, DOCKER_CONFIG: config, DOCKER_HOST: nowhere };
  const nodes: OneNode[] = [];
  const close = async () => {
    for (const node of nodes) await node.kill();
    await unmountBelow(directory);
    await rm(directory, { recursive: true, force: true });
  };
  try {
    for (let number = 0; number < count; number++) {
      const home = join(directory, `node${number}`);
      const own = { ...options, processors: options.processors?.(number) };
      const node = new OneNode(`node${number}`, home, buildkitd, await freePort(), own);
      nodes.push(node);
      await node.start();
      const more = number === 0 ? [] : ["--append"];
      const platform = options.declares?.(number);
      const declared = platform === undefined ? [] : ["--platform", platform];
      const words = ["--name", "farm", "--node", node.name, "--driver", "remote", ...declared, node.address];
      await run(["docker", "buildx", "create", ...more, ...words], { env });
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { nodes, env, close };
}

class OneNode implements FarmNode {
  #daemon: ChildProcess | undefined;
  #relay: CountingRelay | undefined;
  machine: Machine | undefined;
  #removeGroup: (() => Promise<void>) | undefined;

  constructor(
    readonly name: string,
    readonly directory: string,
    readonly peer: Peer,
    readonly port: number,
    readonly options: Pick<FarmOptions, "counts" | "ports"> & { readonly processors: number | undefined },
  ) {}

  get address(): string {
    return `tcp://${this.machine?.address ?? "127.0.0.1"}:${this.#relay?.port ?? this.port}`;
  }

  moved = async () => (await this.machine?.moved()) ?? this.#relay?.bytes() ?? { there: 0, back: 0 };

  async start(): Promise<void> {
    await mkdir(this.directory, { recursive: true });
    const { processors, counts, ports } = this.options;
    this.machine = ports && (await openMachine(this.port, ports));
    // Steps reach the sandbox's mirror, which is on loopback too.
    const own = [
      "debug = true",
      'insecure-entitlements = [ "network.host" ]',
      `root = "${join(this.directory, "root")}"`,
      `[grpc]\n  address = [ "tcp://${this.machine?.address ?? "127.0.0.1"}:${this.port}" ]`,
      '[worker.oci]\n  enabled = true\n  networkMode = "host"\n  snapshotter = "native"',
      "[worker.containerd]\n  enabled = false",
    ];
    await writeFile(join(this.directory, "buildkitd.toml"), `${own.join("\n")}\n`);
    const log = await open(this.#log, "a");
    const words = [...this.peer.command, "--config", join(this.directory, "buildkitd.toml")];
    const there = this.machine?.at(words) ?? words;
    this.#daemon = spawn("setpriv", ["--pdeathsig", "KILL", ...there], {
      stdio: ["ignore", log.fd, log.fd],
      detached: true,
    });
    await log.close();
    if (processors !== undefined) {
      this.#removeGroup = await limitProcessors(`birdhouse-farm-${this.port}`, processors, this.#daemon.pid);
    }
    if (counts) this.#relay = await openCountingRelay(this.port);
    for (let patience = 150; patience > 0; patience--) {
      if ((await readFile(this.#log, "utf8")).includes("running server on")) return;
      if (this.#daemon.exitCode !== null) break;
      await sleep(200);
    }
    throw new Error(`buildkitd did not start:\n${await readFile(this.#log, "utf8")}`);
  }

  async kill(): Promise<void> {
    const daemon = this.#daemon;
    this.#daemon = undefined;
    if (daemon?.pid !== undefined && daemon.exitCode === null && daemon.signalCode === null) {
      const ended = once(daemon, "exit");
      // What it runs ends with it: runc and its steps are of its group, and a program named kill may read -PID otherwise.
      process.kill(-daemon.pid, "SIGKILL");
      await ended;
    }
    await unmountBelow(this.directory);
    await this.#relay?.close();
    await this.machine?.close();
    await this.#removeGroup?.();
  }

  async begun(): Promise<number> {
    return [...(await readFile(this.#log, "utf8")).matchAll(/msg="session started"/g)].length;
  }

  get #log(): string {
    return join(this.directory, "log");
  }
}
