import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { run, tryRun } from "../../scripts/system/process/process.ts";

/** What `buildah inspect` says, as far as this looks at it. */
interface Inspected {
  readonly OCIv1: {
    readonly config: {
      readonly Env?: string[];
      readonly User?: string;
      readonly StopSignal?: NodeJS.Signals;
    };
  };
}

/** How long a program may take to say that it is ready, and to end once it is told to. */
const START_MS = 60_000;
const END_MS = 5_000;

/**
 * Whether a program of an image ends when it is process 1 and is sent the signal that the image names, or SIGTERM.
 * Engines that run without a process space of their own cannot tell: here it has one, as in Docker, so that Linux keeps
 * from it what it does not ask for.
 * @param reference the image, as buildah names it
 * @param store a directory for buildah
 * @param argv what prints `ready` and then waits
 * @throws Error where it does not say that it is ready
 */
export async function endsWhenStopped(
  reference: string,
  store: string,
  argv: readonly string[],
): Promise<boolean> {
  const buildah = ["buildah", "--root", join(store, "root"), "--runroot", join(store, "run")];
  const { stdout } = await run([...buildah, "from", "--tls-verify=false", reference]);
  const container = stdout.trim();
  try {
    const root = (await run([...buildah, "mount", container])).stdout.trim();
    const inspected = await run([...buildah, "inspect", container]);
    const {
      Env = [],
      User = "",
      StopSignal = "SIGTERM",
    } = (JSON.parse(inspected.stdout) as Inspected).OCIv1.config;
    for (const folder of ["proc", "dev"]) await mkdir(join(root, folder), { recursive: true });
    return await isEnded(root, { user: User, env: Env, argv, signal: StopSignal });
  } finally {
    await tryRun([...buildah, "umount", container]);
    await tryRun([...buildah, "rm", container]);
  }
}

/** Becomes the program itself, so that this is process 1. */
const ENTER = `
mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" || exit 1
user=$1; shift
exec chroot --userspec="$user" "$0" "$@"`;

/** What is run, and how it is told to end. */
interface Start {
  readonly user: string;
  readonly env: readonly string[];
  readonly argv: readonly string[];
  readonly signal: NodeJS.Signals;
}

async function isEnded(root: string, { user, env, argv, signal }: Start): Promise<boolean> {
  const apart = ["--fork", "--pid", "--mount", "--kill-child=KILL"];
  const child = spawn("unshare", [...apart, "sh", "-c", ENTER, root, user, ...argv], {
    env: Object.fromEntries([["HOME", "/tmp"], ...env.map((entry) => entry.split(/=(.*)/s))]),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  try {
    const [line] = await Promise.race([
      once(createInterface(child.stdout), "line", { signal: AbortSignal.timeout(START_MS) }),
      ended.then(() => ["(it ended)"]),
    ]);
    if (line !== "ready") throw new Error(`${argv.join(" ")} said ${line} in ${root}`);
    const first = await readFile(`/proc/${child.pid}/task/${child.pid}/children`, "utf8");
    process.kill(Number(first.trim()), signal);
    const patience = AbortSignal.timeout(END_MS);
    return await Promise.race([ended.then(() => true), once(patience, "abort").then(() => false)]);
  } finally {
    child.kill("SIGKILL");
    await ended;
  }
}
