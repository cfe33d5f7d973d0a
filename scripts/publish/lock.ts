import { randomUUID } from "node:crypto";
import { LONGEST_LEASE } from "../model/policy.ts";
import { LOCK_TAG } from "../model/tags.ts";
import { RegistryError } from "../registry/errors.ts";
import type { Clock } from "../system/environment.ts";
import { messageOf } from "../system/errors.ts";
import {
  activeHolders,
  catalogPlace,
  isLocked,
  isNear,
  type LockHolder,
  type LockJudge,
  type LockPlace,
  type LockState,
  type LockText,
  lockContent,
  lockedBy,
  readLock,
} from "./lock-state.ts";

export interface LockOptions extends LockPlace, Pick<LockJudge, "isGone"> {
  /** Who we are, for others to read. */
  readonly owner: string;
  /** Names a run of several jobs, of which we are one: they share the lock. Alone where it is left out. */
  readonly run?: string | undefined;
  /** Our process, for others on this machine to see whether it has ended. */
  readonly process?: string | undefined;
  /** Milliseconds that the lock outlives us if we die; at most `LONGEST_LEASE`. */
  readonly lease: number;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/** Milliseconds that writing a lock takes at most, as a rule: on this machine, and over a network. */
const SETTLING = { near: 450, far: 3_000 };

/**
 * Takes the lock. A registry has no "put if absent"; this is Fischer's way to do without: look whether it is free,
 * write, wait for longer than writing takes, and whoever is still written there has it. Where a network was slower
 * than that, the last one to write has it, and the one before finds out when it looks again, before tags move.
 *
 * Jobs of one run join each other: they work on different targets.
 *
 * @throws LockedError when somebody else has it, RegistryError; the reason of the signal. Whatever is thrown, the lock
 *   is not ours then: what was written is taken back.
 */
export async function acquireLock(options: LockOptions): Promise<HeldLock> {
  const { clock, signal } = options;
  const token = options.run ?? randomUUID();
  const before = await readBefore(options);
  if (isLocked(before, options) && before.token !== token) throw lockedBy(before, options);
  const lock = new HeldLock(options, token, before);
  try {
    await lock.join(before);
    await clock.sleep(settling(options), signal);
    await lock.check();
    return lock;
  } catch (error) {
    // Else it would keep everybody out for a whole lease, though nobody is at work.
    await lock.release().catch(() => {});
    throw error;
  }
}

/** Some registries refuse to tell of what does not exist yet. Whether we may write, only writing tells. */
export async function readBefore(place: LockPlace): Promise<LockState | undefined> {
  return readLock(place).catch((error: unknown) => {
    if (error instanceof RegistryError && error.isRefusal) return undefined;
    throw error;
  });
}

function settling({ registry }: LockPlace): number {
  return isNear(registry) ? SETTLING.near : SETTLING.far;
}

/** How often a job that releases its part looks whether another one has written it again. */
const LOOKS = 10;

/** A lock that is ours. */
export class HeldLock {
  /** Names us among those that hold it. */
  readonly id: string = randomUUID();
  /** The dead owner it was taken over from, if it was. */
  readonly takenFrom: LockState | undefined;
  #renewing: Promise<void> | undefined;

  /** @param before what it said before it was ours */
  constructor(
    readonly options: LockOptions,
    readonly token: string,
    readonly before: LockState | undefined,
  ) {
    this.takenFrom = before && !before.released && before.token !== token ? before : undefined;
  }

  /** Writes us into the lock, beside those of our run that are in it. */
  async join(state: LockState | undefined): Promise<void> {
    await this.#write({ holders: [this.#us(), ...this.#othersIn(state)] });
  }

  /** @throws LockedError when somebody else has it meanwhile */
  async check(): Promise<void> {
    const now = await this.#readOurs();
    if (now.holders.some(({ id }) => id === this.id)) return;
    // Another job of our run wrote at the same moment as we did, and did not see us.
    await this.join(now);
  }

  /** The other jobs of our run that hold it too. @throws RegistryError */
  async others(): Promise<LockHolder[]> {
    return this.#othersIn(await readLock(this.options));
  }

