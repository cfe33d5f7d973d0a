import { readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { notePending } from "../../../scripts/app/pending.ts";
import {
  type DoorRequest,
  type DoorSession,
  type TagDoor,
  throughTagDoor,
} from "../../../scripts/app/tag-door.ts";
import { digestOf } from "../../../scripts/formats/oci/digest.ts";
import { MEDIA_TYPE } from "../../../scripts/formats/oci/types.ts";
import { findHistory, historyIn } from "../../../scripts/publish/history.ts";
import type { MoveJournal } from "../../../scripts/publish/journal.ts";
import { acquireLock } from "../../../scripts/publish/lock.ts";
import { LockedError } from "../../../scripts/publish/lock-state.ts";
import type { ReleaseMove } from "../../../scripts/publish/move-release.ts";
import { TagPermit } from "../../../scripts/registry/switch-tags.ts";
import { codeFiles, PROJECT } from "../../support/code.ts";
import { startPair } from "../../support/fake-registry.ts";
import { entriesOf, leaveJournal } from "../../support/histories.ts";
import { temporaryDirectory } from "../../unit/formats/oci/sample-image.ts";

const REPOSITORY = "base/node";

function index(title: string) {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [], annotations: { title } }));
  return { bytes, mediaType: MEDIA_TYPE.index, digest: digestOf(bytes), size: bytes.length };
}
const [OLD, NEW, FOREIGN] = [index("old"), index("new"), index("foreign")];

async function setUp() {
  const { registry, server, clock } = await startPair();
  const journals = join(await temporaryDirectory(), "journals");
  const notes: string[] = [];
  const world: DoorSession = {
    ...{ registry, namespace: { registry: server.host, path: "base" }, journals, clock },
    signal: new AbortController().signal,
    listener: ({ text }) => void notes.push(text),
  };
  for (const [reference, content] of [
    [NEW.digest, NEW],
    ["22", OLD],
    ["22-dev", OLD],
  ] as const) {
    await registry.putManifest(REPOSITORY, reference, content);
  }
  const digestsOf = async (...tags: string[]) =>
    Promise.all(tags.map(async (tag) => (await registry.headManifest(REPOSITORY, tag))?.digest));
  const puts = (suffix: string) =>
    server.log.filter((line) => line.startsWith("PUT") && line.endsWith(suffix)).length;
  return { registry, server, clock, world, notes, journals, digestsOf, puts };
}

/** Moves the tags of node:22 to an image. */
const toImage = (content: typeof NEW, changes: Partial<ReleaseMove> = {}): ReleaseMove => ({
  name: "node:22",
  moves: ["22", "22-dev"].map((tag) => ({ repository: REPOSITORY, tag, content })),
  images: ["22", "22-dev"].map((tag) => ({
    ...{ repository: REPOSITORY, tag, keep: 10, confirm: false },
    image: { mediaType: content.mediaType, digest: content.digest, size: content.size },
  })),
  ...changes,
});

const doing = <T>(
  work: (door: TagDoor<DoorSession>) => Promise<T>,
): DoorRequest<DoorSession, undefined, T> => ({
  lease: 60,
  plan: async () => undefined,
  work: (_, door) => work(door),
});

/** As a run leaves it that was killed after it had moved the first of two tags to the new image. */
async function leaveUnfinished(world: DoorSession, changes: Partial<MoveJournal> = {}, path = "base") {
  await world.registry.putManifest(REPOSITORY, "22", NEW);
  const moves = ["22", "22-dev"].map((tag) => ({
    ...{ repository: REPOSITORY, tag, from: OLD.digest, to: NEW.digest },
  }));
  await leaveJournal(world.journals, { ...world.namespace, path }, { moves, ...changes });
}

