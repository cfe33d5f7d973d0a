import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** Why a test with a disk of its own is skipped here; undefined where it can be had. */
export const noSmallDisk: string | undefined = whyNot();

/**
 * A disk of a few bytes, unmounted when the test ends.
 * @param size as tmpfs takes it: `256k`
 */
export function smallDisk(size: string, options = ""): string {
  const directory = mkdtempSync(join(tmpdir(), "birdhouse-disk-"));
  const all = [`size=${size}`, ...(options === "" ? [] : [options])].join(",");
  execFileSync("mount", ["-t", "tmpfs", "-o", all, "tmpfs", directory]);
  onTestFinished(() => {
    execFileSync("umount", ["--lazy", directory]);
    rmSync(directory, { recursive: true });
  });
  return directory;
}

function whyNot(): string | undefined {
  if (process.getuid?.() !== 0) return "only root may mount a small disk";
  const directory = mkdtempSync(join(tmpdir(), "birdhouse-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", directory], { stdio: "ignore" });
    execFileSync("umount", [directory]);
    return undefined;
  } catch {
    return "this machine mounts no tmpfs";
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
