import { randomUUID } from "node:crypto";
import { statfs } from "node:fs/promises";
import { join } from "node:path";
import { formatBytes } from "../report/format.ts";
import { messageOf } from "../system/errors.ts";
import { makeFolder, removeFile, writeWhole } from "../system/files.ts";
import type { Check, Finding } from "./check.ts";

/** Bytes. A pair of images takes a few hundred megabytes while it is built; below the second none is. */
const ENOUGH = 5e9;
const LEAST = 1e9;

/** Whether the state directory can be written, and has room. */
export function diskCheck(state: string): Check {
  return {
    name: "disk",
    async run() {
      try {
        await makeFolder(state);
        const probe = join(state, `doctor-${randomUUID()}`);
        await writeWhole(probe, "written");
        await removeFile(probe);
      } catch (error) {
        return {
          status: "fail",
          found: `${state} cannot be written: ${messageOf(error)}`,
          advice: "give the folder to the user who runs this, or name another one with --state",
        };
      }
      const { bavail, bsize } = await statfs(state);
      return roomFinding(state, bavail * bsize);
    },
  };
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
