import { randomUUID } from "node:crypto";
import { z } from "zod";
import { canonicalJson } from "../oci/canonical-json.ts";
import { digestOf } from "../oci/digest.ts";
import { MEDIA_TYPE, parseDocument } from "../oci/types.ts";
import type { Registry } from "../registry/client.ts";
import { isLoopback, registryUrl } from "../registry/reference.ts";
import type { Clock } from "../system/clock.ts";

/**
 * Who publishes into a catalog, kept in the registry, which is all that two machines share: an image index without
 * images under the tag `lock` of a repository of its own.
 */
const ARTIFACT_TYPE = "application/vnd.birdhouse.lock.v1";
const TAG = "lock";

const annotationsSchema = z.looseObject({
  "birdhouse.lock.owner": z.string(),
  /** Names the run: the same for all jobs of one, otherwise random. */
  "birdhouse.lock.token": z.string(),
  /** Until when nobody else takes it, unless it is renewed. */
  "birdhouse.lock.until": z.iso.datetime(),
  /** The owner's process, where it is the only one: see `processIdentity`. */
  "birdhouse.lock.process": z.string().optional(),
  /** There when it was given back. */
  "birdhouse.lock.released": z.iso.datetime().optional(),
});
const lockSchema = z.looseObject({
  artifactType: z.literal(ARTIFACT_TYPE),
  annotations: annotationsSchema,
});

/** What the registry says of a lock. */
export interface LockState {
  readonly owner: string;
  readonly token: string;
  readonly until: Date;
  readonly released: boolean;
  /** Of an owner that ran on this machine it can be known whether it still does. */
  readonly process?: string | undefined;
}

/** Whether a process ran on this machine and is gone. */
export type IsGone = (process: string) => boolean;

/** Somebody else is running. The process ends with exit code 3. */
export class LockedError extends Error {
  override readonly name = "LockedError";

  constructor(state: LockState, place: string) {
    super(
      `somebody else is publishing into ${place}: ${state.owner}; ` +
        `unless it is renewed, their lock lapses at ${state.until.toISOString()}`,
    );
  }
}

export interface LockOptions {
  readonly registry: Registry;
  readonly repository: string;
  /** Who we are, for others to read. */
  readonly owner: string;
  /** Names a run of several jobs, of which we are one: they share the lock. Alone where it is left out. */
  readonly run?: string | undefined;
  /** Our process, for others on this machine to see whether we are gone. */
  readonly process?: string | undefined;
  readonly isGone: IsGone;
  /** Milliseconds that the lock outlives us if we die. */
  readonly lease: number;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/** A lock that is ours. */
export interface HeldLock {
  /** What it said before it was ours. */
  readonly before: LockState | undefined;
  /** The dead owner it was taken over from, if it was. */
  readonly takenFrom: LockState | undefined;
  /** @throws LockedError when somebody else has it meanwhile */
  check(): Promise<void>;
  /** Puts the end of the lease off. @throws LockedError when somebody else has it meanwhile */
  renew(): Promise<void>;
  release(): Promise<void>;
}

/** Milliseconds that writing a lock takes at most, mostly: on this machine, and over a network. */
const [NEAR, FAR] = [450, 3_000];
/** Milliseconds that the clocks of two machines may differ by. */
const SKEW = 30_000;

/** What the registry says; undefined where there never was a lock. @throws RegistryError; Error where it is no lock */
export async function readLock({
  registry,
  repository,
}: Pick<LockOptions, "registry" | "repository">): Promise<LockState | undefined> {
  const manifest = await registry.getManifest(repository, TAG);
  if (!manifest) return undefined;
  const { annotations } = parseDocument(lockSchema, manifest.bytes, `${repository}:${TAG}`);
  return {
    owner: annotations["birdhouse.lock.owner"],
    token: annotations["birdhouse.lock.token"],
    until: new Date(annotations["birdhouse.lock.until"]),
    released: annotations["birdhouse.lock.released"] !== undefined,
    process: annotations["birdhouse.lock.process"],
  };
}

/** Whether a lock keeps others out: until its lease ends, or its owner is known to be gone. */
export function isLocked(
  state: LockState | undefined,
  { registry, clock, isGone }: Pick<LockOptions, "registry" | "clock" | "isGone">,
): state is LockState {
  if (!state || state.released) return false;
  if (clock.now() >= state.until.getTime() + (isNear(registry) ? 0 : SKEW)) return false;
  return state.process === undefined || !isGone(state.process);
}

/** Whether a registry is on this machine, whose clock is ours. */
function isNear({ host }: Registry): boolean {
  return isLoopback(registryUrl(host));
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
  const { registry, clock, signal } = options;
  const token = options.run ?? randomUUID();
  const before = await readLock(options);
  if (isLocked(before, options) && before.token !== token) {
    throw new LockedError(before, placeOf(options));
  }
  const lock = heldLock(options, token, before);
  try {
    await writeLock(options, token, clock.now());
    await clock.sleep(isNear(registry) ? NEAR : FAR, signal);
    await lock.check();
    return lock;
  } catch (error) {
    // Else it would keep everybody out for a whole lease, though nobody is at work.
    await lock.release().catch(() => {});
    throw error;
  }
}

/** `HOST/NAMESPACE`, for errors. */
function placeOf({ registry, repository }: LockOptions): string {
  return `${registry.host}/${repository.replace(/\/[^/]+$/, "")}`;
}

function heldLock(options: LockOptions, token: string, before: LockState | undefined): HeldLock {
  const { clock, run } = options;
  const check = async () => {
    const now = await readLock(options);
    if (now?.token === token && !now.released) return;
    // Another job of our run has ended, and given it back for all of us.
    if (now?.token === token && run !== undefined) return writeLock(options, token, clock.now());
    if (now) throw new LockedError(now, placeOf(options));
    throw new Error(`the lock of ${placeOf(options)} is gone: somebody removed it`);
  };
  const renew = async () => {
    await check();
    await writeLock(options, token, clock.now());
  };
  let renewing: Promise<void> | undefined;
  return {
    before,
    takenFrom: before && !before.released && before.token !== token ? before : undefined,
    check,
    renew() {
      renewing ??= renew().finally(() => {
        renewing = undefined;
      });
      return renewing;
    },
    async release() {
      // One that is under way would write the lock anew after us, and nobody would ever give that back.
      await renewing?.catch(() => {});
      const now = await readLock(options);
      if (now?.token === token) await writeLock(options, token, clock.now(), true);
    },
  };
}

async function writeLock(
  { registry, repository, owner, lease, run, process }: LockOptions,
  token: string,
  now: number,
  released = false,
): Promise<void> {
  const bytes = Buffer.from(
    canonicalJson({
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.index,
      artifactType: ARTIFACT_TYPE,
      manifests: [],
      annotations: {
        "birdhouse.lock.owner": owner,
        "birdhouse.lock.token": token,
        "birdhouse.lock.until": new Date(now + lease).toISOString(),
        // Of several jobs one that is gone says nothing of the others.
        ...(process !== undefined && run === undefined && { "birdhouse.lock.process": process }),
        ...(released && { "birdhouse.lock.released": new Date(now).toISOString() }),
      },
    }),
  );
  await registry.putManifest(repository, TAG, {
    bytes,
    mediaType: MEDIA_TYPE.index,
    digest: digestOf(bytes),
  });
}
