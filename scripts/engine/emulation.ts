import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Platform } from "../model/platform.ts";

/** Where Linux lists what it runs foreign programs with. Absent or empty where nothing is registered. */
export const BINFMT_DIRECTORY = "/proc/sys/fs/binfmt_misc";

/**
 * The machine in an ELF header as binfmt_misc writes it, bytes 18 and 19 in hexadecimal.
 * Source: elf.h, EM_X86_64 = 62 and EM_AARCH64 = 183, little-endian both.
 */
const ELF_MACHINES: Readonly<Record<Platform, string>> = { "linux/amd64": "3e00", "linux/arm64": "b700" };

/**
 * Whether the kernel runs programs of a platform in a container through an emulator, by what it says of its
 * handlers. Pure. A handler without flag F looks for its emulator inside of the container, where there is none.
 * Source of the format: Linux, Documentation/admin-guide/binfmt-misc.rst.
 * @param handlers the texts of the files in BINFMT_DIRECTORY
 */
export function isEmulated(platform: Platform, handlers: readonly string[]): boolean {
  return handlers.some((text) => {
    const magic = /^magic ([0-9a-f]+)$/m.exec(text)?.[1] ?? "";
    const flags = /^flags: (\w*)$/m.exec(text)?.[1] ?? "";
    const isForPlatform = magic.startsWith("7f454c46") && magic.slice(36, 40) === ELF_MACHINES[platform];
    return /^enabled$/m.test(text) && flags.includes("F") && isForPlatform;
  });
}

/** What the kernel says of each of its handlers, in the order of their names. */
export async function binfmtHandlers(directory = BINFMT_DIRECTORY): Promise<string[]> {
  const names = await readdir(directory).catch(() => []);
  const texts = names.sort().map((name) => readFile(join(directory, name), "utf8").catch(() => ""));
  return Promise.all(texts);
}
