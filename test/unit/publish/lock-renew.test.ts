import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { keepRenewing } from "../../../scripts/publish/lock.ts";
import { LockedError } from "../../../scripts/publish/lock-state.ts";
import { RegistryError } from "../../../scripts/registry/errors.ts";

const LEASE = 60_000;
const AWAY = new RegistryError({ registry: "r.example", action: "read the manifest lock", status: 503 });

describe("a lock that is kept", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** @param renew what renewing comes to */
  function keep(renew: () => Promise<void>) {
    const lost: unknown[] = [];
    const renewals = vi.fn(renew);
    const stop = keepRenewing({ renew: renewals }, LEASE, { now: Date.now }, (error) => lost.push(error));
    return { lost, renewals, stop };
  }

  it("is renewed three times a lease, until it is given back", async () => {
    const { lost, renewals, stop } = keep(async () => {});
    await vi.advanceTimersByTimeAsync(2 * LEASE);
    expect(renewals).toHaveBeenCalledTimes(6);
    stop();
    await vi.advanceTimersByTimeAsync(2 * LEASE);
    expect(renewals).toHaveBeenCalledTimes(6);
    expect(lost).toEqual([]);
  });

  it("is lost at once when somebody else has it", async () => {
    const state = { owner: "bob", until: new Date() };
    const locked = new LockedError(state, "r.example/base");
    const { lost } = keep(() => Promise.reject(locked));
    await vi.advanceTimersByTimeAsync(LEASE / 3);
    expect(lost).toEqual([locked]);
  });

  it("outlives a registry that is away for less than the lease", async () => {
    let isAway = true;
    const { lost, renewals } = keep(() => (isAway ? Promise.reject(AWAY) : Promise.resolve()));
    await vi.advanceTimersByTimeAsync((LEASE * 2) / 3);
    isAway = false;
    await vi.advanceTimersByTimeAsync(LEASE / 3);
    isAway = true;
    // The lease counts from when it was renewed last.
    await vi.advanceTimersByTimeAsync((LEASE * 2) / 3);
    expect(renewals).toHaveBeenCalledTimes(5);
    expect(lost).toEqual([]);
  });

  it("is lost when it has expired, and says why", async () => {
    const { lost } = keep(() => Promise.reject(AWAY));
    await vi.advanceTimersByTimeAsync(LEASE);
    expect(String(lost[0])).toMatch(/publish lock expired: the registry did not answer .*HTTP 503/);
    expect(lost[0]).toMatchObject({ cause: AWAY });
  });
});
