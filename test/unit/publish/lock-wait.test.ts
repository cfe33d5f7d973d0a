import { expect, it } from "vitest";
import { acquireLock, waitForOthers } from "../../../scripts/publish/lock.ts";
import { FakeClock } from "../../support/fake-registry.ts";
import { MemoryRegistry } from "../../support/memory-registry.ts";

const REPOSITORY = "base/birdhouse";
const HOUR = 3_600_000;

function setUp() {
  const registry = new MemoryRegistry();
  const clock = new FakeClock();
  const options = { registry, repository: REPOSITORY, clock, isGone: () => false };
  const waited: string[] = [];
  const wait = (isOurs = (_owner: string) => false, signal?: AbortSignal) =>
    waitForOthers({ ...options, ...(signal && { signal }) }, isOurs, (owner) => waited.push(owner));
  return { options, clock, waited, wait };
}

it("waits for nobody where there is no lock, or it is our own", async () => {
  const { options, wait, waited } = setUp();
  await wait();
  await acquireLock({ ...options, owner: "us", lease: HOUR });
  await wait((owner) => owner === "us");
  expect(waited).toEqual([]);
});

it("waits until others have given the lock back, and tells once of whom", async () => {
  const { options, wait, waited, clock } = setUp();
  const lock = await acquireLock({ ...options, owner: "ann", lease: HOUR });
  let looks = 0;
  const { sleep } = clock;
  clock.sleep = async (milliseconds) => {
    if (++looks === 3) await lock.release();
    await sleep(milliseconds);
  };
  await wait();
  expect(looks).toBe(3);
  expect(waited).toEqual(["ann"]);
});

it("waits no longer than the lease of one who died", async () => {
  const { options, wait, clock } = setUp();
  const start = clock.now();
  await acquireLock({ ...options, owner: "ann", lease: HOUR });
  await wait();
  expect(clock.now() - start).toBeGreaterThanOrEqual(HOUR);
  expect(clock.now() - start).toBeLessThan(HOUR + 2_000);
});

it("ends at once when it is interrupted", async () => {
  const { options, wait, waited } = setUp();
  await acquireLock({ ...options, owner: "ann", lease: HOUR });
  await wait(undefined, AbortSignal.abort());
  expect(waited).toEqual([]);
});
