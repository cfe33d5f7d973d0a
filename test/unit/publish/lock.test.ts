import { describe, expect, it } from "vitest";
import { acquireLock, LockedError, readLock } from "../../../scripts/publish/lock.ts";
import type { Clock } from "../../../scripts/system/clock.ts";
import { startPair } from "../registry/fake-registry.ts";

const REPOSITORY = "base/birdhouse";
const LEASE = 60_000;

async function setUp() {
  const { registry, server } = await startPair();
  /** Moves only as it is told to, or where somebody sleeps. */
  const time = { now: Date.UTC(2026, 10, 23, 3) };
  const clock: Clock = {
    now: () => time.now,
    sleep: async (milliseconds) => {
      await new Promise((done) => setTimeout(done, 20));
      time.now += milliseconds;
    },
    random: () => 0,
  };
  /** Owners whose processes have ended. */
  const gone = new Set<string>();
  const options = (owner: string) => ({
    ...{ registry, repository: REPOSITORY, owner, lease: LEASE, clock },
    ...{ process: owner, isGone: (process: string) => gone.has(process) },
  });
  return { registry, server, time, options, gone };
}

describe("the lock", () => {
  it("is had by one, and names its owner to the others until it is given back", async () => {
    const { options, registry } = await setUp();
    const lock = await acquireLock(options("ann"));
    expect(lock.takenFrom).toBeUndefined();
    await lock.check();
    await expect(acquireLock(options("bob"))).rejects.toThrow(
      /somebody else .*ann.*lapses at 2026-11-23T03:01/,
    );
    await lock.release();
    expect(await readLock({ registry, repository: REPOSITORY })).toMatchObject({
      owner: "ann",
      released: true,
    });
    const next = await acquireLock(options("bob"));
    expect(next.takenFrom).toBeUndefined();
  });

  it("is had by one of many that ask at the same moment", async () => {
    const { options } = await setUp();
    const asked = ["ann", "bob", "cid", "dot"].map((owner) => acquireLock(options(owner)));
    const results = await Promise.allSettled(asked);
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const result of results) {
      if (result.status === "rejected") expect(result.reason).toBeInstanceOf(LockedError);
    }
  });

  it("is taken over from a dead owner once its lease has ended, who then finds it lost", async () => {
    const { options, time } = await setUp();
    const dead = await acquireLock(options("ann"));
    time.now += LEASE / 2;
    await dead.renew();
    time.now += LEASE - 2_000;
    await expect(acquireLock(options("bob"))).rejects.toThrow(LockedError);
    time.now += 3_000;
    const taken = await acquireLock(options("bob"));
    expect(taken.takenFrom).toMatchObject({ owner: "ann" });
    await expect(dead.check()).rejects.toThrow(/somebody else .*bob/);
    await expect(dead.renew()).rejects.toThrow(/somebody else .*bob/);
    await dead.release();
    await taken.check();
  });

  it("goes to the last to write where writing is slow, and the other finds out when it looks again", async () => {
    const { options, registry } = await setUp();
    const first = await acquireLock(options("ann"));
    // Bob had looked before Ann wrote, and what he wrote arrives late.
    const get = registry.getManifest.bind(registry);
    registry.getManifest = async () => {
      registry.getManifest = get;
      return undefined;
    };
    const late = await acquireLock(options("bob"));
    await late.check();
    await expect(first.check()).rejects.toThrow(/somebody else .*bob/);
  });

  it("is shared by the jobs of one run, also when one of them has given it back", async () => {
    const { options } = await setUp();
    const job = (owner: string) => ({ ...options(owner), run: "github 4711 1" });
    const [first, second] = await Promise.all([acquireLock(job("ann")), acquireLock(job("bob"))]);
    await expect(acquireLock(options("cid"))).rejects.toThrow(LockedError);
    const third = await acquireLock(job("dot"));
    expect(third.takenFrom).toBeUndefined();
    await first.release();
    await second.check();
    await expect(acquireLock(options("cid"))).rejects.toThrow(LockedError);
    await second.release();
    await third.release();
    const taken = await acquireLock(options("cid"));
    expect(taken.takenFrom).toBeUndefined();
    await expect(third.check()).rejects.toThrow(/somebody else .*cid/);
  });

  it("keeps nobody out when whoever wanted it was interrupted, or the registry failed, before they had it", async () => {
    const { options, registry } = await setUp();
    const interruption = new AbortController();
    const { clock } = options("ann");
    const sleep = async () => {
      interruption.abort(new Error("Ctrl-C"));
      interruption.signal.throwIfAborted();
    };
    const interrupted = acquireLock({ ...options("ann"), clock: { ...clock, sleep } });
    await expect(interrupted).rejects.toThrow("Ctrl-C");
    expect(await readLock({ registry, repository: REPOSITORY })).toMatchObject({ released: true });
    const get = registry.getManifest.bind(registry);
    const away = async () => {
      registry.getManifest = () => {
        registry.getManifest = get;
        return Promise.reject(new Error("HTTP 503"));
      };
    };
    await expect(acquireLock({ ...options("bob"), clock: { ...clock, sleep: away } })).rejects.toThrow("503");
    await acquireLock(options("cid"));
  });

  it("stays given back when it was being renewed in that moment", async () => {
    const { options, registry } = await setUp();
    const lock = await acquireLock(options("ann"));
    const put = registry.putManifest.bind(registry);
    registry.putManifest = async (...args) => {
      registry.putManifest = put;
      await new Promise((done) => setTimeout(done, 50));
      return put(...args);
    };
    const renewing = lock.renew();
    await lock.release();
    await renewing;
    expect(await readLock({ registry, repository: REPOSITORY })).toMatchObject({ released: true });
  });

  it("says what it was before, so that who planned earlier sees whether somebody ran in between", async () => {
    const { options } = await setUp();
    const first = await acquireLock(options("ann"));
    expect(first.before).toBeUndefined();
    await first.release();
    expect((await acquireLock(options("bob"))).before).toMatchObject({ owner: "ann", released: true });
  });

  it("is taken over at once from an owner that is known to be gone", async () => {
    const { options, gone } = await setUp();
    await acquireLock(options("ann"));
    await expect(acquireLock(options("bob"))).rejects.toThrow(LockedError);
    gone.add("ann");
    expect((await acquireLock(options("bob"))).takenFrom).toMatchObject({ owner: "ann" });
  });

  it("of several jobs is not taken over because one of them is gone", async () => {
    const { options, gone } = await setUp();
    await acquireLock({ ...options("ann"), run: "github 4711 1" });
    gone.add("ann");
    await expect(acquireLock(options("bob"))).rejects.toThrow(LockedError);
  });
});
