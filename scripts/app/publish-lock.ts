import { acquireLock, keepRenewing, readBefore } from "../publish/lock.ts";
import { isLocked, type LockState, lockedBy, whyTakenOver } from "../publish/lock-state.ts";
import type { Registry } from "../registry/client.ts";
import { RegistryError } from "../registry/errors.ts";
import type { Namespace } from "../registry/reference.ts";
import { type Clock, systemClock } from "../system/environment.ts";
import { messageOf } from "../system/errors.ts";
import { cleanLine } from "../system/shown/clean-text.ts";
import { isGone, processIdentity } from "../system/state/identity.ts";
import { lockRepository, ownerName, runName } from "./lock-owner.ts";

/** What the lock needs of a command's session. */
export interface LockSession {
  readonly registry: Registry;
  readonly namespace: Namespace;
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
  readonly listener: (event: { readonly type: "note"; readonly text: string }) => void;
  /** The system's, unless a test has its own. */
  readonly clock?: Clock;
}

/** What work under the lock gets. */
export interface UnderLock<Session> {
  /** As it was, but its signal is aborted too when the lock is lost. */
  readonly session: Session;
  /** Whether somebody else has run since `peekLock`: what was planned before may be done. */
  readonly hasChanged: boolean;
  /** Names us among the holders of the lock, and the other jobs of our run that hold it too. */
  readonly holder: string;
  readonly otherHolders: readonly string[];
  /** @throws Error when somebody else has the lock by now; to be asked before tags move */
  readonly check: () => Promise<void>;
}

/**
 * Looks whether somebody else is running, before anything is begun.
 * @returns what the lock said, for `withLock` to see whether somebody ran in between
 * @throws LockedError; UserError where something that is no lock has its tag
 */
export async function peekLock(
  session: Pick<LockSession, "registry" | "namespace" | "clock">,
): Promise<LockState | undefined> {
  const { registry, namespace, clock = systemClock } = session;
  const place = { registry, repository: lockRepository(namespace), clock, isGone };
  const state = await readBefore(place);
  if (isLocked(state, place) && state.token !== runName(process.env)) throw lockedBy(state, place);
  return state;
}

/**
 * Works while nobody else may. Only the door for tags calls this.
 * @param lease seconds that the lock outlives a run that dies
 * @throws LockedError
 */
export async function withLock<Session extends LockSession, T>(
  session: Session,
  lease: number,
  peeked: LockState | undefined,
  use: (under: UnderLock<Session>) => Promise<T>,
): Promise<T> {
  const { registry, namespace, signal, listener, clock = systemClock } = session;
  const note = (text: string) => listener({ type: "note", text });
  const milliseconds = lease * 1000;
  const lock = await acquireLock({
    registry,
    repository: lockRepository(namespace),
    owner: ownerName(process.env),
    run: runName(process.env),
    process: processIdentity(),
    isGone,
    clock,
    signal,
    lease: milliseconds,
  });
  if (lock.takenFrom) {
    const why = whyTakenOver(lock.takenFrom, clock.now());
    note(`took over the lock of ${cleanLine(lock.takenFrom.owner)}, ${why}`);
  }
  const lost = new AbortController();
  // All that is under way ends, and the run with this error: it is no failure of a target.
  const lose = (error: unknown) => lost.abort(error);
  const stopRenewing = keepRenewing(lock, milliseconds, clock, lose);
  const check = async () => {
    try {
      await lock.check();
    } catch (error) {
      // A registry that is away does not say whether the lock is lost: only those who ask it now fail.
      if (!(error instanceof RegistryError)) lose(error);
      throw error;
    }
  };
  try {
    return await use({
      session: { ...session, signal: AbortSignal.any([signal, lost.signal]) },
      hasChanged: lock.before?.token !== peeked?.token,
      holder: lock.id,
      otherHolders: (await lock.others()).map(({ id }) => id),
      check,
    });
  } finally {
    stopRenewing();
    await lock.release().catch((error: unknown) => {
      note(`cannot release the publish lock: ${messageOf(error)}`);
    });
  }
}
