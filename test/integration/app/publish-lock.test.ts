import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { peekLock } from "../../../scripts/app/publish-lock.ts";
import { type DoorSession, type TagDoor, throughTagDoor } from "../../../scripts/app/tag-door.ts";
import { digestOf } from "../../../scripts/formats/oci/digest.ts";
import { MEDIA_TYPE } from "../../../scripts/formats/oci/types.ts";
import { writeJournal } from "../../../scripts/publish/journal.ts";
import { acquireLock } from "../../../scripts/publish/lock.ts";
import { LockedError, lockContent, readLock } from "../../../scripts/publish/lock-state.ts";
import { startPair } from "../../support/fake-registry.ts";
import { leaveJournal } from "../../support/histories.ts";
import { temporaryDirectory } from "../../unit/formats/oci/sample-image.ts";

const REPOSITORY = "base/node";
const LOCK = "base/birdhouse";

function index(title: string) {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [], annotations: { title } }));
  return { bytes, mediaType: MEDIA_TYPE.index, digest: digestOf(bytes) };
}
const [OLD, NEW] = [index("old"), index("new")];

async function setUp() {
  const { registry, server, clock } = await startPair();
  const journals = join(await temporaryDirectory(), "journals");
  const notes: string[] = [];
  const interruption = new AbortController();
  const session: DoorSession = {
    ...{ registry, namespace: { registry: server.host, path: "base" }, journals, clock },
    signal: interruption.signal,
    listener: ({ type, text }) => void notes.push(`${type}: ${text}`),
  };
  for (const [reference, content] of [
    [OLD.digest, OLD],
    [NEW.digest, NEW],
    ["22", OLD],
  ] as const) {
    await registry.putManifest(REPOSITORY, reference, content);
  }
  const work = <T>(act: (door: TagDoor<DoorSession>) => Promise<T>) =>
    throughTagDoor(session, { lease: 60, plan: async () => undefined, work: (_, door) => act(door) });
  const idle = () => work(async () => {});
  const readIt = () => readLock({ registry, repository: LOCK });
  /** Somebody else has the lock by now. */
  const steal = () =>
    registry.putManifest(
      LOCK,
      "lock",
      lockContent({
        token: "2",
        holders: [{ id: "2", owner: "bob", until: new Date(clock.now() + 60_000) }],
      }),
    );
  return { registry, server, clock, session, notes, interruption, work, idle, readIt, steal };
}

const move = (tag: string, repository = REPOSITORY) => ({
  ...{ name: "node:22", images: [] },
  moves: [{ repository, tag, content: NEW }],
});

describe("whoever looks at the lock", () => {
  it("is told who has it, unless that is another job of the same run", async () => {
    const { registry, clock, session } = await setUp();
    expect(await peekLock(session)).toBeUndefined();
    const place = { registry, repository: LOCK, lease: 60_000, clock, isGone: () => false };
    await acquireLock({ ...place, owner: "ann", run: "ci 1" });
    await expect(peekLock(session)).rejects.toThrow(LockedError);
    process.env.BIRDHOUSE_RUN = "ci 1";
    try {
      expect(await peekLock(session)).toMatchObject({ owner: "ann", token: "ci 1" });
    } finally {
      delete process.env.BIRDHOUSE_RUN;
    }
  });
});

