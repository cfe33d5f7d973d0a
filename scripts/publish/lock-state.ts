import { z } from "zod";
import { parseDocument } from "../formats/oci/types.ts";
import { LONGEST_LEASE } from "../model/policy.ts";
import { LOCK_TAG } from "../model/tags.ts";
import type { ManifestContent, Registry } from "../registry/client.ts";
import { indexContent } from "../registry/push.ts";
import { isLoopback, registryUrl } from "../registry/reference.ts";
import type { Clock } from "../system/environment.ts";
import { messageOf, UserError } from "../system/errors.ts";
import { tryJson } from "../system/json.ts";
import { cleanLine } from "../system/shown/clean-text.ts";

/**
 * Who publishes into a catalog, kept in the registry, which is all that two machines share: an image index without
 * images under the tag `lock` of a repository of its own. The jobs of one CI run hold it together, each with a lease of
 * its own, and it is free when the last of them has released it.
 */
const ARTIFACT_TYPE = "application/vnd.birdhouse.lock.v1";

const OWNER = "birdhouse.lock.owner";
/** Names the run: the same for all jobs of one, otherwise random. */
const TOKEN = "birdhouse.lock.token";
/** Until when nobody else takes it, unless it is renewed: the latest of all holders. */
const UNTIL = "birdhouse.lock.until";
/** The owner's process, where it is the only one: see `processIdentity`. */
const PROCESS = "birdhouse.lock.process";
/** There once the last holder has released it. */
const RELEASED = "birdhouse.lock.released";
/** Those that hold it, as JSON. Locks of an older Birdhouse have one holder, which is the owner. */
const HOLDERS = "birdhouse.lock.holders";

const timeSchema = z.iso
  .datetime({ error: "expected a time such as 2026-11-28T21:15:00Z" })
  .transform((text) => new Date(text));
const holdersSchema = z
  .string()
  .transform((text) => tryJson(text))
  .pipe(z.array(z.object({ id: z.string(), owner: z.string(), until: timeSchema })));
const lockSchema = z
  .looseObject({
    artifactType: z.literal(ARTIFACT_TYPE),
    annotations: z.looseObject({
      [OWNER]: z.string(),
      [TOKEN]: z.string(),
      [UNTIL]: timeSchema,
      [PROCESS]: z.string().optional(),
      [RELEASED]: timeSchema.optional(),
      [HOLDERS]: holdersSchema.optional(),
    }),
  })
  .transform(({ annotations }): LockState => {
    const { [OWNER]: owner, [TOKEN]: token, [UNTIL]: until, [PROCESS]: process } = annotations;
    const holders = annotations[HOLDERS] ?? [{ id: "", owner, until }];
    return { owner, token, until, process, released: annotations[RELEASED] !== undefined, holders };
  });

/** One process that holds a lock. */
export interface LockHolder {
  readonly id: string;
  readonly owner: string;
  readonly until: Date;
}

/** What the registry says of a lock. */
export interface LockState {
  readonly owner: string;
  readonly token: string;
  readonly until: Date;
  readonly released: boolean;
  /** Where there is one holder, and no other can join it: whether it still runs can be known on its machine. */
  readonly process?: string | undefined;
  /** One at least, unless it was released. */
  readonly holders: readonly LockHolder[];
}

/** Where a lock is. */
export interface LockPlace {
  readonly registry: Pick<Registry, "host" | "getManifest" | "putManifest">;
  readonly repository: string;
}

/** What decides whether a lock counts. */
export interface LockJudge {
  readonly registry: { readonly host: string };
  readonly clock: Pick<Clock, "now">;
  /** Whether a process ran on this machine and has ended. */
  readonly isGone: (process: string) => boolean;
}

/**
 * What the registry says; undefined where there never was a lock.
 * @throws RegistryError; UserError where something that is no lock has its tag
 */
export async function readLock(place: LockPlace): Promise<LockState | undefined> {
  const manifest = await place.registry.getManifest(place.repository, LOCK_TAG);
  if (!manifest) return undefined;
  const { bytes, mediaType, digest } = manifest;
  try {
    return parseDocument(lockSchema, bytes, `what is there (${mediaType}, ${digest})`);
  } catch (error) {
    const name = lockName(place);
    throw new UserError(
      `${name} is not a publish lock: ${cleanLine(messageOf(error))}; nothing was published`,
      `see who put it there (skopeo inspect --raw docker://${name}); if nobody needs it: ${howToRemove(place)}`,
    );
  }
}