describe("the door for tags", () => {
  it("finishes what an earlier run began before anything is planned", async () => {
    const { world, digestsOf, notes, journals } = await setUp();
    await leaveUnfinished(world);
    const planned = await throughTagDoor(world, {
      lease: 60,
      plan: () => digestsOf("22", "22-dev"),
      work: async (plan) => plan,
    });
    expect(planned).toEqual([NEW.digest, NEW.digest]);
    expect(notes).toEqual(["node:22: an earlier run ended while it moved tags; moved 22-dev as well"]);
    expect(await readdir(journals)).toEqual([]);
  });

  it("takes no lock where nothing is due, and takes it where only an earlier run's work is", async () => {
    const { world, puts, digestsOf } = await setUp();
    const request = {
      ...{ lease: 60, plan: async () => 0, idle: (due: number) => (due > 0 ? undefined : "idle") },
      work: async () => "worked",
    };
    expect(await throughTagDoor(world, request)).toBe("idle");
    expect(puts("/birdhouse/manifests/lock")).toBe(0);
    await leaveUnfinished(world);
    expect(await throughTagDoor(world, request)).toBe("idle");
    expect(puts("/birdhouse/manifests/lock")).toBe(2);
    expect(await digestsOf("22-dev")).toEqual([NEW.digest]);
  });

  it("plans again where somebody has run since it looked", async () => {
    const { world, registry, clock } = await setUp();
    let plans = 0;
    const worked = await throughTagDoor(world, {
      lease: 60,
      plan: async () => {
        if (++plans === 1) {
          const place = { registry, repository: "base/birdhouse" };
          const other = { owner: "ann", lease: 60_000, clock, isGone: () => false };
          await (await acquireLock({ ...place, ...other })).release();
        }
        return plans;
      },
      ...{ idle: () => undefined, work: async (plan: number) => plan },
    });
    expect(worked).toBe(2);
  });

  it("moves nothing once it is closed, nor after the lock was lost", async () => {
    const { world, registry, digestsOf, clock } = await setUp();
    let kept: TagDoor<DoorSession> | undefined;
    await throughTagDoor(
      world,
      doing(async (door) => {
        kept = door;
      }),
    );
    await expect(kept?.moveRelease(toImage(NEW))).rejects.toThrow();
    const lost = throughTagDoor(
      world,
      doing(async (door) => {
        await registry.putManifest("base/birdhouse", "lock", lockOf("bob", clock.now()));
        await door.moveRelease(toImage(NEW));
      }),
    );
    await expect(lost).rejects.toThrow(LockedError);
    expect(await digestsOf("22", "22-dev")).toEqual([OLD.digest, OLD.digest]);
  });

  it("leaves what another job of the same run is at", async () => {
    const { world, registry, digestsOf, journals, clock } = await setUp();
    const place = { registry, repository: "base/birdhouse", lease: 60_000, clock };
    process.env.BIRDHOUSE_RUN = "ci 1";
    try {
      const job = await acquireLock({ ...place, owner: "ann", run: "ci 1", isGone: () => false });
      await leaveUnfinished(world, { holder: job.id });
      await throughTagDoor(
        world,
        doing(async () => {}),
      );
      expect(await digestsOf("22-dev")).toEqual([OLD.digest]);
      expect(await readdir(journals)).toHaveLength(1);
      await job.release();
      await throughTagDoor(
        world,
        doing(async () => {}),
      );
      expect(await digestsOf("22-dev")).toEqual([NEW.digest]);
    } finally {
      delete process.env.BIRDHOUSE_RUN;
    }
  });

  it("says whose lock it took over, and why", async () => {
    const { world, registry, clock, notes } = await setUp();
    await registry.putManifest("base/birdhouse", "lock", lockOf("bob", clock.now()));
    clock.time += 180_000;
    await throughTagDoor(
      world,
      doing(async () => {}),
    );
    expect(notes).toEqual(["took over the lock of bob, which expired at 00:01 UTC"]);
  });

  it("works all the same where the lock cannot be released, and says so", async () => {
    const { world, server, notes } = await setUp();
    const worked = await throughTagDoor(
      world,
      doing(async () => {
        server.fault = ({ path }) => (path.includes("birdhouse") ? { status: 403 } : undefined);
        return "worked";
      }),
    );
    expect(worked).toBe("worked");
    expect(notes).toEqual([expect.stringMatching(/^cannot release the publish lock: .*HTTP 403/)]);
  });

  it("says why it leaves what an earlier run began: somebody has moved a tag since", async () => {
    const { world, registry, notes, digestsOf } = await setUp();
    await leaveUnfinished(world);
    await registry.putManifest(REPOSITORY, "22-dev", FOREIGN);
    await throughTagDoor(
      world,
      doing(async () => {}),
    );
    expect(notes).toEqual([
      "node:22: an earlier run ended while it moved tags; they are left as they are: 22-dev has been moved by somebody else since",
    ]);
    expect(await digestsOf("22", "22-dev")).toEqual([NEW.digest, FOREIGN.digest]);
  });

  it("takes its permit back when it closes", () => {
    const { permit, revoke } = TagPermit.issue();
    permit.require();
    revoke();
    expect(() => permit.require()).toThrow("cannot move a tag: the publish lock has been released");
  });

  it("is the only one that makes permits", async () => {
    const makers = codeFiles().filter((name) =>
      readFileSync(join(PROJECT, name), "utf8").includes("TagPermit.issue("),
    );
    expect(makers).toEqual(["scripts/app/tag-door.ts"]);
  });
});

