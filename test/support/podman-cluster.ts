import { appendFile, chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { tryRun } from "../../scripts/system/process/process.ts";
import { ensureTools } from "../../scripts/system/process/tools.ts";
import { unmountBelow } from "../../scripts/system/state/run-folder.ts";
import { unpackDebian } from "./unpack-debian.ts";

/** A cluster for tests: a `kubectl` that has podman run each Pod as its manifest says. */
export interface PodmanCluster {
  /** What makes a command find that `kubectl`. */
  readonly env: Readonly<Record<string, string>>;
  /** The words of each call, in their order, each in a line. */
  calls(): Promise<string[]>;
  /** The Pods that are there. */
  pods(): Promise<string[]>;
  /** Puts a Pod there as a run that is no more would have left it. */
  leave(name: string, manifest: unknown): Promise<void>;
  close(): Promise<void>;
}

const PROGRAM = fileURLToPath(import.meta.resolve("./kubectl-by-podman.mjs"));

/** @param namespaces those that there are */
export async function openPodmanCluster(namespaces: readonly string[]): Promise<PodmanCluster> {
  await ensureTools(["podman", "runc"]);
  const pause = await unpackDebian("bookworm", "catatonit");
  const directory = await mkdtemp(join(tmpdir(), "birdhouse-cluster-"));
  const [bin, pods] = [join(directory, "bin"), join(directory, "pods")];
  await mkdir(bin);
  await mkdir(pods);
  await writeFile(join(directory, "namespaces"), namespaces.join("\n"));
  // podman's own limits are higher than a restricted machine allows; and it looks here for what holds a Pod together.
  const configuration = `[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
[engine]
helper_binaries_dir = ["${join(pause, "usr/bin")}", "/usr/lib/podman", "/usr/libexec/podman"]
`;
  await writeFile(join(directory, "containers.conf"), configuration);
  const podman = [
    ...["podman", "--root", join(directory, "root"), "--runroot", join(directory, "run")],
    ...["--cgroup-manager", "cgroupfs", "--runtime", "runc"],
  ];
  const kubectl = join(bin, "kubectl");
  await writeFile(kubectl, `#!/bin/sh\nexec '${process.execPath}' '${PROGRAM}' "$@"\n`);
  await chmod(kubectl, 0o755);
  const settings = { CONTAINERS_CONF: join(directory, "containers.conf") };
  return {
    env: {
      ...settings,
      PATH: `${bin}:${process.env.PATH}`,
      CLUSTER: directory,
      PODMAN: JSON.stringify(podman),
    },
    async calls() {
      const text = await readFile(join(directory, "calls"), "utf8").catch(() => "");
      return text.split("\n").filter(Boolean);
    },
    async pods() {
      return (await readdir(pods)).flatMap((file) => (file.endsWith(".json") ? [file.slice(0, -5)] : []));
    },
    async leave(name, manifest) {
      await appendFile(join(pods, `${name}.json`), JSON.stringify(manifest));
    },
    async close() {
      await tryRun([...podman, "pod", "rm", "--all", "--force", "--time", "0"], { env: settings });
      await unmountBelow(directory);
      await rm(directory, { recursive: true, force: true });
    },
  };
}
