import { describe, expect, it } from "vitest";
import { LONGEST_LEASE } from "../../../scripts/model/policy.ts";
import {
  activeHolders,
  catalogPlace,
  LockedError,
  type LockState,
  lockContent,
  lockedBy,
  readLock,
  whyTakenOver,
} from "../../../scripts/publish/lock-state.ts";
import { indexContent } from "../../../scripts/registry/push.ts";
import { MemoryRegistry } from "../../support/memory-registry.ts";

const NOW = Date.UTC(2026, 10, 23, 3);
const SKEW = 30_000;
const at = (milliseconds: number) => new Date(NOW + milliseconds);
const holder = (owner: string, until: Date) => ({ id: owner, owner, until });
const stateOf = (changes: Partial<LockState>): LockState => ({
  ...{ owner: "ann", token: "1", until: at(1), released: false, holders: [] },
  ...changes,
});
const judge = (host: string) => ({ registry: { host }, clock: { now: () => NOW }, isGone: () => false });
const place = (registry: MemoryRegistry, repository = "base/birdhouse") => ({ registry, repository });

/** A lock as it is in the registry. */
function annotationsOf(text: Parameters<typeof lockContent>[0]): unknown {
  return JSON.parse(Buffer.from(lockContent(text).bytes).toString("utf8")).annotations;
}

describe("what a lock says", () => {
  it("is its first holder, the latest end of a lease, and all holders", () => {
    const holders = [holder("ann", at(1_000)), holder("bob", at(3_000)), holder("cid", at(2_000))];
    expect(annotationsOf({ token: "1", holders })).toEqual({
      "birdhouse.lock.owner": "ann",
      "birdhouse.lock.token": "1",
      "birdhouse.lock.until": "2026-11-23T03:00:03.000Z",
      "birdhouse.lock.holders": JSON.stringify(holders),
    });
  });

  it("is no holder once it was released, and the process where it has one", () => {
    const released = at(5_000);
    const text = { token: "1", holders: [holder("ann", at(1_000))], process: "4711", released };
    expect(annotationsOf(text)).toMatchObject({
      "birdhouse.lock.process": "4711",
      "birdhouse.lock.released": "2026-11-23T03:00:05.000Z",
      "birdhouse.lock.holders": "[]",
    });
  });

  it("comes back as it was written", async () => {
    const registry = new MemoryRegistry();
    const holders = [holder("ann", at(1_000))];
    await registry.putManifest(
      "base/birdhouse",
      "lock",
      lockContent({ token: "1", holders, process: "4711" }),
    );
    const owner = { owner: "ann", token: "1", until: at(1_000), process: "4711" };
    expect(await readLock(place(registry))).toEqual({ ...owner, released: false, holders });
  });

  it("is an index without images, of a type of its own", () => {
    const { bytes, mediaType } = lockContent({ token: "1", holders: [holder("ann", at(1_000))] });
    expect(mediaType).toBe("application/vnd.oci.image.index.v1+json");
    expect(JSON.parse(Buffer.from(bytes).toString("utf8"))).toMatchObject({
      ...{ schemaVersion: 2, mediaType, artifactType: "application/vnd.birdhouse.lock.v1" },
      manifests: [],
    });
  });

  it("is one holder without a name of its own where an older Birdhouse wrote it", async () => {
    const registry = new MemoryRegistry();
    const artifactType = "application/vnd.birdhouse.lock.v1";
    const annotations = {
      ...{ "birdhouse.lock.owner": "ann", "birdhouse.lock.token": "1" },
      "birdhouse.lock.until": at(1_000).toISOString(),
    };
    const content = indexContent({ artifactType, manifests: [], annotations });
    await registry.putManifest("base/birdhouse", "lock", content);
    expect((await readLock(place(registry)))?.holders).toEqual([{ id: "", owner: "ann", until: at(1_000) }]);
  });

  it("is no lock where it is something else: which, and how to look at it and remove it", async () => {
    const registry = new MemoryRegistry("r.example");
    const bytes = Buffer.from("{");
    await registry.putManifest("base/birdhouse", "lock", { bytes, mediaType: "text/x", digest: "sha256:1" });
    const name = "r.example/base/birdhouse:lock";
    await expect(readLock(place(registry))).rejects.toMatchObject({
      message: `${name} is not a publish lock: what is there (text/x, sha256:1) is not JSON; nothing was published`,
      hint: `see who put it there (skopeo inspect --raw docker://${name}); if nobody needs it: skopeo delete docker://${name}`,
    });
  });
});

