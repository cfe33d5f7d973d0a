import { UserError } from "../errors.ts";
import { removeFile, writeNew } from "../files/files.ts";
import { CommandError, run, tryRun } from "./process.ts";

/** The Debian package of a tool, where it is not called as the tool is. */
const PACKAGE_OF: Readonly<Record<string, string>> = {
  "dpkg-deb": "dpkg",
  "apt-get": "apt",
  setpriv: "util-linux",
  "systemd-analyze": "systemd",
};

/** Whether a program of this name is on the PATH. */
export async function isInstalled(tool: string): Promise<boolean> {
  const { which } = await import("zx/core");
  return (await which(tool, { nothrow: true })) !== null;
}

/**
 * Sees to it that programs are there: installs Debian's packages of those that are missing, with root and apt-get.
 * @throws UserError naming the packages to install where we cannot do so ourselves
 */
export async function ensureTools(
  tools: readonly string[],
  { onProgress, signal }: { onProgress?: (text: string) => void; signal?: AbortSignal } = {},
): Promise<void> {
  const missing: string[] = [];
  for (const tool of tools) if (!(await isInstalled(tool))) missing.push(tool);
  if (missing.length === 0) return;

  const packages = missing.map((tool) => PACKAGE_OF[tool] ?? tool);
  const hint = `install it with: apt-get install --no-install-recommends ${packages.join(" ")}`;
  if (!(await isInstalled("apt-get")) || process.getuid?.() !== 0) {
    throw new UserError(`${missing.join(", ")} not found, and only root on Debian can install it`, hint);
  }
  onProgress?.(`installing ${packages.join(", ")} on this machine`);
  await install(packages, hint, signal);
}

async function install(packages: readonly string[], hint: string, signal?: AbortSignal): Promise<void> {
  const options = { env: { DEBIAN_FRONTEND: "noninteractive" }, ...(signal && { signal }) };
  const command = ["apt-get", "install", "-y", "--no-install-recommends", ...packages];
  const allowServices = await keepServicesDown();
  try {
    // A fresh container has no package lists, and old lists name versions that are gone.
    if ((await tryRun(command, options)).exitCode !== 0) {
      await run(["apt-get", "update"], options);
      await run(command, options);
    }
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new UserError(`${packages.join(", ")} could not be installed: ${error.message}`, hint);
  } finally {
    await allowServices();
  }
}

/** What Debian's packages ask before they start a service; see invoke-rc.d(8). */
const SERVICE_POLICY = "/usr/sbin/policy-rc.d";

/**
 * Debian starts a service as soon as it is installed; we want its program only, and its port for ourselves.
 * @returns puts everything back; a policy that the machine has of its own is left alone
 */
async function keepServicesDown(): Promise<() => Promise<void>> {
  try {
    await writeNew(SERVICE_POLICY, "#!/bin/sh\nexit 101\n", 0o755);
  } catch {
    return async () => {};
  }
  return () => removeFile(SERVICE_POLICY);
}