function lockOf(owner: string, now: number) {
  const bytes = Buffer.from(
    JSON.stringify({
      ...{ schemaVersion: 2, mediaType: MEDIA_TYPE.index, manifests: [] },
      artifactType: "application/vnd.birdhouse.lock.v1",
      annotations: {
        "birdhouse.lock.owner": owner,
        "birdhouse.lock.token": owner,
        "birdhouse.lock.until": new Date(now + 60_000).toISOString(),
      },
    }),
  );
  return { bytes, mediaType: MEDIA_TYPE.index, digest: digestOf(bytes) };
}

describe("tags with a meaning of their own", () => {
  it.each(["5.4.history", "sha256-abc", "22.history-aside-0123456789ab"])("%s is no image's", async (tag) => {
    const { world, digestsOf } = await setUp();
    const moves = ["22", tag].map((one) => ({ repository: REPOSITORY, tag: one, content: NEW }));
    const moving = throughTagDoor(
      world,
      doing((door) => door.moveRelease(toImage(NEW, { moves }))),
    );
    await expect(moving).rejects.toThrow(`the tag base/node:${tag} cannot be an image's`);
    expect(await digestsOf("22", tag)).toEqual([OLD.digest, undefined]);
  });

  it("the lock is never overwritten by an image of its repository's name", async () => {
    const { world } = await setUp();
    const moves = [{ repository: "base/birdhouse", tag: "lock", content: NEW }];
    const moving = throughTagDoor(
      world,
      doing((door) => door.moveRelease(toImage(NEW, { moves }))),
    );
    await expect(moving).rejects.toThrow("the publish lock is kept in this repository");
  });
});

describe("tags that are held", () => {
  /** Changes how long the tags of node:22 are held, and moves nothing. */
  const holding = (until: Date | undefined) =>
    toImage(NEW, {
      ...{ moves: [], images: [] },
      holds: ["22", "22-dev"].map((tag) => ({
        ...{ repository: REPOSITORY, tag },
        hold: until ? { until, by: "ann@buildhost", reason: "broken TLS" } : null,
      })),
    });

  it("stay where they are, and move again once the hold has ended", async () => {
    const { world, digestsOf, registry, clock } = await setUp();
    const inSeconds = (seconds: number) => new Date(clock.now() + seconds * 1000);
    const move = (release: ReleaseMove) =>
      throughTagDoor(
        world,
        doing((door) => door.moveRelease(release)),
      );
    await move(toImage(OLD));
    await move(holding(inSeconds(3600)));
    await expect(move(toImage(NEW))).rejects.toThrow(
      /^node:22 is held until \d{4}-\d\d-\d\d \d\d:\d\d UTC by ann@buildhost: broken TLS: its tags were not moved$/,
    );
    expect(await digestsOf("22", "22-dev")).toEqual([OLD.digest, OLD.digest]);
    await move(holding(undefined));
    expect(historyIn(await findHistory(registry, REPOSITORY, "22")).hold).toBeUndefined();
    await move(holding(inSeconds(60)));
    clock.time += 61_000;
    await move(toImage(NEW));
    expect(await digestsOf("22", "22-dev")).toEqual([NEW.digest, NEW.digest]);
    expect((await entriesOf(registry, REPOSITORY, "22")).map(({ image }) => image.digest)).toEqual([
      NEW.digest,
      OLD.digest,
    ]);
  });
});