describe("those who hold a lock", () => {
  const isHeld = (host: string, until: Date) =>
    activeHolders(stateOf({ holders: [holder("ann", until)] }), judge(host)).length === 1;

  it("hold it until their lease ends, on this machine to the millisecond", () => {
    expect(isHeld("127.0.0.1:5000", at(1))).toBe(true);
    expect(isHeld("127.0.0.1:5000", at(0))).toBe(false);
  });

  it("hold it for half a minute longer over a network, where clocks differ", () => {
    expect(isHeld("r.example", at(1 - SKEW))).toBe(true);
    expect(isHeld("r.example", at(-SKEW))).toBe(false);
  });

  it("are not believed a lease that is longer than any can be", () => {
    expect(isHeld("r.example", at(LONGEST_LEASE + SKEW))).toBe(true);
    expect(isHeld("r.example", at(LONGEST_LEASE + SKEW + 1))).toBe(false);
  });
});

describe("the error for a lock that somebody else has", () => {
  it("names one who is at work and the latest end, and how to remove it", () => {
    const registry = new MemoryRegistry("r.example");
    const holders = [holder("dead", at(-2 * SKEW)), holder("bob", at(60_000)), holder("cid", at(180_000))];
    const locked = lockedBy(stateOf({ holders }), { ...judge("r.example"), ...place(registry) });
    expect(locked).toBeInstanceOf(LockedError);
    expect(locked.name).toBe("LockedError");
    expect(locked.message).toBe(
      "somebody else is publishing into r.example/base: bob. The lock expires at 03:03 UTC unless that run renews it.",
    );
    expect(locked.hint).toBe(
      "if that run is known to have ended, remove its lock: skopeo delete docker://r.example/base/birdhouse:lock",
    );
  });

  it("names the owner where nobody is at work any more, without white space", () => {
    const where = { ...judge("r.example"), ...place(new MemoryRegistry("r.example")) };
    const locked = lockedBy(stateOf({ owner: "  ann \n", until: at(24 * 3_600_000) }), where);
    expect(locked.message).toContain("/base: ann. The lock expires at 03:00 UTC on 2026-11-24 unless");
  });

  it("says that the owner gave no name where it has only white space", () => {
    const where = { ...judge("r.example"), ...place(new MemoryRegistry("r.example")) };
    expect(lockedBy(stateOf({ owner: " \n\t" }), where).message).toContain(
      "/base: somebody who gave no name.",
    );
  });

  it.each([
    ["base/birdhouse", "r.example/base"],
    ["a/b/birdhouse", "r.example/a/b"],
    ["birdhouse", "r.example"],
  ])("says where: of %s, %s", (repository, expected) => {
    expect(catalogPlace(place(new MemoryRegistry("r.example"), repository))).toBe(expected);
  });
});

describe("why a lock was taken over", () => {
  it.each([
    ["its lease has ended", at(0), "which expired at 03:00 UTC"],
    ["its lease has not ended", at(1), "whose process is gone"],
    [
      "its lease is longer than any",
      at(LONGEST_LEASE + SKEW + 1),
      "which says that it expires at 2026-11-24T03:00:30.001Z: no lease is that long, so its writer's clock was wrong",
    ],
  ])("is told where %s", (_, until, expected) => {
    expect(whyTakenOver(stateOf({ until }), NOW)).toBe(expected);
  });
});
