import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, open, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openSuite, type Suite, systemMirror } from "../../sandbox/debian.ts";
import { run, tryRun } from "../../scripts/system/process/process.ts";
import { unmountBelow } from "../../scripts/system/state/run-folder.ts";
import { makeOnce } from "./make-once.ts";
import { PROJECT_STATE } from "./world.ts";

/**
 * Docker's programs. Debian 12's own docker.io has no containerd image store; the next release's has, and
 * its daemon runs beside this release's containerd and runc. Unpacked apart: the system is not touched.
 */
const PROGRAMS: Readonly<Partial<Record<Suite, readonly string[]>>> = {
  trixie: ["docker.io", "docker-cli", "docker-buildx"],
  bookworm: ["containerd", "runc"],
};

/** A Docker daemon of the test's own. */
export interface DockerDaemon {
  /** What makes `docker` talk to this daemon. */
  readonly env: Readonly<Record<string, string>>;
  /** Kills it with -9, and the containerd that it started. It must be closed all the same. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a real dockerd with buildx and the containerd image store, with its data in a directory of its own. */
export async function startDocker(): Promise<DockerDaemon> {
  const programs = await unpackPrograms();
  const directory = await mkdtemp(join(tmpdir(), "birdhouse-docker-"));
  const socket = `unix://${join(directory, "docker.sock")}`;
  const path = `${join(programs, "usr/bin")}:${join(programs, "usr/sbin")}:${process.env.PATH}`;
  const env = { PATH: path, DOCKER_HOST: socket, DOCKER_CONFIG: join(directory, "config") };
  await writeConfiguration(directory, socket, programs);
  const log = await open(join(directory, "log"), "w");
  const daemon = spawn(
    "setpriv",
    ["--pdeathsig", "KILL", "dockerd", "--config-file", join(directory, "daemon.json")],
    {
      env: { ...process.env, ...env },
      stdio: ["ignore", log.fd, log.fd],
      detached: true,
    },
  );
  await log.close();
  const close = async () => {
    const isRunning = daemon.exitCode === null && daemon.signalCode === null;
    const ended = isRunning ? once(daemon, "exit") : undefined;
    daemon.kill("SIGTERM");
    await ended;
    await unmountBelow(directory);
    await rm(directory, { recursive: true, force: true });
  };
  const kill = async () => {
    const ended = once(daemon, "exit");
    daemon.kill("SIGKILL");
    await ended;
    const containerd = await readFile(join(directory, "exec/containerd/containerd.pid"), "utf8");
    process.kill(Number(containerd), "SIGKILL");
  };
  for (let patience = 150; patience > 0; patience--) {
    if ((await tryRun(["docker", "version"], { env })).exitCode === 0) return { env, kill, close };
    await sleep(200);
  }
  const said = await readFile(join(directory, "log"), "utf8");
  await close();
  throw new Error(`dockerd did not start:\n${said}`);
}

async function writeConfiguration(directory: string, socket: string, programs: string): Promise<void> {
  const configuration = {
    features: { "containerd-snapshotter": true },
    "data-root": join(directory, "data"),
    "exec-root": join(directory, "exec"),
    pidfile: join(directory, "pid"),
    hosts: [socket],
    // No network of its own: builds use the host's, and the machine's firewall is left alone.
    ...{ iptables: false, bridge: "none", "ip-forward": false },
  };
  await writeFile(join(directory, "daemon.json"), JSON.stringify(configuration));
  await mkdir(join(directory, "config/cli-plugins"), { recursive: true });
  const buildx = join(programs, "usr/libexec/docker/cli-plugins/docker-buildx");
  await symlink(buildx, join(directory, "config/cli-plugins/docker-buildx"));
}

/** Downloads and unpacks Docker's programs, once. */
export function unpackPrograms(): Promise<string> {
  return makeOnce(join(PROJECT_STATE, "test/docker"), async (work) => {
    const mirror = await systemMirror();
    for (const suite of ["trixie", "bookworm"] as const) {
      const archive = await openSuite(suite, join(work, "apt", suite), mirror);
      const files = await archive.download(PROGRAMS[suite] ?? [], join(work, "debs", suite));
      for (const file of files.values()) await run(["dpkg-deb", "--extract", file, join(work, "root")]);
    }
    return join(work, "root");
  });
}
