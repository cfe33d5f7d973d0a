import { lstat, readdir } from "node:fs/promises";
import { basename, dirname, extname, join, relative } from "node:path";
import { type FolderOwner, ownerOf } from "../../system/state/run-folder.ts";
import { stateKind } from "../../system/state/state-directory.ts";
import type { Item } from "./choose.ts";

/** What there is in a state directory that cleaning may choose from, and whether a run is in progress there. */
export interface Found {
  readonly items: readonly Item[];
  readonly isRunning: boolean;
}

/**
 * Looks through a state directory. The registry's data, the sandbox and the copies of indexes are not
 * cleaning's business: the first are the published images, and the last remember the newest index ever seen,
 * which is what a stale mirror is recognised by. What does not bear a name that only we give is not either:
 * whoever names the wrong directory loses nothing by it.
 *
 * @param whose tells whose a folder of a run is
 * @throws Error where a directory that is there cannot be read
 */
export async function findItems(
  state: string,
  whose: (path: string) => Promise<FolderOwner> = ownerOf,
): Promise<Found> {
  const stores = await entriesOf(join(state, "engine"));
  const owners = await Promise.all(stores.map((path) => whose(path)));
  const ended = stores.filter((_, index) => owners[index] === "ended");
  // Their names might be anybody's: only where the whole directory is known to be ours.
  const isOurs = (await stateKind(state)) === "marked";
  const places = isOurs ? await entriesOf(join(state, "scratch")) : [];
  const scratch = places.filter((path) => SCRATCH.test(basename(path)));
  const old = await Promise.all(scratch.map((path) => itemOf("leftover", state, [path])));
  const leftovers = [
    ...(await Promise.all(ended.map((path) => itemOf("leftover", state, [path])))),
    // They say nothing of whose they are; no smoke test takes so long.
    ...old.filter(({ used }) => Date.now() - used > SCRATCH_LIFETIME),
  ];
  const found = [await layoutsIn(state), await runsIn(state), leftovers];
  return { items: found.flat(), isRunning: owners.includes("running") };
}

/** Milliseconds. */
const SCRATCH_LIFETIME = 24 * 60 * 60 * 1000;

/** The names of what we make: places for work, layouts by catalog, and what runs write. */
const SCRATCH = /^(?:smoke|scan|import|run)-[A-Za-z0-9]{6}$/;
const LAYOUTS = /^[\w.-]{1,255}-[0-9a-f]{8}$/;
const VARIANT = /^(?:runtime|dev)$/;
const RUN = /^\d{4}-\d{2}-\d{2}T\d{6}Z-\d{1,10}$/;

/** `layouts/CATALOG/IMAGE/VERSION/VARIANT`. */
async function layoutsIn(state: string): Promise<Item[]> {
  let level = [join(state, "layouts")];
  for (const name of [LAYOUTS, undefined, undefined, VARIANT]) {
    const below = (await Promise.all(level.map((one) => entriesOf(one)))).flat();
    level = name ? below.filter((path) => name.test(basename(path))) : below;
  }
  return Promise.all(level.map((path) => itemOf("layout", state, [path])));
}

/** A run has several files of one name, such as `NAME.jsonl` and `NAME.md`; `latest` is only a copy. */
async function runsIn(state: string): Promise<Item[]> {
  const runs = new Map<string, string[]>();
  for (const path of await entriesOf(join(state, "runs"))) {
    const name = basename(path, extname(path));
    if (!RUN.test(name)) continue;
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
