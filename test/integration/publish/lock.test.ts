import { describe, expect, it } from "vitest";
import { exitCodeOfError } from "../../../scripts/app/result.ts";
import { digestOf } from "../../../scripts/formats/oci/digest.ts";
import { MEDIA_TYPE } from "../../../scripts/formats/oci/types.ts";
import { acquireLock } from "../../../scripts/publish/lock.ts";
import { LockedError, type LockState, readLock, whyTakenOver } from "../../../scripts/publish/lock-state.ts";
import type { Clock } from "../../../scripts/system/environment.ts";
import { startPair } from "../../support/fake-registry.ts";
import { MemoryRegistry } from "../../support/memory-registry.ts";

const REPOSITORY = "base/birdhouse";
const LEASE = 60_000;

function setUp() {
  const registry = new MemoryRegistry();
  /** Moves only as it is told to, or where somebody sleeps: by then all others have asked, and been answered. */
  const time = { now: Date.UTC(2026, 10, 23, 3) };
  const clock: Clock = {
    now: () => time.now,
    sleep: async (milliseconds) => {
      await new Promise((done) => setImmediate(done));
      time.now += milliseconds;
    },
    random: () => 0.5,
  };
  /** Owners whose processes have ended. */
  const gone = new Set<string>();
  const options = (owner: string) => ({
    ...{ registry, repository: REPOSITORY, owner, lease: LEASE, clock },
    ...{ process: owner, isGone: (process: string) => gone.has(process) },
  });
  return { registry, time, options, gone };
}

