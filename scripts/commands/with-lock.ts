import { acquireLock, isLocked, LockedError, type LockState, readLock } from "../publish/lock.ts";
import { keepRenewing } from "../publish/renew.ts";
import { RegistryError } from "../registry/errors.ts";
import { systemClock } from "../system/clock.ts";
import { messageOf } from "../system/errors.ts";
import { isGone, processIdentity } from "../system/process-identity.ts";
import { lockRepository, ownerName, runName } from "./lock-owner.ts";
import type { Session } from "./session.ts";

const MS = 1000;

/** Seconds, for what mostly takes but a moment: it is renewed while it takes longer. */
export const BRIEF_LEASE = 60;

/**
 * Looks whether somebody else is running, before anything is begun.
 * @returns what the lock said, for `withLock` to see whether somebody ran in between
 * @throws LockedError
 */
export async function peekLock(session: Session): Promise<LockState | undefined> {
  const { registry, namespace } = session;
  const state = await readLock({ registry, repository: lockRepository(namespace) });
  if (isLocked(state, { registry, clock: systemClock, isGone }) && state.token !== runName(process.env)) {
    throw new LockedError(state, `${registry.host}/${namespace.path}`);
  }
  return state;
}

/** What work under the lock gets. */
export interface UnderLock {
  /** As the session was; aborted too when the lock is lost. */
  readonly session: Session;
  /** Whether somebody else has run since `peekLock`: what was planned before may be done. */
  readonly others: boolean;
  /** @throws Error when somebody else has the lock by now; to be asked before tags move */
  readonly check: () => Promise<void>;
}

/**
 * Works while nobody else may.
 * @param lease seconds that the lock outlives a run that dies
 * @throws LockedError
 */
export async function withLock<T>(
  session: Session,
  lease: number,
  peeked: LockState | undefined,
  use: (under: UnderLock) => Promise<T>,
): Promise<T> {
  const { registry, namespace, signal, listener } = session;
  const repository = lockRepository(namespace);
  const lock = await acquireLock({
    ...{ registry, repository, owner: ownerName(process.env), clock: systemClock, signal },
    ...{ run: runName(process.env), process: processIdentity(), isGone },
    lease: lease * MS,
  });
  if (lock.takenFrom) {
    const { owner, until } = lock.takenFrom;
    const why =
      until.getTime() > Date.now() ? "whose process is gone" : `which lapsed at ${until.toISOString()}`;
    listener({ type: "note", text: `took over the lock of ${owner}, ${why}` });
  }
  const lost = new AbortController();
  // All that is under way ends, and the run with this error: it is no failure of a target.
  const lose = (error: unknown) => lost.abort(error);
  const stopRenewing = keepRenewing(lock, lease * MS, systemClock, lose);
  const check = async () => {
    try {
      await lock.check();
    } catch (error) {
      // A registry that is away for now fails those who ask it. Whether the lock is lost, it does not say.
      if (!(error instanceof RegistryError)) lose(error);
      throw error;
    }
  };
  try {
    const own = { ...session, signal: AbortSignal.any([signal, lost.signal]) };
    return await use({ session: own, others: lock.before?.token !== peeked?.token, check });
  } finally {
    stopRenewing();
    await lock.release().catch((error: unknown) => {
      listener({ type: "note", text: `the lock could not be given back: ${messageOf(error)}` });
    });
  }
}
