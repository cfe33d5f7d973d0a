import { access, constants, stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { messageOf } from "../system/errors.ts";
import { formatBytes } from "../system/shown/format.ts";
import type { Check, Finding } from "./check.ts";

/** Bytes. A pair of images takes a few hundred megabytes while it is built; below the second none is. */
const ENOUGH = 5e9;
const LEAST = 1e9;

/** Whether the state directory can be written or made, and has room. Nothing is written to find out. */
export function diskCheck(state: string): Check {
  return {
    name: "disk",
    async run() {
      try {
        const folder = await nearestFolder(state);
        await access(folder, constants.W_OK | constants.X_OK);
        const { bavail, bsize } = await statfs(folder);
        return roomFinding(state, bavail * bsize);
      } catch (error) {
        return {
          status: "fail",
          found: `${state} cannot be written: ${messageOf(error)}`,
          advice: "give the folder to the user who runs this, or name another one with --state",
        };
      }
    },
  };
}

/** The folder itself, or the one that is there and that it would be made in. @throws Error where a file is in the way */
async function nearestFolder(path: string): Promise<string> {
  try {
    if ((await stat(path)).isDirectory()) return path;
    throw new Error(`${path} is not a folder`);
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    const parent = dirname(path);
    if (!isMissing || parent === path) throw error;
    return nearestFolder(parent);
  }
}

/** What to say of so many free bytes. Pure. */
export function roomFinding(state: string, free: number): Finding {
  const found = `${formatBytes(free)} free at ${state}`;
  if (free >= ENOUGH) return { status: "ok", found };
  return {
    status: free < LEAST ? "fail" : "warn",
    found,
    advice: "make room: make clean removes old layouts, and a smaller clean.disk in the catalog more of them",
  };
}
