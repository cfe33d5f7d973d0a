import { randomUUID } from "node:crypto";
import { LOCK_TAG } from "../model/reserved.ts";
import { RegistryError } from "../registry/errors.ts";
import { isLoopback, registryUrl } from "../registry/reference.ts";
import type { Clock } from "../system/environment.ts";
import { messageOf } from "../system/errors.ts";
import { cleanLine } from "../system/shown/clean-text.ts";
import {
  howToRemove,
  type LockHolder,
  type LockPlace,
  type LockState,
  type LockText,
  lockContent,
  readLock,
} from "./lock-state.ts";
import { LONGEST_LEASE } from "./times.ts";

export { type LockState, readLock } from "./lock-state.ts";

/** Whether a process ran on this machine and is gone. */
export type IsGone = (process: string) => boolean;

/** Somebody else is running. The process ends with exit code 3. */
export class LockedError extends Error {
  override readonly name = "LockedError";

  /**
   * @param place `HOST/NAMESPACE`
   * @param now milliseconds
   * @param hint what to do about it, where nobody is at work any more
   */
  constructor(
    state: Omit<LockState, "holders">,
    place: string,
    now: number = Date.now(),
    readonly hint?: string,
  ) {
    const owner = cleanLine(state.owner).trim() || "somebody who left no name";
    super(
      `somebody else is publishing into ${place}: ${owner}. ` +
        `The lock expires at ${timeOf(state.until, now)} unless that run renews it.`,
    );
  }
}

/** The error for a lock that is somebody else's: it names one of those that are at work, and the last that ends. */
export function lockedBy(state: LockState, place: LockPlace & LockJudge): LockedError {
  const hint = `if that run is known to have ended, remove its lock: ${howToRemove(place)}`;
  const active = activeHolders(state, place);
  const until = Math.max(...active.map((one) => one.until.getTime()));
  const shown = active[0] ? { ...state, owner: active[0].owner, until: new Date(until) } : state;
  return new LockedError(shown, catalogPlace(place), place.clock.now(), hint);
}

export interface LockOptions extends LockPlace {
  /** Who we are, for others to read. */
  readonly owner: string;
  /** Names a run of several jobs, of which we are one: they share the lock. Alone where it is left out. */
  readonly run?: string | undefined;
  /** Our process, for others on this machine to see whether we are gone. */
  readonly process?: string | undefined;
  readonly isGone: IsGone;
  /** Milliseconds that the lock outlives us if we die; at most `LONGEST_LEASE`. */
  readonly lease: number;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/** What decides whether a lock counts. */
export type LockJudge = Pick<LockOptions, "registry" | "clock" | "isGone">;

/** A lock that is ours. */
export interface HeldLock {
  /** Names us among those that hold it. */
  readonly id: string;
  /** What it said before it was ours. */
  readonly before: LockState | undefined;
  /** The dead owner it was taken over from, if it was. */
  readonly takenFrom: LockState | undefined;
  /** @throws LockedError when somebody else has it meanwhile */
  check(): Promise<void>;
  /** The other jobs of our run that hold it too. @throws RegistryError */
  others(): Promise<LockHolder[]>;
  /** Puts the end of the lease off. @throws LockedError when somebody else has it meanwhile */
  renew(): Promise<void>;
  /** Gives it back; the other jobs of our run keep it. */
  release(): Promise<void>;
}

/** Milliseconds that writing a lock takes at most, mostly: on this machine, and over a network. */
const [NEAR, FAR] = [450, 3_000];
/** Milliseconds that the clocks of two machines may differ by. */
const SKEW = 30_000;

/** Whether a lock keeps others out: until its lease ends, or its owner is known to be gone. */
export function isLocked(state: LockState | undefined, judge: LockJudge): state is LockState {
  return activeHolders(state, judge).length > 0;
}

/** Those who hold a lock, as far as their leases go and can be believed. */
export function activeHolders(state: LockState | undefined, judge: LockJudge): LockHolder[] {
  if (!state || state.released) return [];
  if (state.process !== undefined && judge.isGone(state.process)) return [];
  const now = judge.clock.now();
  return state.holders.filter((one) => now < lapseOf(one.until, judge) && isBelievable(one.until, now));
}

/** Whether a lease may end so late. */
function isBelievable(until: Date, now: number): boolean {
  return until.getTime() <= now + LONGEST_LEASE + SKEW;
}

function lapseOf(until: Date, { registry }: LockJudge): number {
  return until.getTime() + (isNear(registry) ? 0 : SKEW);
}

/** Whether a registry is on this machine, whose clock is ours. */
function isNear({ host }: LockJudge["registry"]): boolean {
  return isLoopback(registryUrl(host));
}

/** Why a lock that nobody gave back was no obstacle. */
export function whyTakenOver({ until }: LockState, now: number): string {
  if (until.getTime() <= now) return `which lapsed at ${until.toISOString()}`;
  if (isBelievable(until, now)) return "whose process is gone";
  return `which is said to hold until ${until.toISOString()}: no lease is that long, so the clock was wrong that wrote it`;
}

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
  if (before && isLocked(before, options) && before.token !== token) {
    throw lockedBy(before, options);
  }
  const lock = new Holding(options, token, before);
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

function settling({ registry }: LockOptions): number {
  return isNear(registry) ? NEAR : FAR;
}

/** How often a job that gives its part back looks whether another one has written it anew. */
const LOOKS = 10;

class Holding implements HeldLock {
  readonly id: string = randomUUID();
  readonly takenFrom: LockState | undefined;
  #renewing: Promise<void> | undefined;