describe("work under the lock", () => {
  it("has it for as many seconds as was asked for, and gives it back", async () => {
    const { work, readIt, clock } = await setUp();
    const until = await work(async () => (await readIt())?.until.getTime());
    const now = clock.now();
    expect(until).toBeGreaterThan(now);
    expect(until).toBeLessThanOrEqual(now + 60_000);
    expect(await readIt()).toMatchObject({ released: true });
  });

  it("is interrupted with its reason when the lock is lost, and the tag stays", async () => {
    const { work, steal, registry } = await setUp();
    let signal: AbortSignal | undefined;
    const lost = work(async (door) => {
      signal = door.session.signal;
      expect(signal.aborted).toBe(false);
      await steal();
      await door.moveRelease(move("22"));
    });
    await expect(lost).rejects.toThrow(LockedError);
    expect(signal?.reason).toBeInstanceOf(LockedError);
    expect((await registry.headManifest(REPOSITORY, "22"))?.digest).toBe(OLD.digest);
  });

  it("goes on where only a registry that is away cannot say whether the lock is lost", async () => {
    const { work, server } = await setUp();
    const worked = await work(async (door) => {
      server.fault = ({ path }) => (path.includes("birdhouse") ? { status: 403 } : undefined);
      await expect(door.moveRelease(move("22"))).rejects.toThrow("HTTP 403");
      server.fault = () => undefined;
      return door.session.signal.aborted;
    });
    expect(worked).toBe(false);
  });

  it("is interrupted when the user interrupts", async () => {
    const { work, interruption } = await setUp();
    const reason = await work(async (door) => {
      interruption.abort(new Error("Ctrl-C"));
      return door.session.signal.reason;
    });
    expect(reason).toEqual(new Error("Ctrl-C"));
  });

  it("is planned once where nobody has run in between", async () => {
    const { session } = await setUp();
    let plans = 0;
    const plan = async () => ++plans;
    const request = { lease: 60, plan, idle: () => undefined, work: async (planned: number) => planned };
    expect(await throughTagDoor(session, request)).toBe(1);
    expect(plans).toBe(1);
  });

  it("removes builds while the lock is ours, and none once it is lost", async () => {
    const { work, steal, registry } = await setUp();
    const build = (digest: string) => ({ repository: REPOSITORY, tag: "22-1", digest, parts: [] });
    const isThere = async (digest: string) => (await registry.headManifest(REPOSITORY, digest)) !== undefined;
    await work((door) => door.removeBuilds(REPOSITORY, [build(NEW.digest)]));
    expect(await isThere(NEW.digest)).toBe(false);
    const lost = work(async (door) => {
      await steal();
      await door.removeBuilds(REPOSITORY, [build(OLD.digest)]);
    });
    await expect(lost).rejects.toThrow(LockedError);
    expect(await isThere(OLD.digest)).toBe(true);
  });

  it("refuses a tag that is no image's, and says what to do", async () => {
    const { work } = await setUp();
    const hint = "choose another name in the catalog";
    await expect(work((door) => door.moveRelease(move("22", LOCK)))).rejects.toMatchObject({
      message: `node:22: the tag ${LOCK}:22 cannot be an image's: the publish lock is kept in this repository`,
      hint,
    });
    await expect(work((door) => door.moveRelease(move("22.history")))).rejects.toMatchObject({ hint });
  });
});

describe("what an earlier run left", () => {
  const begun = "an earlier run ended while it";

  it("is told with all tags that had to move", async () => {
    const { session, idle, notes } = await setUp();
    const moves = ["22", "latest"].map((tag) => ({ repository: REPOSITORY, tag, to: NEW.digest }));
    const [first, second] = moves;
    if (first && second) {
      await leaveJournal(session.journals, session.namespace, {
        moves: [{ ...first, from: OLD.digest }, second],
      });
    }
    await idle();
    expect(notes).toEqual([`note: node:22: ${begun} moved tags; moved 22, latest as well`]);
  });

  it("is told where all had moved, once for each release", async () => {
    const { session, idle, notes } = await setUp();
    const moves = [{ repository: REPOSITORY, tag: "22", to: OLD.digest }];
    await leaveJournal(session.journals, session.namespace, { moves });
    await idle();
    expect(notes).toEqual([`note: node:22: ${begun} moved tags; all had moved`]);
  });

  it("is told of builds: how much had to go, or why the rest is left", async () => {
    const { session, idle, notes, registry, server } = await setUp();
    const context = { ...session, holder: "killed" };
    const builds = [{ repository: REPOSITORY, digest: OLD.digest, parts: [NEW.digest] }];
    const leave = () => writeJournal(context, REPOSITORY, new Date(0), { kind: "removal", builds });
    await registry.deleteManifest(REPOSITORY, OLD.digest);
    await leave();
    server.fault = ({ path }) => (path.includes("tags/list") ? { status: 403 } : undefined);
    await idle();
    expect(notes).toEqual([
      expect.stringMatching(
        /^note: base\/node: an earlier run .* builds; the next run removes the rest: .*HTTP 403/,
      ),
    ]);
    expect(await readdir(session.journals)).toHaveLength(1);
    server.fault = () => undefined;
    notes.length = 0;
    await idle();
    expect(notes).toEqual([`note: base/node: ${begun} removed builds; removed 1 manifest as well`]);
    expect(await readdir(session.journals)).toEqual([]);
  });
});
