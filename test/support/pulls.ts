import { join } from "node:path";
import { run, tryRun } from "../../scripts/system/process/process.ts";
import { type DockerDaemon, startDocker } from "./docker-daemon.ts";

/** Pulls images as a consumer does, and says which digest came of it. */
export interface Puller {
  /** @param reference `HOST/REPOSITORY:TAG` @returns the digest that the engine says it pulled */
  pull(reference: string): Promise<string>;
  /** Removes what was pulled: until then layers that images share are there once. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

/** buildah, with a store of its own. */
export function buildahPuller(directory: string): Puller {
  const root = join(directory, "root");
  const buildah = ["buildah", "--root", root, "--runroot", join(directory, "run")];
  const clear = async () => {
    await run([...buildah, "rmi", "--all", "--force"]);
  };
  const pullOnce = async (reference: string) => {
    await run([...buildah, "pull", "--quiet", "--tls-verify=false", `docker://${reference}`]);
    const { stdout } = await run([...buildah, "images", "--json", "--no-trunc", reference]);
    const [image] = JSON.parse(stdout) as { id: string; names: string[]; digest: string }[];
    return image;
  };
  return {
    async pull(reference) {
      let image = await pullOnce(reference);
      // The store knows images by their configuration, and tells one digest of two that have the same.
      if (image && image.names.length > 1) {
        await run([...buildah, "rmi", "--force", image.id]);
        image = await pullOnce(reference);
      }
      return image?.digest ?? "none";
    },
    clear,
    async close() {
      await tryRun([...buildah, "rmi", "--all", "--force"]);
      await tryRun(["umount", join(root, "overlay")]);
    },
  };
}

/** docker, with a daemon of its own. */
export async function dockerPuller(): Promise<Puller> {
  const docker: DockerDaemon = await startDocker();
  return {
    async pull(reference) {
      await run(["docker", "pull", "--quiet", reference], docker);
      const format = ["--format", "{{range .RepoDigests}}{{println .}}{{end}}"];
      const { stdout } = await run(["docker", "image", "inspect", ...format, reference], docker);
      const repository = reference.replace(/:[^:/]+$/, "@");
      const own = stdout.split("\n").filter((line) => line.startsWith(repository));
      return own.map((line) => line.slice(repository.length)).join(" ");
    },
    async clear() {
      await run(["docker", "image", "prune", "--all", "--force"], docker);
    },
    close: () => docker.close(),
  };
}
