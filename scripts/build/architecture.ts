import type { Package } from "../model/package.ts";
import { apkArchitecture, type Platform } from "../model/platform.ts";

/**
 * The machine that an ELF file is for. Source: elf.h, EM_X86_64 and EM_AARCH64.
 */
const ELF_MACHINES: Readonly<Record<Platform, number>> = { "linux/amd64": 62, "linux/arm64": 183 };

/** Where programs and libraries are; elsewhere a file may be of any machine, such as a test's data. */
const PROGRAMS = /^(usr\/)?(s?bin\/[^/]+|lib\/[^/]+\.so[.\d]*)$/;

/** How many are named. */
const SHOWN = 3;

/**
 * What in an image is of another architecture than its platform's, in words: packages by what apk wrote down of them,
 * programs by what their own bytes say. An image cannot be run on a machine of another kind; this can be told of it
 * all the same. Pure.
 * @param machines path → machine of every ELF file
 */
export function foreignParts(
  platform: Platform,
  installed: readonly Pick<Package, "name" | "architecture">[],
  machines: ReadonlyMap<string, number>,
): string[] {
  const architecture = apkArchitecture(platform);
  const packages = installed
    .filter((one) => one.architecture !== architecture && one.architecture !== "noarch")
    .map((one) => `package ${one.name} is for ${one.architecture}`);
  const programs = [...machines]
    .filter(([path, machine]) => PROGRAMS.test(path) && machine !== ELF_MACHINES[platform])
    .map(([path, machine]) => `/${path} is for ELF machine ${machine}`);
  return [...packages.slice(0, SHOWN), ...programs.slice(0, SHOWN)];
}
