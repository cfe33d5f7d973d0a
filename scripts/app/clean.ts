import { lstat, readdir } from "node:fs/promises";
import { basename, extname, join, relative, resolve } from "node:path";
import { pruneDocker } from "../engine/docker.ts";
import { type CleanRule, DEFAULT_RULE } from "../model/policy.ts";
import { messageOf, UserError } from "../system/errors.ts";
import { groupBy } from "../system/group.ts";
import { count, formatBytes } from "../system/shown/format.ts";
import { type FolderOwner, ownerOf, removeRunFolder } from "../system/state/run-folder.ts";
import { isMarked, strangersIn } from "../system/state/state-directory.ts";
import type { Session } from "./session.ts";

interface CleanOptions {
  /** Birdhouse's state directory. */
  readonly state: string;
  readonly rule: CleanRule;
  /** Removes nothing. */
  readonly dryRun: boolean;
  readonly builder?: string | undefined;
}

export interface Cleaned {
  readonly removed: readonly Removal[];
  /** What has been left because a run in progress may use it. */
  readonly isRunning: boolean;
  /** What docker said of its build cache, where there is a docker. */
  readonly engine?: string;
}

/**
 * Removes what the rule no longer allows: layouts, old runs, and what engines left behind.
 * @throws UserError where the directory is not ours
 * @throws Error where something cannot be removed
 */
export async function clean({ state, rule, dryRun, builder }: CleanOptions): Promise<Cleaned> {
  const [first, ...others] = await strangersIn(state);
  if (first !== undefined) {
    const more = others.length > 0 ? `, and ${others.length} more that are not ours` : "";
    throw new UserError(
      `${state} is not a state directory of Birdhouse: it holds ${first}${more}`,
      "nothing was removed; name a directory with --state that is for Birdhouse alone",
    );
  }
  const { items, isRunning } = await findItems(state);
  const removed = chooseRemovals(items, rule, Date.now(), isRunning);
  if (dryRun) return { removed, isRunning };
  // A store of a run that was killed may still be mounted.
  for (const path of removed.flatMap(({ paths }) => paths)) await removeRunFolder(path);
  const engine = isRunning ? undefined : await pruneDocker(rule, builder);
  return { removed, isRunning, ...(engine !== undefined && { engine }) };
}

/** Cleans at the end of a run. What cannot be removed now is no failure of the run: the next one tries again. */
export async function cleanAfterRun(
  { catalog, listener }: Pick<Session, "catalog" | "listener">,
  state: string,
  builder?: string,
): Promise<void> {
  const note = (text: string) => listener({ type: "note", text });
  try {
    const { clean: rule = DEFAULT_RULE } = catalog;
    const cleaned = await clean({ state: resolve(state), rule, dryRun: false, builder });
    if (cleaned.removed.length > 0) note(cleanedSummary(cleaned, false));
  } catch (error) {
    note(`cannot clean up: ${messageOf(error)}`);
  }
}

/** What was removed, in one line. */
export function cleanedSummary(cleaned: Cleaned, dryRun: boolean): string {
  if (cleaned.removed.length === 0) return "Nothing to clean.";
  const sum = `${count(cleaned.removed.length, "item")}, ${formatBytes(cleanedBytes(cleaned))}`;
  return dryRun ? `Would remove ${sum}.` : `Removed ${sum}.`;
}