describe("the lock", () => {
  it("is had by one, and names its owner to the others until it is given back", async () => {
    const { options, registry } = setUp();
    const lock = await acquireLock(options("ann"));
    expect(lock.takenFrom).toBeUndefined();
    await lock.check();
    await expect(acquireLock(options("bob"))).rejects.toThrow(
      /somebody else .*: ann\. The lock expires at 03:01 UTC unless that run renews it\./,
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
    const { options } = setUp();
    const asked = ["ann", "bob", "cid", "dot"].map((owner) => acquireLock(options(owner)));
    const results = await Promise.allSettled(asked);
    expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    for (const result of results) {
      if (result.status === "rejected") expect(result.reason).toBeInstanceOf(LockedError);
    }
  });

  it("is taken over from a dead owner once its lease has ended, who then finds it lost", async () => {
    const { options, time } = setUp();
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
    const { options, registry } = setUp();
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
    const { options } = setUp();
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
    const { options, registry } = setUp();
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
    const { options, registry } = setUp();
    const lock = await acquireLock(options("ann"));
    const put = registry.putManifest.bind(registry);
    registry.putManifest = async (...args) => {
      registry.putManifest = put;
      await new Promise((done) => setImmediate(done));
      return put(...args);
    };
    const renewing = lock.renew();
    await lock.release();
    await renewing;
    expect(await readLock({ registry, repository: REPOSITORY })).toMatchObject({ released: true });
  });

  it("says what it was before, so that who planned earlier sees whether somebody ran in between", async () => {
    const { options } = setUp();
    const first = await acquireLock(options("ann"));
    expect(first.before).toBeUndefined();
    await first.release();
    expect((await acquireLock(options("bob"))).before).toMatchObject({ owner: "ann", released: true });
  });

  it("is taken over at once from an owner that is known to be gone", async () => {
    const { options, gone } = setUp();
    await acquireLock(options("ann"));
    await expect(acquireLock(options("bob"))).rejects.toThrow(LockedError);
    gone.add("ann");
    expect((await acquireLock(options("bob"))).takenFrom).toMatchObject({ owner: "ann" });
  });

  it("of several jobs is not taken over because one of them is gone", async () => {
    const { options, gone } = setUp();
    await acquireLock({ ...options("ann"), run: "github 4711 1" });
    gone.add("ann");
    await expect(acquireLock(options("bob"))).rejects.toThrow(LockedError);
  });

  it("of several jobs is kept by those that are at work, each by its own lease, and free after the last", async () => {
    const { options, time } = setUp();
    const job = (owner: string) => ({ ...options(owner), run: "github 4711 1" });
    const first = await acquireLock(job("ann"));
    const second = await acquireLock(job("bob"));
    await first.release();
    // Nobody looks in between: it is not the second job that heals this.
    await expect(acquireLock(options("cid"))).rejects.toThrow(/: bob\./);
    await second.check();
    const third = await acquireLock(job("dot"));
    await second.release();
    // The third was killed: only its own lease keeps others out.
    await expect(acquireLock(options("cid"))).rejects.toThrow(/: dot\./);
    time.now += LEASE + 1;
    expect((await acquireLock(options("cid"))).takenFrom).toMatchObject({ owner: "dot" });
    await third.release();
    await expect(acquireLock(options("eve"))).rejects.toThrow(/: cid\./);
  });

  it("of many jobs that come and go at once is never free while one of them is at work", async () => {
    const { options, registry } = setUp();
    const job = (owner: string) => ({ ...options(owner), run: "github 4711 1" });
    const locks = await Promise.all(["a", "b", "c", "d", "e"].map((owner) => acquireLock(job(owner))));
    await Promise.all(locks.map((lock) => lock.check()));
    for (const lock of locks) await lock.check();
    await Promise.all(locks.slice(1).map((lock) => lock.release()));
    await locks[0]?.check();
    await expect(acquireLock(options("cid"))).rejects.toThrow(LockedError);
    await locks[0]?.release();
    expect(await readLock({ registry, repository: REPOSITORY })).toMatchObject({ released: true });
  });
});

/** Puts what somebody else has put under the lock's tag. */
async function putLock(registry: MemoryRegistry, document: unknown) {
  const bytes = Buffer.from(typeof document === "string" ? document : JSON.stringify(document));
  await registry.putManifest(REPOSITORY, "lock", {
    bytes,
    mediaType: MEDIA_TYPE.index,
    digest: digestOf(bytes),
  });
}

/** A lock as it is written, with other annotations; those that are undefined are left out. */
const lockWith = (annotations: Record<string, string | undefined>) => ({
  ...{ schemaVersion: 2, mediaType: MEDIA_TYPE.index, manifests: [] },
  artifactType: "application/vnd.birdhouse.lock.v1",
  annotations: {
    "birdhouse.lock.owner": "ann",
    "birdhouse.lock.token": "1",
    "birdhouse.lock.until": "2026-11-23T03:01:00.000Z",
    ...annotations,
  },
});

describe("a lock that makes no sense", () => {
  it.each(["9999-12-31T23:59:59Z", "2026-11-24T03:01:00Z"])(
    "does not count where it is to hold until %s, longer than any lease",
    async (until) => {
      const { options, registry, time } = setUp();
      await putLock(registry, lockWith({ "birdhouse.lock.until": until }));
      const taken = await acquireLock(options("bob"));
      expect(taken.takenFrom).toMatchObject({ owner: "ann" });
      expect(whyTakenOver(taken.takenFrom as LockState, time.now)).toContain("no lease is that long");
    },
  );

  it("counts up to the longest lease, and says how to remove it", async () => {
    const { options, registry } = setUp();
    await putLock(registry, lockWith({ "birdhouse.lock.until": "2026-11-24T03:00:00Z" }));
    const error = await acquireLock(options("bob")).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      message: expect.stringContaining("expires at 03:00 UTC on 2026-11-24"),
      hint: expect.stringMatching(/skopeo delete docker:\/\/127\.0\.0\.1:\d+\/base\/birdhouse:lock$/),
    });
    expect(exitCodeOfError(error)).toBe(3);
  });

  it("of no owner, or one that writes to terminals, is told in plain words", async () => {
    const { options, registry } = setUp();
    await putLock(registry, lockWith({ "birdhouse.lock.owner": "" }));
    await expect(acquireLock(options("bob"))).rejects.toThrow(": somebody who gave no name. The lock");
    await putLock(registry, lockWith({ "birdhouse.lock.owner": "\u001b[2Jann\n::error::x" }));
    await expect(acquireLock(options("bob"))).rejects.toThrow(/: ann [^\u001b\n]*\. The lock/);
  });

  it.each<[what: string, document: unknown]>([
    ["no JSON", "lock"],
    ["an image", { schemaVersion: 2, mediaType: MEDIA_TYPE.index, manifests: [] }],
    ["null", "null"],
    ["without a time", lockWith({ "birdhouse.lock.until": undefined })],
    ["until some word", lockWith({ "birdhouse.lock.until": "tomorrow" })],
    ["until a negative year", lockWith({ "birdhouse.lock.until": "-000001-01-01T00:00:00Z" })],
    ["of holders that are none", lockWith({ "birdhouse.lock.holders": '{"a":1}' })],
    ["of holders that are no JSON", lockWith({ "birdhouse.lock.holders": "[" })],
  ])("as it is %s, is for the user to mend, and stays", async (_, document) => {
    const { options, registry } = setUp();
    await putLock(registry, document);
    const before = await registry.getManifest(REPOSITORY, "lock");
    const error = await acquireLock(options("bob")).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      message: expect.stringContaining("birdhouse:lock is not a publish lock: "),
      hint: expect.stringContaining("skopeo delete docker://"),
    });
    expect(exitCodeOfError(error)).toBe(2);
    expect(await registry.getManifest(REPOSITORY, "lock")).toEqual(before);
  });
});

describe("a registry that refuses", () => {
  async function withServer() {
    const { registry, server, clock } = await startPair();
    const options = {
      registry,
      repository: REPOSITORY,
      clock,
      owner: "bob",
      lease: LEASE,
      isGone: () => false,
    };
    return { options, server };
  }

  it("to write the lock is named, and what it said", async () => {
    const { options, server } = await withServer();
    server.fault = ({ method }) => (method === "PUT" ? { status: 403 } : undefined);
    await expect(acquireLock(options)).rejects.toThrow(
      /^Cannot write the publish lock \(tag birdhouse:lock\): HTTP 403\ncredentials: /,
    );
  });

  it("whoever asks about the lock before it is there may still take it (R5)", async () => {
    const { options, server } = await withServer();
    server.fault = ({ method }) =>
      method !== "PUT" && server.manifests.size === 0 ? { status: 403 } : undefined;
    const lock = await acquireLock(options);
    await lock.check();
    server.fault = ({ method }) => (method === "GET" ? { status: 403 } : undefined);
    await expect(lock.check()).rejects.toThrow("HTTP 403");
  });

  it("in any other way is not taken for one without a lock", async () => {
    const { options, server } = await withServer();
    server.fault = () => ({ status: 500 });
    await expect(acquireLock(options)).rejects.toThrow("HTTP 500");
    expect(server.log.filter((line) => line.startsWith("PUT"))).toEqual([]);
  });
});
