import { setTimeout as sleep } from "node:timers/promises";

/** How long processes have to end by themselves once they are asked to. In milliseconds. */
const GRACE = 5_000;

/** How often to look whether they have. In milliseconds. */
const INTERVAL = 10;

/** The groups that must not outlive us, by the id of their first process. */
const groups = new Set<number>();

/** From now on the processes of this group are killed when our own process exits. */
export function holdGroup(id: number): void {
  if (groups.size === 0) process.on("exit", killHeld);
  groups.add(id);
}

/** Lets go of a group: what is left of it may outlive us. */
export function releaseGroup(id: number): void {
  groups.delete(id);
  if (groups.size === 0) process.off("exit", killHeld);
}

function killHeld(): void {
  for (const id of groups) signalGroup(id, "SIGKILL");
}

/** Asks all processes of a group to end, and kills those that have not after five seconds. */
export async function endGroup(id: number): Promise<void> {
  signalGroup(id, "SIGTERM");
  for (let waited = 0; waited < GRACE; waited += INTERVAL) {
    if (!signalGroup(id, 0)) return;
    await sleep(INTERVAL);
  }
  signalGroup(id, "SIGKILL");
}

/** Sends a signal to a group; 0 only asks. Tells whether there is any such process. */
function signalGroup(id: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-id, signal);
  } catch {
    return false;
  }
}