/** Bytes of all that was removed. */
export function cleanedBytes({ removed }: Cleaned): number {
  return removed.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Something in the state directory that can be made again, or is no longer needed. */
export interface Item {
  /** `leftover`: of a process that has ended without tidying up. */
  readonly kind: "layout" | "run" | "leftover";
  /** As people are shown it: its path in the state directory. */
  readonly name: string;
  readonly paths: readonly string[];
  readonly bytes: number;
  /** When it was last made, in milliseconds since 1970. */
  readonly used: number;
}

/** What goes, and which part of the rule it goes by. */
type Removal = Item & { readonly why: "age" | "disk" | "number" | "leftover" };

const DAY = 24 * 60 * 60 * 1000;

/**
 * Chooses what goes, the oldest first. Pure.
 * @param isRunning another run is in progress. Which layouts it reads cannot be known, so none goes then.
 */
export function chooseRemovals(
  items: readonly Item[],
  rule: CleanRule,
  now: number,
  isRunning: boolean,
): Removal[] {
  const oldest = [...items].sort((a, b) => a.used - b.used || (a.name < b.name ? -1 : 1));
  const of = (kind: Item["kind"]) => oldest.filter((item) => item.kind === kind);
  const runs = of("run");
  const tooMany = runs.slice(0, Math.max(0, runs.length - rule.runs));
  const removals: Removal[] = [
    ...of("leftover").map((item) => ({ ...item, why: "leftover" as const })),
    ...tooMany.map((item) => ({ ...item, why: "number" as const })),
  ];
  return isRunning ? removals : [...removals, ...chooseLayouts(of("layout"), rule, now)];
}

/** @param layouts the oldest first */
function chooseLayouts(layouts: readonly Item[], rule: CleanRule, now: number): Removal[] {
  let left = layouts.reduce((sum, { bytes }) => sum + bytes, 0);
  const removals: Removal[] = [];
  for (const layout of layouts) {
    const isOld = now - layout.used > rule.layouts * DAY;
    // The rest is younger: where this one may stay, so may they.
    if (!isOld && left <= rule.disk) break;
    removals.push({ ...layout, why: isOld ? "age" : "disk" });
    left -= layout.bytes;
  }
  return removals;
}

/**
 * Looks through a state directory. The registry's data, the sandbox and the copies of indexes are not
 * cleaning's business: the first are the published images, and the last remember the newest index ever seen,
 * which is what a stale mirror is recognised by. What does not bear a name that only we give is not either:
 * whoever names the wrong directory loses nothing by it.
 * @param whose tells whose a folder of a run is
 * @throws Error where a directory that is there cannot be read
 */
export async function findItems(
  state: string,
  whose: (path: string) => Promise<FolderOwner> = ownerOf,
): Promise<{ readonly items: readonly Item[]; readonly isRunning: boolean }> {
  const itemsOf = (paths: readonly string[], kind: Item["kind"]) =>
    Promise.all(paths.map((path) => itemOf(kind, state, [path])));
  const stores = await entriesOf(join(state, "engine"));
  const owners = await Promise.all(stores.map((path) => whose(path)));
  const ended = stores.filter((_, index) => owners[index] === "ended");
  // Their names might be anybody's: only where the whole directory is known to be ours.
  const isOurs = await isMarked(state);
  const places = isOurs ? await entriesOf(join(state, "scratch")) : [];
  const scratch = places.filter((path) => SCRATCH.test(basename(path)));
  const items = [
    ...(await itemsOf(await layoutsIn(state), "layout")),
    ...(await runsIn(state)),
    ...(await itemsOf(ended, "leftover")),
    // They say nothing of whose they are; no smoke test takes a day.
    ...(await itemsOf(scratch, "leftover")).filter(({ used }) => Date.now() - used > DAY),
  ];
  return { items, isRunning: owners.includes("running") };
}

/** The names of what we make: places for work, layouts by catalog, and what runs write. */
const SCRATCH = /^(?:smoke|scan|import|run)-[A-Za-z0-9]{6}$/;
const LAYOUTS = /^[\w.-]{1,255}-[0-9a-f]{8}$/;
const VARIANT = /^(?:runtime|dev)$/;
const RUN = /^\d{4}-\d{2}-\d{2}T\d{6}Z-\d{1,10}$/;

/** `layouts/CATALOG/IMAGE/VERSION/VARIANT`. */
async function layoutsIn(state: string): Promise<string[]> {
  let level = [join(state, "layouts")];
  for (const name of [LAYOUTS, undefined, undefined, VARIANT]) {
    const below = (await Promise.all(level.map((one) => entriesOf(one)))).flat();
    level = name ? below.filter((path) => name.test(basename(path))) : below;
  }
  return level;
}

/** A run has several files of one name, such as `NAME.jsonl` and `NAME.md`; `latest` is only a copy. */
async function runsIn(state: string): Promise<Item[]> {
  const nameOf = (path: string) => basename(path, extname(path));
  const files = (await entriesOf(join(state, "runs"))).filter((path) => RUN.test(nameOf(path)));
  const runs = groupBy(files, nameOf);
  return Promise.all([...runs.values()].map((paths) => itemOf("run", state, paths)));
}

async function itemOf(kind: Item["kind"], state: string, paths: readonly string[]): Promise<Item> {
  const stats = await Promise.all(paths.map((path) => lstat(path)));
  const sizes = await Promise.all(paths.map((one) => sizeOf(one)));
  return {
    kind,
    name: relative(state, paths[0] ?? state),
    paths,
    bytes: sizes.reduce((sum, bytes) => sum + bytes, 0),
    used: Math.max(...stats.map(({ mtimeMs }) => mtimeMs)),
  };
}

/** Bytes on disk. What vanishes meanwhile has none. */
async function sizeOf(path: string): Promise<number> {
  const stat = await lstat(path).catch(() => undefined);
  if (!stat) return 0;
  // The unit of st_blocks is 512 bytes. Source: stat(2).
  if (!stat.isDirectory()) return stat.blocks * 512;
  let sum = 0;
  for (const entry of await entriesOf(path)) sum += await sizeOf(entry);
  return sum;
}

async function entriesOf(directory: string): Promise<string[]> {
  try {
    return (await readdir(directory)).sort().map((name) => join(directory, name));
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return [];
    throw error;
  }
}
