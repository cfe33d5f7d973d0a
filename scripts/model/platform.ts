/** A platform as OCI names it: operating system and architecture. */
export type Platform = keyof typeof MACHINES;

/**
 * What each platform's machine is called by apk and by Node, and its number in an ELF header. All that is to be said of
 * a platform stands here. Source: apk's `--print-arch`, `process.arch`, elf.h (EM_X86_64, EM_AARCH64).
 */
const MACHINES = {
  "linux/amd64": { apk: "x86_64", node: "x64", elf: 62 },
  "linux/arm64": { apk: "aarch64", node: "arm64", elf: 183 },
} as const;

export const PLATFORMS = ["linux/amd64", "linux/arm64"] as const satisfies readonly Platform[];

/** `linux/amd64` → `x86_64`. */
export function apkArchitecture(platform: Platform): string {
  return MACHINES[platform].apk;
}

/** The machine in the ELF header of a platform's programs. */
export function elfMachine(platform: Platform): number {
  return MACHINES[platform].elf;
}

/** The platform of the machine that runs us. @throws Error on a machine that no image is made for. */
export function hostPlatform(): Platform {
  const host = PLATFORMS.find((platform) => MACHINES[platform].node === process.arch);
  if (!host) throw new Error(`no Alpine platform is known for this machine's architecture, ${process.arch}`);
  return host;
}
