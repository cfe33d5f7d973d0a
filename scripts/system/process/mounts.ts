import { readFile } from "node:fs/promises";
import { sep } from "node:path";
import { tryRun } from "./process.ts";

/** Unmounts all that is mounted below a directory, deepest first. Does nothing where there are no mounts. */
export async function unmountBelow(directory: string): Promise<void> {
  const table = await readFile("/proc/self/mountinfo", "utf8").catch(() => "");
  const points = mountPoints(table).filter(
    (point) => point === directory || point.startsWith(directory + sep),
  );
  for (const point of points.reverse()) await tryRun(["umount", point]);
}

/** The mount points of a `mountinfo` table, in the order they were mounted. Source: proc(5). */
export function mountPoints(table: string): string[] {
  return table
    .split("\n")
    .map((line) => line.split(" ")[4])
    .filter((point) => point !== undefined)
    .map((point) =>
      point.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))),
    );
}
