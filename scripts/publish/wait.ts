import { isLocked, type LockOptions, readLock } from "./lock.ts";

/** Milliseconds between two looks at the lock. */
const POLL = 500;

/**
 * Waits until nobody else has the lock, its lease has ended, or its owner is gone.
 * @param isOurs tells by its owner whether a lock is our own
 * @param onWait told once of the owner that is waited for
 */
export async function waitForOthers(
  options: Pick<LockOptions, "registry" | "repository" | "clock" | "isGone" | "signal">,
  isOurs: (owner: string) => boolean,
  onWait: (owner: string) => void,
): Promise<void> {
  const { clock, signal } = options;
  for (let looks = 0; !signal?.aborted; looks++) {
    // A lock that cannot be read is nobody's: whoever else is there would not get anywhere either.
    const state = await readLock(options).catch(() => undefined);
    if (!isLocked(state, options) || isOurs(state.owner)) return;
    if (looks === 0) onWait(state.owner);
    await clock.sleep(POLL, signal).catch(() => {});
  }
}
