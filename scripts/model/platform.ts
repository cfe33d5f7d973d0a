/** A platform as OCI names it: operating system and architecture. */
export type Platform = "linux/amd64" | "linux/arm64";

export const PLATFORMS = ["linux/amd64", "linux/arm64"] as const satisfies readonly Platform[];

/** What apk calls the architecture of a platform. The one place that translates. */
const APK_ARCHITECTURES: Readonly<Record<Platform, string>> = {
  "linux/amd64": "x86_64",
  "linux/arm64": "aarch64",
};

/** `linux/amd64` → `x86_64`. */
export function apkArchitecture(platform: Platform): string {
  return APK_ARCHITECTURES[platform];
}

/** The platform of the machine that runs us. @throws Error on a machine that no image is made for. */
export function hostPlatform(): Platform {
  if (process.arch === "x64") return "linux/amd64";
  if (process.arch === "arm64") return "linux/arm64";
  throw new Error(`no Alpine platform is known for this machine's architecture, ${process.arch}`);
}