  /** Puts the end of the lease off. @throws LockedError when somebody else has it meanwhile */
  renew(): Promise<void> {
    const renew = async () => this.join(await this.#readOurs());
    this.#renewing ??= renew().finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  /** Releases it; the other jobs of our run keep it. */
  async release(): Promise<void> {
    // A renewal that is under way would write the lock after us, and nobody would ever release that.
    await this.#renewing?.catch(() => {});
    const { clock } = this.options;
    for (let looks = 0; looks < LOOKS; looks++) {
      const now = await readLock(this.options);
      if (now?.token !== this.token || now.released || !now.holders.some(({ id }) => id === this.id)) return;
      const others = this.#othersIn(now);
      if (others.length === 0) {
        return this.#write({ holders: [this.#us()], released: new Date(clock.now()) });
      }
      await this.#write({ holders: others });
      // Another job may have read the lock before us, and write it after us, with us in it. Jobs that release it in
      // step must get out of step.
      await clock.sleep(settling(this.options) * (1 + clock.random())).catch(() => {});
    }
  }

  #us(): LockHolder {
    const { clock, lease, owner } = this.options;
    return { id: this.id, owner, until: new Date(clock.now() + Math.min(lease, LONGEST_LEASE)) };
  }

  /** The other jobs of our run that are at work. */
  #othersIn(state: LockState | undefined): LockHolder[] {
    if (state?.token !== this.token) return [];
    return activeHolders(state, this.options).filter(({ id }) => id !== this.id);
  }

  /** @throws LockedError where it is not ours */
  async #readOurs(): Promise<LockState> {
    const { options, token } = this;
    const now = await readLock(options);
    // Where a job of our run released it because it did not see us, it is still ours.
    if (now?.token === token && (!now.released || options.run !== undefined)) return now;
    if (now) throw lockedBy(now, options);
    throw new Error(`somebody removed the publish lock of ${catalogPlace(options)}`);
  }

  async #write(text: Pick<LockText, "holders" | "released">): Promise<void> {
    const { registry, repository, run, process } = this.options;
    // Of several jobs one that has ended says nothing of the others.
    const own = run === undefined ? process : undefined;
    const content = lockContent({ ...text, token: this.token, process: own });
    await registry.putManifest(repository, LOCK_TAG, content).catch((error: unknown) => {
      throw cannotWrite(error, repository);
    });
  }
}

/** The same error in words of the lock. */
function cannotWrite(error: unknown, repository: string): unknown {
  if (!(error instanceof RegistryError)) return error;
  const [, said] = error.message.split(`could not put the manifest ${LOCK_TAG}: `);
  const image = repository.split("/").at(-1);
  error.message = `Cannot write the publish lock (tag ${image}:${LOCK_TAG}): ${said ?? messageOf(error)}`;
  return error;
}

/** How often a lease is renewed before it would end. */
const RENEWALS = 3;

/**
 * Renews a lock for as long as the work under it takes. A registry that is away for a while is no reason to end the
 * work: the lock is ours until its lease has ended.
 * @param lease milliseconds
 * @param lose told when the lock is lost: somebody else has it, or it expired while the registry was away
 * @returns ends the renewing; a renewal under way goes on, and `release` waits for it
 */
export function keepRenewing(
  lock: Pick<HeldLock, "renew">,
  lease: number,
  clock: Pick<Clock, "now">,
  lose: (error: unknown) => void,
): () => void {
  let until = clock.now() + lease;
  const renew = async () => {
    const asked = clock.now();
    try {
      await lock.renew();
      until = asked + lease;
    } catch (error) {
      if (!(error instanceof RegistryError)) lose(error);
      else if (clock.now() >= until) {
        const why = "the registry did not answer for longer than the lease";
        lose(new Error(`our publish lock expired: ${why}: ${messageOf(error)}`, { cause: error }));
      }
    }
  };
  const timer = setInterval(() => void renew(), lease / RENEWALS);
  return () => clearInterval(timer);
}

/** Milliseconds between two looks at the lock. */
const POLL = 500;

/**
 * Waits until nobody else has the lock: it was released, its lease has ended, or its owner has.
 * @param isOurs tells by its owner whether a lock is our own
 * @param onWait told once of the owner that is waited for
 */
export async function waitForOthers(
  options: LockPlace & Pick<LockOptions, "clock" | "isGone" | "signal">,
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