/** What a lock is to say: of one that was released, its last holder and when that was. */
export interface LockText extends Pick<LockState, "token" | "holders" | "process"> {
  readonly released?: Date;
}

/** A lock as a registry keeps it. Pure. */
export function lockContent({ token, holders, process, released }: LockText): ManifestContent {
  const annotations = {
    [OWNER]: holders[0]?.owner ?? "",
    [TOKEN]: token,
    [UNTIL]: latest(holders).toISOString(),
    ...(process !== undefined && { [PROCESS]: process }),
    ...(released && { [RELEASED]: released.toISOString() }),
    [HOLDERS]: JSON.stringify(released ? [] : holders),
  };
  return indexContent({ artifactType: ARTIFACT_TYPE, manifests: [], annotations });
}

function latest(holders: readonly LockHolder[]): Date {
  return new Date(Math.max(...holders.map((one) => one.until.getTime())));
}

/** Milliseconds that the clocks of two machines may differ by. */
const SKEW = 30_000;

/** Whether a lock keeps others out: until its lease ends, or its owner is known to have ended. */
export function isLocked(state: LockState | undefined, judge: LockJudge): state is LockState {
  return activeHolders(state, judge).length > 0;
}

/** Those who hold a lock: their leases have not ended, and are not longer than any can be. */
export function activeHolders(state: LockState | undefined, judge: LockJudge): LockHolder[] {
  if (!state || state.released) return [];
  if (state.process !== undefined && judge.isGone(state.process)) return [];
  const now = judge.clock.now();
  const grace = isNear(judge.registry) ? 0 : SKEW;
  return state.holders.filter(({ until }) => now < until.getTime() + grace && isBelievable(until, now));
}

/** Whether a lease may end so late. */
function isBelievable(until: Date, now: number): boolean {
  return until.getTime() <= now + LONGEST_LEASE + SKEW;
}

/** Whether a registry is on this machine, whose clock is ours. */
export function isNear({ host }: LockJudge["registry"]): boolean {
  return isLoopback(registryUrl(host));
}

/** Somebody else is running. The process ends with exit code 3. */
export class LockedError extends Error {
  override readonly name = "LockedError";

  /**
   * @param place `HOST/NAMESPACE`
   * @param now milliseconds
   * @param hint what to do where that run is known to have ended
   */
  constructor(
    state: Pick<LockState, "owner" | "until">,
    place: string,
    now: number = Date.now(),
    readonly hint?: string,
  ) {
    const owner = cleanLine(state.owner) || "somebody who gave no name";
    super(
      `somebody else is publishing into ${place}: ${owner}. ` +
        `The lock expires at ${timeOf(state.until, now)} unless that run renews it.`,
    );
  }
}

/** The error for a lock that is somebody else's: it names one of those who hold it, and the latest end of a lease. */
export function lockedBy(state: LockState, place: LockPlace & LockJudge): LockedError {
  const active = activeHolders(state, place);
  const shown = active[0] ? { owner: active[0].owner, until: latest(active) } : state;
  const hint = `if that run is known to have ended, remove its lock: ${howToRemove(place)}`;
  return new LockedError(shown, catalogPlace(place), place.clock.now(), hint);
}

/** Why a lock that nobody released did not keep us out: continues "took over the lock of NAME, ". */
export function whyTakenOver({ until }: LockState, now: number): string {
  if (until.getTime() <= now) return `which expired at ${timeOf(until, now)}`;
  if (isBelievable(until, now)) return "whose process is gone";
  return `which says that it expires at ${until.toISOString()}: no lease is that long, so its writer's clock was wrong`;
}

/** `HOST/NAMESPACE`, for errors. */
export function catalogPlace({ registry, repository }: LockPlace): string {
  return `${registry.host}/${repository.replace(/\/?[^/]+$/, "")}`.replace(/\/$/, "");
}

/** `HOST/NAMESPACE/birdhouse:lock`. */
function lockName({ registry, repository }: LockPlace): string {
  return `${registry.host}/${repository}:${LOCK_TAG}`;
}

/** How somebody removes a lock by hand, in a registry that deletes. */
function howToRemove(place: LockPlace): string {
  return `skopeo delete docker://${lockName(place)}`;
}

/** `21:15 UTC`, with the day where that is not today. @param now milliseconds */
function timeOf(time: Date, now: number): string {
  const [day = "", clock = ""] = time.toISOString().split("T");
  const isToday = day === new Date(now).toISOString().slice(0, day.length);
  return `${clock.slice(0, 5)} UTC${isToday ? "" : ` on ${day}`}`;
}