  constructor(
    readonly options: LockOptions,
    readonly token: string,
    readonly before: LockState | undefined,
  ) {
    this.takenFrom = before && !before.released && before.token !== token ? before : undefined;
  }

  /** Writes us into the lock, beside those of our run that are in it. */
  async join(state: LockState | undefined): Promise<void> {
    const { clock, lease, owner } = this.options;
    const until = new Date(clock.now() + Math.min(lease, LONGEST_LEASE));
    await this.#write({ holders: [{ id: this.id, owner, until }, ...this.#othersIn(state)] });
  }

  async check(): Promise<void> {
    const now = await this.#readOurs();
    if (now.holders.some(({ id }) => id === this.id)) return;
    // Another job of our run wrote at the same moment as we did, and did not see us.
    await this.join(now);
  }

  async others(): Promise<LockHolder[]> {
    return this.#othersIn(await readLock(this.options));
  }

  renew(): Promise<void> {
    const renew = async () => this.join(await this.#readOurs());
    this.#renewing ??= renew().finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  async release(): Promise<void> {
    // One that is under way would write the lock anew after us, and nobody would ever give that back.
    await this.#renewing?.catch(() => {});
    for (let looks = 0; looks < LOOKS; looks++) {
      const now = await readLock(this.options);
      if (now?.token !== this.token || now.released || !now.holders.some(({ id }) => id === this.id)) return;
      const others = this.#othersIn(now);
      if (others.length === 0) return this.#giveBack();
      await this.#write({ holders: others });
      // Another job may have read the lock before us, and write it after us, with us in it.
      // Those that give it back in step must get out of it.
      const { clock } = this.options;
      await clock.sleep(settling(this.options) * (1 + clock.random())).catch(() => {});
    }
  }

  async #giveBack(): Promise<void> {
    const { clock, owner, lease } = this.options;
    const now = clock.now();
    const last = { id: this.id, owner, until: new Date(now + Math.min(lease, LONGEST_LEASE)) };
    await this.#write({ holders: [last], released: new Date(now) });
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
    // Where a job of our run gave it back for want of seeing us, it is still ours.
    if (now?.token === token && (!now.released || options.run !== undefined)) return now;
    if (now) throw lockedBy(now, options);
    throw new Error(`the lock of ${catalogPlace(options)} is gone: somebody removed it`);
  }

  async #write(text: Pick<LockText, "holders" | "released">): Promise<void> {
    const { registry, repository, run, process } = this.options;
    // Of several jobs one that is gone says nothing of the others.
    const content = lockContent({
      ...text,
      token: this.token,
      process: run === undefined ? process : undefined,
    });
    try {
      await registry.putManifest(repository, LOCK_TAG, content);
    } catch (error) {
      throw cannotWrite(error, repository);
    }
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

/** `HOST/NAMESPACE`, for errors. */
function catalogPlace({ registry, repository }: LockPlace): string {
  return `${registry.host}/${repository.replace(/\/?[^/]+$/, "")}`.replace(/\/$/, "");
}

/** `21:15 UTC`, and with its day where that is not today. */
function timeOf(time: Date, now: number): string {
  const [day = "", clock = ""] = time.toISOString().split("T");
  const isToday = day === new Date(now).toISOString().slice(0, day.length);
  return `${clock.slice(0, 5)} UTC${isToday ? "" : ` on ${day}`}`;
}
