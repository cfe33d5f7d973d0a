import { messageOf, UserError } from "../system/errors.ts";
import { CommandError, tryRun } from "../system/process/process.ts";
import { isInstalled } from "../system/process/tools.ts";
import { openBuildah } from "./buildah.ts";
import { hasDaemon, openBuildx, openDocker } from "./docker.ts";
import { ENGINES, type Engine, type EngineName } from "./engine.ts";
import type { Note } from "./farm.ts";
import { openPodman } from "./podman.ts";

interface OpenOptions {
  /** The buildx builder that docker builds with. */
  readonly builder?: string | undefined;
  /** Whether it is to run images too: something else may. */
  readonly runs?: boolean | undefined;
  /** Tells people of what happens while it builds. */
  readonly note?: Note;
}

/**
 * Opens the engine that was asked for; `auto` takes the first that works, in the order of ENGINES.
 * @param directory where buildah and podman keep their stores
 * @throws UserError that says what to install, when none works
 */
export async function openEngine(
  choice: EngineName | "auto",
  directory: string,
  { builder, runs = true, note = () => {} }: OpenOptions = {},
): Promise<Engine> {
  const openRootless = async (name: RootlessEngine, openIt: typeof openBuildah) => {
    if (await isInstalled(name)) await requireUserIds(name);
    return openIt(directory);
  };
  const open: Record<EngineName, () => Promise<Engine>> = {
    async docker() {
      if (builder === undefined || (await hasDaemon())) return openDocker(builder, note);
      // Built elsewhere, and run on this machine.
      const { title, build, close } = await openBuildx(builder, note);
      if (!runs) return { name: "docker", title, build, open: runNothing, close };
      const runner = await open.buildah();
      const closeBoth = async () => {
        await close();
        await runner.close();
      };
      const both = `${title}, and ${runner.title} to run`;
      return { ...runner, name: "docker", title: both, build, close: closeBoth };
    },
    buildah: () => openRootless("buildah", openBuildah),
    podman: () => openRootless("podman", openPodman),
  };
  const failures: string[] = [];
  const hints: string[] = [];
  for (const name of choice === "auto" ? ENGINES : [choice]) {
    try {
      return await open[name]();
    } catch (error) {
      // An engine that is there and lacks something is easier to mend than one that is not installed.
      if (error instanceof UserError && choice !== "auto") throw error;
      if (error instanceof UserError && name !== "docker" && error.hint) hints.push(error.hint);
      failures.push(`${name}: ${reasonOf(error)}`);
    }
  }
  throw new UserError(
    `there is no engine to build with\n  ${failures.join("\n  ")}`,
    hints.at(-1) ?? installHint(process.platform),
  );
}

function runNothing(): Promise<never> {
  return Promise.reject(new Error("an engine that was opened to build only was asked to run an image"));
}

/**
 * Checks that a plain user can build here, without opening an engine: before minutes of work, not after.
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
  return (await openDocker().catch(() => undefined)) !== undefined;
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

/** User ids that images need: those of Alpine's packages, and 65532, which runtime images run as. */
const NEEDED_IDS = 65_536;

/** Programs that a plain user can build with, where the system lets them. */
type RootlessEngine = "buildah" | "podman";

/**
 * Checks that a plain user may build: the system must give them enough user ids for a namespace. Root always may.
 * Source: subuid(5), user_namespaces(7), buildah-unshare(1)
 * @param uid the user's number; undefined where the system has none
 * @throws UserError in one line, with what to do
 */
export async function requireUserIds(
  engine: RootlessEngine,
  uid = process.getuid?.(),
  run: typeof tryRun = tryRun,
): Promise<void> {
  if (uid === undefined || uid === 0) return;
  const { exitCode, stdout, stderr } = await run([engine, "unshare", "cat", "/proc/self/uid_map"]);
  const count = exitCode === 0 ? idsIn(stdout) : 0;
  if (count >= NEEDED_IDS) return;
  const last = stderr.trim().split("\n").at(-1) ?? "";
  const why = exitCode === 0 ? `it has ${count} of the ${NEEDED_IDS} user ids that images need` : last;
  throw new UserError(
    `user ${uid} cannot build with ${engine}: ${why}`,
    `run this as root, or use docker; or have root give user ids to this user, in a free range, such as: ` +
      "usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER",
  );
}

/** How many user ids a map has. Source of the format: user_namespaces(7). Pure. */
export function idsIn(map: string): number {
  return map
    .split("\n")
    .map((line) => Number(line.trim().split(/\s+/)[2] ?? 0))
    .reduce((sum, count) => sum + (Number.isFinite(count) ? count : 0), 0);
}
