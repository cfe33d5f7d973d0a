import { mkdir, mkdtemp, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { unmountBelow } from "../system/mounts.ts";

/**
 * Makes a store for one run of buildah or podman, removed at its end: that bounds the disk, keeps layers from outliving
 * the package index they were made from, and leaves the machine's own images alone.
 * @param directory of the stores; those that killed runs have left in it are removed
 */
export async function openStore(directory: string): Promise<string> {
  await mkdir(directory, { recursive: true });
  await removeAbandonedStores(directory);
  return mkdtemp(join(directory, `${process.pid}-`));
}

/** The options by which both keep to a store. */
export function storeOptions(store: string): string[] {
  return ["--root", join(store, "root"), "--runroot", join(store, "run")];
}

/** Stores are named after the process that made them; those of processes long gone are removed. */
async function removeAbandonedStores(directory: string): Promise<void> {
  for (const store of await readdir(directory)) {
    if (!isAlive(Number.parseInt(store, 10))) await removeStore(join(directory, store));
  }
}

/** Removes a store, and what is mounted below it. */
export async function removeStore(store: string): Promise<void> {
  await unmountBelow(store);
  await rm(store, { recursive: true, force: true });
}

/** Whether a process of this number runs. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Refused: it lives, and is another user's.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
