import { run } from "../../scripts/system/process/process.ts";
import { type DockerDaemon, startDocker } from "./docker-daemon.ts";

/** Pulls images as a consumer does, and says which digest came of it. */
export interface Puller {
  /** @param reference `HOST/REPOSITORY:TAG` @returns the digest that the engine says it pulled */
  pull(reference: string): Promise<string>;
  /** Removes what was pulled: until then layers that images share are there once. */
  clear(): Promise<void>;
  close(): Promise<void>;
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
