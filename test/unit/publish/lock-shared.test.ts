import { describe, expect, it } from "vitest";
import { acquireLock, type HeldLock } from "../../../scripts/publish/lock.ts";
import { LockedError, lockContent, readLock } from "../../../scripts/publish/lock-state.ts";
import { RegistryError } from "../../../scripts/registry/errors.ts";
import { FakeClock } from "../../support/fake-registry.ts";
import { MemoryRegistry } from "../../support/memory-registry.ts";

const REPOSITORY = "base/birdhouse";
const LEASE = 60_000;

/** A lock that one job of a run has. */
async function held(run?: string) {
  const registry = new MemoryRegistry();
  const clock = new FakeClock();
  const lock = await acquireLock({
    ...{ registry, repository: REPOSITORY, owner: "ann", lease: LEASE, clock },
    ...{ run, process: "4711", isGone: () => false },
  });
  const read = () => readLock({ registry, repository: REPOSITORY });
  const other = { id: "other", owner: "bob", until: new Date(clock.now() + LEASE) };
  /** Puts into the registry what another job writes that does not see us. */
  const overwrite = (released?: Date, token = lock.token) =>
    registry.putManifest(
      REPOSITORY,
      "lock",
      lockContent({ token, holders: [other], ...(released && { released }) }),
    );
  const remove = () => registry.manifests.clear();
  /** What is written from now on: the names of the holders each time. */
  const written: string[][] = [];
  const put = registry.putManifest.bind(registry);
  registry.putManifest = async (...content) => {
    await put(...content);
    written.push((await read())?.holders.map(({ owner }) => owner) ?? []);
  };
  return { lock, read, overwrite, remove, other, registry, clock, written };
}

const idsIn = async (read: () => ReturnType<typeof readLock>) => (await read())?.holders.map(({ id }) => id);

describe("a lock that another job of the run wrote without us", () => {
  it("is ours again when we look, beside the other", async () => {
    const { lock, read, overwrite, other } = await held("ci 1");
    await overwrite();
    expect(await lock.others()).toEqual([other]);
    await lock.check();
    expect(await idsIn(read)).toEqual([lock.id, "other"]);
    await lock.check();
    expect(await lock.others()).toEqual([other]);
  });

  it("is left as it is by us who end: we are not in it", async () => {
    const { lock, read, overwrite, written } = await held("ci 1");
    await overwrite();
    await lock.release();
    expect(await idsIn(read)).toEqual(["other"]);
    expect(written).toEqual([["bob"]]);
  });

  it("is not written again where we look and are in it beside the other", async () => {
    const { lock, overwrite, written } = await held("ci 1");
    await overwrite();
    await lock.check();
    await lock.check();
    expect(written).toEqual([["bob"], ["ann", "bob"]]);
  });

  it("is held by none of our run where somebody else has it", async () => {
    const { lock, overwrite } = await held("ci 1");
    await overwrite(undefined, "ci 2");
    expect(await lock.others()).toEqual([]);
  });

  it("is left after ten looks, each out of step, where the other writes us into it again and again", async () => {
    const { lock, other, clock, registry, written } = await held("ci 1");
    const us = { id: lock.id, owner: "ann", until: other.until };
    const write = () =>
      registry.putManifest(REPOSITORY, "lock", lockContent({ token: lock.token, holders: [us, other] }));
    await write();
    const slept = clock.sleeps.length;
    const { sleep } = clock;
    let isStubborn = true;
    clock.sleep = async (milliseconds) => {
      await sleep(milliseconds);
      isStubborn &&= clock.sleeps.length < slept + 30;
      if (isStubborn) await write();
    };
    await lock.release();
    expect(written.filter((owners) => owners.length === 1)).toHaveLength(10);
    // Twice what writing takes, as this clock's chance is one.
    expect(clock.sleeps.slice(slept)).toEqual(Array(10).fill(900));
  });

  it("is still ours where the other released it, and only there", async () => {
    const { lock, read, overwrite, clock } = await held("ci 1");
    await overwrite(new Date(clock.now()));
    await lock.renew();
    expect(await idsIn(read)).toEqual([lock.id]);
    const alone = await held();
    await alone.overwrite(new Date(alone.clock.now()));
    await expect(alone.lock.check()).rejects.toThrow(LockedError);
  });
});

describe("a lock that is not there any more", () => {
  it("is missed by whoever had it, and needs no release", async () => {
    const { lock, remove, registry, read } = await held();
    remove();
    const gone = `somebody removed the publish lock of ${registry.host}/base`;
    await expect(lock.check()).rejects.toThrow(gone);
    await expect(lock.renew()).rejects.toThrow(gone);
    await lock.release();
    expect(await read()).toBeUndefined();
  });
});

describe("a lock that cannot be written", () => {
  it("is told with its image and tag, however deep the catalog's namespace is", async () => {
    const registry = new MemoryRegistry();
    const refused = new RegistryError({
      ...{ registry: registry.host, repository: "a/b/birdhouse", status: 403 },
      action: "put the manifest lock",
    });
    registry.putManifest = () => Promise.reject(refused);
    const acquiring = acquireLock({
      ...{ registry, repository: "a/b/birdhouse", owner: "ann", lease: LEASE, clock: new FakeClock() },
      isGone: () => false,
    });
    await expect(acquiring).rejects.toThrow("Cannot write the publish lock (tag birdhouse:lock): ");
  });
});

describe("a lock that is written", () => {
  it("names the process of one that is alone, and none of several", async () => {
    expect((await (await held()).read())?.process).toBe("4711");
    expect((await (await held("ci 1")).read())?.process).toBeUndefined();
  });

  it("is not ours for longer than the longest lease, whatever is asked for", async () => {
    const { read, clock } = await held();
    expect((await read())?.until.getTime()).toBeLessThanOrEqual(clock.now() + LEASE);
  });

  it("says what kept it from being written where that is no answer of a registry", async () => {
    const { lock, registry } = await held();
    registry.putManifest = () => Promise.reject(new TypeError("mistake"));
    await expect(lock.renew()).rejects.toThrow(new TypeError("mistake"));
  });

  it("is renewed once where two ask at the same time", async () => {
    const { lock, registry } = await held();
    let puts = 0;
    const put = registry.putManifest.bind(registry);
    registry.putManifest = (...content) => {
      puts++;
      return put(...content);
    };
    const both = (one: HeldLock) => Promise.all([one.renew(), one.renew()]);
    await both(lock);
    expect(puts).toBe(1);
    await both(lock);
    expect(puts).toBe(2);
  });
});
