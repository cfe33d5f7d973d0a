import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { elfMachine, hostPlatform, PLATFORMS, type Platform } from "../model/platform.ts";
import { tryRun } from "../system/process/process.ts";
import { isInstalled } from "../system/process/tools.ts";
import { buildxFolder, parsePlatforms } from "./buildx.ts";
import { isDockerUsable } from "./choose.ts";
import type { EngineName } from "./engine.ts";

/** The platforms whose programs an engine can run while it builds: a dev image runs its own apk. */
export interface Runnable {
  readonly platforms: readonly Platform[];
  /** What runs no others: `the builder default`, `this machine`. */
  readonly by: string;
  /** What to do to have another platform, such as `linux/arm64`. */
  advice(platform: Platform): string;
}

/**
 * The choice of an engine, as for `openEngine`; the buildx builder that docker builds with; and whether buildah will be
 * installed where nothing else is there.
 */
export interface EngineChoice {
  readonly choice: EngineName | "auto";
  readonly builder?: string;
  readonly installs: boolean;
  /** Whether it runs images too, and not only builds them; it does unless told otherwise. */
  readonly runs?: boolean;
}

/**
 * Asks which platforms an engine would build dev images for, without opening it: a plan asks, and builds nothing.
 * @returns undefined where no engine is there that could be asked
 */
export async function runnablePlatforms(asked: EngineChoice): Promise<Runnable | undefined> {
  const { choice, builder, installs } = asked;
  if (choice !== "buildah" && choice !== "podman") {
    if (builder !== undefined || (await isDockerUsable())) return builderPlatforms(builder);
    if (choice === "docker") return undefined;
  }
  const engines = choice === "auto" ? (["buildah", "podman"] as const) : [choice];
  const installed = await Promise.all(engines.map((one) => isInstalled(one)));
  if (!installs && !installed.includes(true)) return undefined;
  const handlers = await binfmtHandlers();
  return {
    platforms: PLATFORMS.filter((one) => one === hostPlatform() || isEmulated(one, handlers)),
    by: "this machine",
    advice: () =>
      "install an emulator (Debian, Ubuntu: apt-get install qemu-user-static) or build with docker and a builder " +
      "that has a node for it (--builder)",
  };
}

/** @returns undefined where buildx does not answer */
async function builderPlatforms(builder: string | undefined): Promise<Runnable | undefined> {
  const named = builder === undefined ? [] : [builder];
  const asked = await tryRun(["docker", "buildx", "inspect", ...named]);
  if (asked.exitCode !== 0) return undefined;
  // A node that has not been started yet cannot tell.
  const needsStart = parsePlatforms(asked.stdout).length === 0;
  const told = needsStart ? await tryRun(["docker", "buildx", "inspect", "--bootstrap", ...named]) : asked;
  if (told.exitCode !== 0) return undefined;
  const name = /^Name:\s*(\S+)/m.exec(told.stdout)?.[1] ?? builder ?? "default";
  return {
    platforms: parsePlatforms(told.stdout),
    by: `the builder ${name}`,
    advice: (platform) =>
      `install an emulator (docker run --privileged --rm tonistiigi/binfmt --install ${platform.split("/")[1]}) ` +
      "or name a builder that has a node for it (docker buildx create --append, then --builder)",
  };
}

/**
 * A digest of what the answer of `runnablePlatforms` depends on, as far as it shows without asking an engine: the
 * kernel's emulators, buildx's builders, whether there is a Docker. Takes almost no time.
 */
export async function runnableState(): Promise<string> {
  const buildx = buildxFolder();
  const instances = join(buildx, "instances");
  const names = (await readdir(instances).catch(() => [])).sort();
  const files = [join(buildx, "current"), ...names.map((name) => join(instances, name))];
  const texts = await Promise.all(files.map((file) => readFile(file, "utf8").catch(() => "")));
  const hasSocket = existsSync("/var/run/docker.sock");
  const state = [await binfmtHandlers(), names, texts, hasSocket, process.env.DOCKER_HOST];
  return createHash("sha256").update(JSON.stringify(state)).digest("hex");
}

/** Where Linux lists what it runs foreign programs with. Absent or empty where nothing is registered. */
const BINFMT_DIRECTORY = "/proc/sys/fs/binfmt_misc";

/**
 * Whether the kernel runs programs of a platform in a container through an emulator, by what it says of its
 * handlers. Pure. A handler without flag F looks for its emulator inside of the container, where there is none.
 * Source of the format: Linux, Documentation/admin-guide/binfmt-misc.rst.
 * @param handlers the texts of the files in BINFMT_DIRECTORY
 */
export function isEmulated(platform: Platform, handlers: readonly string[]): boolean {
  // Bytes 18 and 19 of the header, little-endian, in hexadecimal.
  const machine = Buffer.alloc(2);
  machine.writeUInt16LE(elfMachine(platform));
  return handlers.some((text) => {
    const magic = /^magic ([0-9a-f]+)$/m.exec(text)?.[1] ?? "";
    const flags = /^flags: (\w*)$/m.exec(text)?.[1] ?? "";
    const isForPlatform = magic.startsWith("7f454c46") && magic.slice(36, 40) === machine.toString("hex");
    return /^enabled$/m.test(text) && flags.includes("F") && isForPlatform;
  });
}

/** What the kernel says of each of its handlers, in the order of their names. */
export async function binfmtHandlers(directory = BINFMT_DIRECTORY): Promise<string[]> {
  const names = await readdir(directory).catch(() => []);
  const texts = names.sort().map((name) => readFile(join(directory, name), "utf8").catch(() => ""));
  return Promise.all(texts);
}
