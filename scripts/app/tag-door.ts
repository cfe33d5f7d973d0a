import { isBuildTag, reservedTag } from "../model/tags.ts";
import { readJournals } from "../publish/journal.ts";
import {
  type MoveContext,
  moveRelease,
  type Recovery,
  type ReleaseMove,
  recover,
  type TagMover,
} from "../publish/move-release.ts";
import { type OldBuild, removeBuilds } from "../publish/prune.ts";
import { TagPermit } from "../registry/switch-tags.ts";
import { systemClock } from "../system/environment.ts";
import { UserError } from "../system/errors.ts";
import { count } from "../system/shown/format.ts";
import { lockRepository } from "./lock-owner.ts";
import { type LockSession, peekLock, type UnderLock, withLock } from "./publish-lock.ts";

/**
 * The one door for tags: lock → recover → plan → work → journal → move → release. All that moves or removes a tag of an
 * image goes through it, as the permit to do so is made here alone.
 */

/** What the door needs of a command's session. */
export interface DoorSession extends LockSession {
  /** Directory for what is to be finished after a crash. */
  readonly journals: string;
}

/** What a command does behind the door. */
export interface DoorRequest<Session, Plan, Result> {
  /** Seconds that the lock outlives a run that dies; where it is left out, enough for what usually takes a moment. */
  readonly lease?: number;
  /**
   * Finds out what is to be done: under the lock, after recovering. With `idle` it is called before the lock is taken,
   * and again under it where somebody else has run in between.
   */
  plan(session: Session): Promise<Plan>;
  /** The result where nothing is due; undefined where something is. */
  idle?(plan: Plan): Result | undefined;
  work(plan: Plan, door: TagDoor<Session>): Promise<Result>;
}

/** What work behind the door gets. */
export interface TagDoor<Session> extends TagMover {
  /** As it was, but its signal is aborted too when the lock is lost. */
  readonly session: Session;
  /** Removes builds of one repository. @throws LockedError, RegistryError, UserError */
  removeBuilds(repository: string, builds: readonly OldBuild[]): Promise<void>;
}

/** Seconds; the lease is renewed while the work takes longer. */
const BRIEF_LEASE = 60;

/**
 * Takes a command through the door.
 * @throws LockedError when somebody else is publishing; what planning and working throw
 */
export async function throughTagDoor<Session extends DoorSession, Plan, Result>(
  session: Session,
  request: DoorRequest<Session, Plan, Result>,
): Promise<Result> {
  const { lease = BRIEF_LEASE, idle } = request;
  const peeked = await peekLock(session);
  // What an earlier run left unfinished is due, whatever the plan says.
  const isPending = (await readJournals(session.journals, session.namespace)).length > 0;
  const early = idle && !isPending ? { plan: await request.plan(session) } : undefined;
  const nothing = early && idle?.(early.plan);
  if (nothing !== undefined) return nothing;
  return withLock(session, lease, peeked, async (under) => {
    const { permit, revoke } = TagPermit.issue();
    try {
      const { door, recovered } = await openDoor(under, permit);
      const isAsPlanned = early && !under.hasChanged && recovered === 0;
      const plan = isAsPlanned ? early.plan : await request.plan(under.session);
      return idle?.(plan) ?? (await request.work(plan, door));
    } finally {
      revoke();
    }
  });
}

/** Recovers, and opens. */
async function openDoor<Session extends DoorSession>(
  { session, holder, otherHolders, check }: UnderLock<Session>,
  permit: TagPermit,
): Promise<{ door: TagDoor<Session>; recovered: number }> {
  const { registry, namespace, journals, listener, clock = systemClock } = session;
  const noted = new Set<string>();
  // What is true of a whole registry is found out for each release, and noted once.
  const note = (text: string) => {
    if (!noted.has(text)) listener({ type: "note", text });
    noted.add(text);
  };
  const now = () => new Date(clock.now());
  const context: MoveContext = { registry, namespace, journals, clock: now, holder, permit, note };
  const recoveries = await recover({ ...context, others: otherHolders });
  for (const one of recoveries) note(recoveryText(one));
  const door: TagDoor<Session> = {
    session,
    async moveRelease(release) {
      await check();
      refuseReserved(release, context);
      return moveRelease(release, context);
    },
    async removeBuilds(repository, builds) {
      await check();
      await removeBuilds(repository, builds, context);
    },
  };
  return { door, recovered: recoveries.length };
}

/** A tag that has another meaning is never an image's, wherever it comes from. @throws UserError */
function refuseReserved({ name, moves }: ReleaseMove, { namespace }: Pick<MoveContext, "namespace">): void {
  for (const { repository, tag } of moves) {
    const ofTag = isBuildTag(tag) ? undefined : reservedTag(tag);
    const isOfLock = repository === lockRepository(namespace);
    const because = isOfLock ? "the publish lock is kept in this repository" : ofTag;
    if (because === undefined) continue;
    throw new UserError(
      `${name}: the tag ${repository}:${tag} cannot be an image's: ${because}`,
      "choose another name in the catalog",
    );
  }
}

function recoveryText({ release, moved, removed, skippedBecause }: Recovery): string {
  const before = `${release}: an earlier run ended while it`;
  if (removed !== undefined) {
    const rest = `the next run removes the rest: ${skippedBecause}`;
    const end = skippedBecause === undefined ? `removed ${count(removed, "manifest")} as well` : rest;
    return `${before} removed builds; ${end}`;
  }
  const all = moved.length === 0 ? "all had moved" : `moved ${moved.join(", ")} as well`;
  const end = skippedBecause === undefined ? all : `they are left as they are: ${skippedBecause}`;
  return `${before} moved tags; ${end}`;
}
