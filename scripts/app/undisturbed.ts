import { type LockSession, peekLock } from "./publish-lock.ts";

/**
 * Reads what tags point at, all at one moment: if somebody published meanwhile, they are read again.
 * @throws LockedError while somebody publishes; what reading throws
 */
export async function whileUndisturbed<T>(
  place: Pick<LockSession, "registry" | "namespace" | "clock">,
  read: () => Promise<T>,
): Promise<T> {
  for (let before = await peekLock(place); ; ) {
    const found = await read();
    const after = await peekLock(place);
    if (after?.token === before?.token) return found;
    before = after;
  }
}
