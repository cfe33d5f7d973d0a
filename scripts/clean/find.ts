import { lstat, readdir } from "node:fs/promises";
import { basename, dirname, extname, join, relative } from "node:path";
import type { Item } from "./choose.ts";

/** What there is in a state directory that cleaning may choose from, and whether a run is in progress there. */
export interface Found {
  readonly items: readonly Item[];
  readonly isRunning: boolean;
}

/**
 * Looks through a state directory. The registry's data, the sandbox and the copies of indexes are not
 * cleaning's business: the first are the published images, and the last remember the newest index ever seen,
 * which is what a stale mirror is recognised by.
 *
 * @param isAlive whether a process of this number runs
 * @throws Error where a directory that is there cannot be read
 */
export async function findItems(state: string, isAlive: (pid: number) => boolean): Promise<Found> {
  const stores = await entriesOf(join(state, "engine"));
  const own = (path: string) => ownerOf(path) === process.pid;
  const alive = stores.filter((path) => isAlive(ownerOf(path)));
  const dead = stores.filter((path) => !isAlive(ownerOf(path)));
  const scratch = await entriesOf(join(state, "scratch"));
  const old = await Promise.all(scratch.map((path) => itemOf("leftover", state, [path])));
  const leftovers = [
    ...(await Promise.all(dead.map((path) => itemOf("leftover", state, [path])))),
    // They say nothing of whose they are; no smoke test takes so long.
    ...old.filter(({ used }) => Date.now() - used > SCRATCH_LIFETIME),
  ];
  const found = [await layoutsIn(state), await runsIn(state), leftovers];
  return { items: found.flat(), isRunning: alive.some((path) => !own(path)) };
}

/** Milliseconds. */
const SCRATCH_LIFETIME = 24 * 60 * 60 * 1000;

/** The engine's stores are named after the process that made them: `1234-x8Kd0a`. */
function ownerOf(path: string): number {
  return Number.parseInt(basename(path), 10);
}

/** `layouts/CATALOG/IMAGE/VERSION/VARIANT`. */
async function layoutsIn(state: string): Promise<Item[]> {
  let level = [join(state, "layouts")];
  for (const _ of ["catalog", "image", "version", "variant"]) {
    level = (await Promise.all(level.map((one) => entriesOf(one)))).flat();
  }
  return Promise.all(level.map((path) => itemOf("layout", state, [path])));
}

/** A run has several files of one name, such as `NAME.json` and `NAME.md`; `latest` is only a copy or a link. */
async function runsIn(state: string): Promise<Item[]> {
  const runs = new Map<string, string[]>();
  for (const path of await entriesOf(join(state, "runs"))) {
    const name = basename(path, extname(path));
    if (name === "latest") continue;
    const key = join(dirname(path), name);
    runs.set(key, [...(runs.get(key) ?? []), path]);
  }
  return Promise.all([...runs.values()].map((paths) => itemOf("run", state, paths)));
}

async function itemOf(kind: Item["kind"], state: string, paths: readonly string[]): Promise<Item> {
  const first = paths[0] ?? state;
  const stats = await Promise.all(paths.map((path) => lstat(path)));
  const sizes = await Promise.all(paths.map((one) => sizeOf(one)));
  return {
    kind,
    name: relative(state, first),
    paths,
    bytes: sizes.reduce((sum, bytes) => sum + bytes, 0),
    used: Math.max(...stats.map(({ mtimeMs }) => mtimeMs)),
  };
}

/** Bytes on disk. What vanishes meanwhile has none. */
async function sizeOf(path: string): Promise<number> {
  const stat = await lstat(path).catch(() => undefined);
  if (!stat) return 0;
  if (!stat.isDirectory()) return stat.blocks * BLOCK;
  let sum = 0;
  for (const entry of await entriesOf(path)) sum += await sizeOf(entry);
  return sum;
}

/** The unit of st_blocks. Source: stat(2). */
const BLOCK = 512;

async function entriesOf(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).sort().map((name) => join(directory, name));
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw error;
  }
}
