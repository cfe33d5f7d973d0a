import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { supportOf } from "../model/end-of-life.ts";
import { apkArchitecture } from "../model/platform.ts";
import type { Target } from "../model/target.ts";
import type { IdleTargets, WorldOf } from "../plan/idle.ts";
import { BUILD } from "../system/environment.ts";
import { hashOf, keep, recall } from "../system/memory.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { memoryOf, TEMPLATES } from "./paths.ts";

const idleSchema = z.map(z.string(), z.object({ digest: z.string(), world: z.string() }));
/** Of what is remembered of idle targets; each has a fingerprint of its own beside. */
const IDLE_KEY = hashOf(["idle targets", "1"]);

/** What earlier plans of a catalog found with nothing to do. */
export async function recallIdle(file: string, state: string): Promise<IdleTargets> {
  return idleSchema.safeParse(await recall(memoryOf(file, state, "idle"), IDLE_KEY)).data ?? new Map();
}

/** Keeps that for the next plan. */
export function keepIdle(file: string, state: string, idle: IdleTargets): Promise<void> {
  return keep(memoryOf(file, state, "idle"), IDLE_KEY, idle);
}

/** Fingerprints before a plan, and after it. */
export interface Worlds {
  /** Only where an earlier run verified what Alpine offers. */
  readonly before: WorldOf;
  /** All whose indexes could be had; the plan has verified them by then. */
  readonly after: WorldOf;
}

/**
 * Asks for the state of all that a plan compares targets with, without reading it.
 * @param identity digest of the catalog, of the options that change it, and of what builds
 * @param targets as the catalog has them, with all platforms that it wants
 */
export async function worldsOf(
  identity: string,
  targets: readonly Target[],
  upstream: Upstream,
  today: Date,
): Promise<Worlds> {
  const ours = hashOf([BUILD ?? "", identity, ...(await filesOf(TEMPLATES))]);
  const branches = new Map<string, { readonly digest: string; readonly isKnown: boolean } | undefined>();
  const places = new Map(targets.map((target) => [placeOf(target), target]));
  await Promise.all(
    [...places].map(async ([place, target]) => branches.set(place, await stateOf(target, upstream))),
  );
  const placesByName = new Map(targets.map((target) => [target.name, placeOf(target)]));
  const worldOf = (target: Target, mustBeKnown: boolean) => {
    // What a plan has made of a target may have fewer platforms.
    const place = placesByName.get(target.name) ?? placeOf(target);
    const branch = branches.get(place);
    const { maxAge, notWithin } = target.policy;
    const dependsOnAge = maxAge !== undefined || notWithin !== undefined;
    if (!branch || dependsOnAge || (mustBeKnown && !branch.isKnown)) return undefined;
    return hashOf([ours, place, branch.digest, supportOf(target, today)]);
  };
  return { before: (target) => worldOf(target, true), after: (target) => worldOf(target, false) };
}

/** Targets of the same place are offered the same. */
function placeOf({ branch, platforms }: Target): string {
  return `${branch} ${platforms.join(",")}`;
}

async function stateOf({ branch, platforms }: Target, upstream: Upstream) {
  const [base, ...editions] = await Promise.all([
    upstream.base(branch),
    ...platforms.map((platform) => upstream.edition(branch, apkArchitecture(platform))),
  ]);
  const known = editions.flatMap((edition) => ("value" in edition ? [edition.value] : []));
  if (!("value" in base) || known.length < editions.length) return undefined;
  return {
    digest: hashOf([String(base.value), ...known.map(({ digest }) => digest)]),
    isKnown: known.every(({ isKnown }) => isKnown),
  };
}

async function filesOf(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const contents = files.sort().map(async (file) => [file, await readFile(file, "utf8")]);
  return (await Promise.all(contents)).flat();
}
