import { tmpdir } from "node:os";
import { join } from "node:path";
import { run, tryRun } from "../system/process/process.ts";
import { isInstalled } from "../system/process/tools.ts";
import { abandonedIn, makeRunFolder, removeRunFolder } from "../system/state/run-folder.ts";
import { builderWith, linkLayout, startOf, titleOf } from "./buildah.ts";
import type { Engine } from "./engine.ts";
import { runOnce } from "./requests.ts";

/** podman's own limits are higher than a restricted machine allows, and the kernel would refuse to start the container. */
const LIMITS = ["--ulimit", "nofile=4096:4096", "--ulimit", "nproc=4096:4096"];

/**
 * podman, which needs no daemon either. runc runs its containers if it is installed: crun refuses machines that mix both
 * kinds of cgroups, as many virtual ones do. @param directory of its stores, each of one run, as buildah's are
 */
export async function openPodman(directory: string): Promise<Engine> {
  const title = await titleOf("podman");
  const runtime = (await isInstalled("runc")) ? ["--runtime", "runc"] : [];
  const store = await makeRunFolder(directory);
  // Of this one podman takes no path that is longer than 50 characters.
  const states = join(tmpdir(), "birdhouse");
  for (const abandoned of await abandonedIn(states)) await removeRunFolder(abandoned);
  const state = await makeRunFolder(states);
  const stores = ["--root", join(store, "root"), "--runroot", state];
  const podman = [...startOf("podman"), ...stores, "--cgroup-manager", "cgroupfs", ...runtime];
  let images = 0;
  return {
    name: "podman",
    title,
    build: builderWith(podman, store),
    async open(image) {
      const source = await linkLayout(image.layout, store, `${image.name}-${++images}`);
      const platform = ["--platform", image.platform];
      const pulled = await run([...podman, "pull", "--quiet", ...platform, source], { cwd: store });
      const id = pulled.stdout.trim().split("\n").at(-1) ?? "";
      return {
        run([program, ...args], options = {}) {
          const flags = [...LIMITS, ...platform, "--entrypoint", JSON.stringify([program])];
          return runOnce(podman, flags, [id, ...args], options);
        },
        remove: async () => void (await tryRun([...podman, "rmi", "--force", id])),
      };
    },
    async close() {
      await removeRunFolder(state);
      await removeRunFolder(store);
    },
  };
}
