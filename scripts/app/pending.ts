import { readJournals } from "../publish/journal.ts";
import { readBefore } from "../publish/lock.ts";
import { activeHolders } from "../publish/lock-state.ts";
import { systemClock } from "../system/environment.ts";
import { typed } from "../system/shown/started.ts";
import { isGone } from "../system/state/identity.ts";
import { lockRepository } from "./lock-owner.ts";
import type { DoorSession } from "./tag-door.ts";

/**
 * Notes what an earlier run has begun to move or remove and not finished, for commands that change nothing: some tags of
 * a version that they show may have moved, and others not. Runs that still hold the lock are at work, and not noted.
 */
export async function notePending(
  session: Pick<DoorSession, "registry" | "namespace" | "journals" | "listener" | "clock">,
) {
  const { registry, namespace, journals, listener, clock = systemClock } = session;
  const found = await readJournals(journals, namespace);
  if (found.length === 0) return;
  const place = { registry, repository: lockRepository(namespace) };
  // Of a lock that cannot be read nobody knows who is at work.
  const state = await readBefore(place).catch(() => undefined);
  const atWork = new Set(activeHolders(state, { registry, clock, isGone }).map(({ id }) => id));
  for (const { journal } of found) {
    if (atWork.has(journal.holder)) continue;
    const what = journal.kind === "removal" ? "removed builds" : "moved tags";
    const text =
      `${journal.release}: an earlier run ended while it ${what}, and this is not finished yet: ` +
      `${typed("rebuild")} finishes it first, and so does the next rollback, import or prune`;
    listener({ type: "note", text });
  }
}
