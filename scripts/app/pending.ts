import { readJournals } from "../publish/journal.ts";
import { activeHolders, readBefore } from "../publish/lock.ts";
import { systemClock } from "../system/environment.ts";
import { isGone } from "../system/state/identity.ts";
import { lockRepository } from "./lock-owner.ts";
import type { DoorSession } from "./tag-door.ts";

/**
 * Says what an earlier run has begun to move or remove and not finished, for commands that change nothing: what they
 * show may be of a version whose tags are apart. What a run is at that still holds the lock is no such thing.
 */
export async function notePending(
  session: Pick<DoorSession, "registry" | "namespace" | "journals" | "listener">,
) {
  const { registry, namespace, journals, listener } = session;
  const found = await readJournals(journals, namespace);
  if (found.length === 0) return;
  const place = { registry, repository: lockRepository(namespace) };
  // A lock that cannot be read says nothing of who is at work.
  const state = await readBefore(place).catch(() => undefined);
  const atWork = new Set(activeHolders(state, { registry, clock: systemClock, isGone }).map(({ id }) => id));
  for (const { journal } of found) {
    if (atWork.has(journal.holder)) continue;
    const what = journal.kind === "removal" ? "removed builds" : "moved tags";
    const text = `${journal.release}: an earlier run ended while it ${what}, and this is not finished yet`;
    listener({
      type: "note",
      text: `${text}: make rebuild, rollback, import or prune finishes it first of all`,
    });
  }
}
