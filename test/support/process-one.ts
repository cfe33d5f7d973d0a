import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { type ProcessResult, run, tryRun } from "../../scripts/system/process/process.ts";

/** What `buildah inspect` says, as far as this looks at it. */
interface Inspected {
  readonly OCIv1: {
    readonly config: {
      readonly Env?: string[];
      readonly User?: string;
      readonly Cmd?: string[];
      readonly WorkingDir?: string;
      readonly StopSignal?: NodeJS.Signals;
    };
  };
}

/** How long a program may take to say that it is ready, and to end once it is told to. */
const START_MS = 60_000;
const END_MS = 5_000;

/** How a program is started where it is not as its image says. */
export interface StartOptions {
  readonly argv?: readonly string[] | undefined;
  readonly env?: Readonly<Record<string, string>>;
  /** As numbers, `1000:1000`. */
  readonly user?: string;
  readonly workdir?: string;
  /** Nothing but `/tmp` can be written to, which is empty: Docker's `--read-only --tmpfs /tmp`. */
  readonly isReadOnly?: boolean;
  /** A folder that is none of the image's, as with Docker's `--volume`: it is not read-only with the rest. */
  readonly volume?: string;
}

/** A program that runs as process 1. */
export interface ProcessOne {
  readonly stdout: NonNullable<ChildProcess["stdout"]>;
  /** Settles once it has ended, with its exit code or the signal that killed it. */
  readonly ended: Promise<number | string>;
  /** Sends the signal that the image names, or SIGTERM. */
  stop(): Promise<void>;
}

/** An image's files, where they can be written to and looked at, and what it says of how it runs. */
export interface OpenImage {
  readonly root: string;
  readonly config: Inspected["OCIv1"]["config"];
}

/**
 * Opens an image as long as `use` takes.
 * @param reference as buildah names it
 * @param store a directory for buildah
 */
export async function withImage<T>(
  reference: string,
  store: string,
  use: (image: OpenImage) => Promise<T>,
): Promise<T> {
  const buildah = ["buildah", "--root", join(store, "root"), "--runroot", join(store, "run")];
  const { stdout } = await run([...buildah, "from", "--tls-verify=false", reference]);
  const container = stdout.trim();
  try {
    const root = (await run([...buildah, "mount", container])).stdout.trim();
    const inspected = await run([...buildah, "inspect", container]);
    const { config } = (JSON.parse(inspected.stdout) as Inspected).OCIv1;
    for (const folder of ["proc", "dev"]) await mkdir(join(root, folder), { recursive: true });
    return await use({ root, config });
  } finally {
    await tryRun([...buildah, "umount", container]);
    await tryRun([...buildah, "rm", container]);
  }
}

/**
 * Runs a program of an image as process 1 as long as `use` takes. Engines that run without a process space of their own
 * cannot: here it has one, as in Docker, so that Linux keeps signals from it that it does not ask for. The network is
 * the machine's.
 * @param reference the image, as buildah names it
 * @param store a directory for buildah
 */
export function withProcessOne<T>(
  reference: string,
  store: string,
  options: StartOptions,
  use: (program: ProcessOne) => Promise<T>,
): Promise<T> {
  return withImage(reference, store, async (image) => {
    const [program = "", ...args] = argvOf(image, options);
    const env = envOf(image, options);
    const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "inherit"] });
    const ended = once(child, "exit").then(
      ([code, signal]: unknown[]) => (code ?? signal) as number | string,
    );
    try {
      const stop = () => signalFirst(child, image.config.StopSignal ?? "SIGTERM");
      return await use({ stdout: child.stdout, ended, stop });
    } finally {
      // Itself: Linux forgets what is to kill a child with its parent, once the child becomes another user.
      await signalFirst(child, "SIGKILL").catch(() => {});
      child.kill("SIGKILL");
      await ended;
    }
  });
}

/** Runs a program of an image that is open, in the same way, until it ends. */
export function runIn(image: OpenImage, options: StartOptions): Promise<ProcessResult> {
  return tryRun(argvOf(image, options), { env: envOf(image, options) });
}

/**
 * Whether a program of an image ends when it is process 1 and is told to.
 * @param argv what prints `ready` and then waits
 * @throws Error where it does not say that it is ready
 */
export function endsWhenStopped(reference: string, store: string, argv: readonly string[]): Promise<boolean> {
  return withProcessOne(reference, store, { argv }, async ({ stdout, ended, stop }) => {
    const [line] = await Promise.race([
      once(createInterface(stdout), "line", { signal: AbortSignal.timeout(START_MS) }),
      ended.then(() => ["(it ended)"]),
    ]);
    if (line !== "ready") throw new Error(`${argv.join(" ")} said ${line}`);
    await stop();
    const patience = AbortSignal.timeout(END_MS);
    return await Promise.race([ended.then(() => true), once(patience, "abort").then(() => false)]);
  });
}

/** Becomes the program itself, so that this is process 1. */
const ENTER = `
root=$0 user=$1 workdir=$2 readonly=$3 volume=$4; shift 4
mount -t proc proc "$root/proc" && mount --rbind /dev "$root/dev" || exit 1
if [ -n "$volume" ]; then mount --bind "$root$volume" "$root$volume" || exit 1; fi
if [ "$readonly" = true ]; then
  mount -t tmpfs -o mode=1777 tmp "$root/tmp" && mount -o remount,bind,ro "$root" || exit 1
fi
exec unshare --root "$root" --wd "$workdir" --setgid "\${user#*:}" --setuid "\${user%:*}" "$@"`;

function argvOf({ root, config }: OpenImage, options: StartOptions): string[] {
  const { User, Cmd = [], WorkingDir } = config;
  const {
    argv = Cmd,
    user = User || "0:0",
    isReadOnly = false,
    workdir = WorkingDir || "/",
    volume = "",
  } = options;
  const apart = ["--fork", "--pid", "--mount", "--kill-child=KILL"];
  return ["unshare", ...apart, "sh", "-c", ENTER, root, user, workdir, String(isReadOnly), volume, ...argv];
}

function envOf({ config: { Env = [] } }: OpenImage, { env = {} }: StartOptions): Record<string, string> {
  const own = Object.fromEntries(Env.map((entry) => entry.split(/=(.*)/s).slice(0, 2)));
  return { HOME: "/tmp", ...own, ...env };
}

async function signalFirst({ pid }: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const first = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8");
  process.kill(Number(first.trim()), signal);
}
