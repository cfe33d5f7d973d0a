import { messageOf, UserError } from "../system/errors.ts";
import { CommandError } from "../system/process/process.ts";
import { isInstalled } from "../system/process/tools.ts";
import { openBuildah } from "./buildah.ts";
import { hasDaemon, openBuildx, openDocker } from "./docker.ts";
import { ENGINES, type Engine, type EngineName } from "./engine.ts";
import { openPodman } from "./podman.ts";
import { requireUserIds } from "./rootless.ts";
import { SplitEngine } from "./split.ts";

/**
 * Opens the engine that was asked for; `auto` takes the first that works, in the order of ENGINES.
 * @param directory where buildah and podman keep their stores
 * @param builder the buildx builder that docker builds with
 * @throws UserError that says what to install, when none works
 */
export async function openEngine(
  choice: EngineName | "auto",
  directory: string,
  builder?: string,
): Promise<Engine> {
  const open: Record<EngineName, () => Promise<Engine>> = {
    docker: async () =>
      builder === undefined || (await hasDaemon())
        ? openDocker(builder)
        : new SplitEngine(await openBuildx(builder), await open.buildah()),
    async buildah() {
      if (await isInstalled("buildah")) await requireUserIds("buildah");
      return openBuildah(directory);
    },
    async podman() {
      if (await isInstalled("podman")) await requireUserIds("podman");
      return openPodman(directory);
    },
  };
  const failures: string[] = [];
  const hints: string[] = [];
  for (const name of choice === "auto" ? ENGINES : [choice]) {
    try {
      return await open[name]();
    } catch (error) {
      // One that is there and needs something is nearer than one that would have to be installed.
      if (error instanceof UserError && choice !== "auto") throw error;
      if (error instanceof UserError && name !== "docker" && error.hint) hints.push(error.hint);
      failures.push(`${name}: ${reasonOf(error)}`);
    }
  }
  throw new UserError(
    `no engine to build with\n  ${failures.join("\n  ")}`,
    hints.at(-1) ?? installHint(process.platform),
  );
}

/**
 * Sees to it that a plain user can build here, without opening an engine: told before minutes of work, not after.
 * @throws UserError that says what to do
 */
export async function requireRights(choice: EngineName | "auto", builder?: string): Promise<void> {
  if (process.getuid?.() === 0) return;
  if (choice !== "podman" && choice !== "buildah" && (builder !== undefined || (await isDockerUsable())))
    return;
  const program = choice === "podman" ? choice : "buildah";
  if (choice !== "docker" && (await isInstalled(program))) await requireUserIds(program);
}

/** Whether there is a Docker to build with. */
export async function isDockerUsable(): Promise<boolean> {
  return openDocker().then(
    () => true,
    () => false,
  );
}

function reasonOf(error: unknown): string {
  if (error instanceof UserError) return `${error.message}; ${error.hint ?? ""}`;
  if (error instanceof CommandError) return error.result.stderr.trim().split("\n")[0] ?? error.message;
  return messageOf(error);
}

/** What to type to get an engine on this kind of system. */
export function installHint(platform: NodeJS.Platform): string {
  if (platform === "linux") {
    return (
      "install buildah (Debian, Ubuntu: apt-get install buildah; Fedora: dnf install buildah), " +
      "or Docker with buildx: https://docs.docker.com/engine/install/"
    );
  }
  return "install Docker Desktop and start it: https://docs.docker.com/desktop/";
}