describe("what is in a history's place", () => {
  it("is set aside where it is somebody else's, and told; the history begins anew", async () => {
    const { world, registry, notes, digestsOf } = await setUp();
    await registry.putManifest(REPOSITORY, "22.history", FOREIGN);
    await throughTagDoor(
      world,
      doing((door) => door.moveRelease(toImage(NEW))),
    );
    const aside = `22.history-aside-${FOREIGN.digest.slice(7, 19)}`;
    expect(await digestsOf("22", "22-dev", aside)).toEqual([NEW.digest, NEW.digest, FOREIGN.digest]);
    expect(await entriesOf(registry, REPOSITORY, "22")).toHaveLength(1);
    expect(notes).toEqual([
      `base/node:22.history was somebody else's image, not a history: it is kept as base/node:${aside}, and a new history begins`,
    ]);
  });

  it("is nothing where the registry takes no history: that is said once, before tags move, and they move", async () => {
    const { world, server, notes, digestsOf } = await setUp();
    const said: number[] = [];
    server.fault = ({ method, path, body }) => {
      if (method === "PUT" && /manifests\/22(-dev)?$/.test(path)) said.push(notes.length);
      return method === "PUT" && body.includes("birdhouse.history") ? { status: 400 } : undefined;
    };
    await throughTagDoor(
      world,
      doing(async (door) => {
        await door.moveRelease(toImage(NEW));
        await door.moveRelease(toImage(OLD));
      }),
    );
    expect(await digestsOf("22", "22-dev")).toEqual([OLD.digest, OLD.digest]);
    expect(notes).toEqual([expect.stringContaining("keeps no history here")]);
    expect(said).toEqual([1, 1, 1, 1]);
    expect(await readdir(world.journals)).toEqual([]);
  });

  it("is written by the next run where the registry goes away once the tags have moved", async () => {
    const { world, server, registry, notes, digestsOf } = await setUp();
    server.fault = ({ method, path }) =>
      method === "PUT" && path.endsWith(".history") ? { status: 500 } : undefined;
    await throughTagDoor(
      world,
      doing((door) => door.moveRelease(toImage(NEW))),
    );
    expect(await digestsOf("22", "22-dev")).toEqual([NEW.digest, NEW.digest]);
    expect(notes).toEqual([
      expect.stringContaining("its history could not be written; the next run writes it"),
    ]);
    server.fault = () => undefined;
    await throughTagDoor(
      world,
      doing(async () => {}),
    );
    for (const tag of ["22", "22-dev"]) {
      expect(await entriesOf(registry, REPOSITORY, tag)).toMatchObject([{ image: { digest: NEW.digest } }]);
    }
    expect(await readdir(world.journals)).toEqual([]);
  });
});

describe("a command that only shows", () => {
  it("says what is not finished, and changes nothing", async () => {
    const { world, notes, digestsOf, journals } = await setUp();
    await leaveUnfinished(world);
    await notePending(world);
    expect(notes).toEqual([
      expect.stringMatching(/^node:22: an earlier run ended .* this is not finished yet/),
    ]);
    expect(await digestsOf("22", "22-dev")).toEqual([NEW.digest, OLD.digest]);
    expect(await readdir(journals)).toHaveLength(1);
  });

  it("says nothing of what a run is at that has the lock, nor of other catalogs", async () => {
    const { world, notes, registry, clock } = await setUp();
    const place = { registry, repository: "base/birdhouse", lease: 60_000, clock };
    const other = await acquireLock({ ...place, owner: "ann", isGone: () => false });
    await leaveUnfinished(world, { holder: other.id });
    await leaveUnfinished(world, {}, "other");
    await notePending(world);
    expect(notes).toEqual([]);
    await other.release();
    await notePending(world);
    expect(notes).toHaveLength(1);
  });
});
