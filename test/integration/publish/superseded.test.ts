import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { digestOf } from "../../../scripts/formats/oci/digest.ts";
import { MEDIA_TYPE } from "../../../scripts/formats/oci/types.ts";
import { recover } from "../../../scripts/publish/move-release.ts";
import { oldBuilds, removeBuilds, takeInventory, withAttached } from "../../../scripts/publish/prune.ts";
import { referrersOf } from "../../../scripts/registry/referrers.ts";
import { type Fault, startPair } from "../../support/fake-registry.ts";
import { entriesOf, leaveJournal } from "../../support/histories.ts";
import { sampleTarget } from "../../support/sample-target.ts";
import { issuePermit, moverOf } from "../../support/tag-mover.ts";
import { temporaryDirectory } from "../../unit/formats/oci/sample-image.ts";

const REPOSITORY = "base/node";
const LIFECYCLE = "application/vnd.microsoft.artifact.lifecycle";
const DAY = "vnd.microsoft.artifact.lifecycle.end-of-life.date";

function document(mediaType: string, content: object) {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...content }));
  return { bytes, mediaType, digest: digestOf(bytes), size: bytes.length };
}
type Content = ReturnType<typeof document>;
const platform = (name: string) => document(MEDIA_TYPE.manifest, { annotations: { name } });
function image(...parts: readonly Content[]) {
  const manifests = parts.map(({ mediaType, digest, size }, at) => ({
    ...{ mediaType, digest, size },
    ...(at === parts.length - 1 && { annotations: { "vnd.docker.reference.type": "attestation-manifest" } }),
  }));
  return document(MEDIA_TYPE.index, { manifests });
}
/** An SPDX statement is in each index, as one more manifest. */
const [SHARED, STATEMENT, FIRST] = [platform("of both"), platform("a statement"), platform("a first one")];
const [AMD1, AMD2, AMD3] = [platform("first"), platform("second"), platform("third")];
const ONE = image(AMD1, SHARED, FIRST);
const TWO = image(AMD2, SHARED, STATEMENT);
const THREE = image(AMD3, STATEMENT);
const ALL = [ONE, TWO, THREE, SHARED, STATEMENT, FIRST, AMD1, AMD2, AMD3];

async function setUp({ withList = false } = {}) {
  const { registry, server, clock } = await startPair();
  for (const one of ALL) await registry.putManifest(REPOSITORY, one.digest, one);
  const journals = join(await temporaryDirectory(), "journals");
  await mkdir(journals);
  const notes: string[] = [];
  const namespace = { registry: registry.host, path: "base" };
  const note = (text: string) => void notes.push(text);
  const context = { registry, namespace, journals, note, permit: issuePermit(), holder: "test" };
  const mover = (day = 23) => moverOf({ ...context, clock: () => new Date(Date.UTC(2026, 10, day)) });
  const list: typeof server.fault = ({ path }) => {
    const [, subject] = /\/referrers\/(sha256:\w+)/.exec(path) ?? [];
    if (subject === undefined) return undefined;
    const manifests = [...server.manifests].flatMap(([key, { bytes, mediaType }]) => {
      const { subject: of, artifactType, annotations } = JSON.parse(bytes.toString());
      const isIt = key.includes("@") && of?.digest === subject;
      return isIt
        ? [{ mediaType, digest: digestOf(bytes), size: bytes.length, artifactType, annotations }]
        : [];
    });
    return { status: 200, body: JSON.stringify({ schemaVersion: 2, manifests }) };
  };
  const failing = (fault: typeof server.fault) => {
    server.fault = (request): Fault => fault(request) ?? (withList ? list(request) : undefined);
  };
  failing(() => undefined);
  const publish = (content: Content, day?: number, tag = "22") =>
    mover(day).moveRelease({
      name: "node:22",
      moves: [{ repository: REPOSITORY, tag, content }],
      images: [{ repository: REPOSITORY, tag, image: content, keep: 2 }],
    });
  const goBack = (content: Content) =>
    mover().moveRelease({
      ...{ name: "node:22", images: [], holds: [] },
      moves: [{ repository: REPOSITORY, tag: "22", content }],
      again: [{ repository: REPOSITORY, tag: "22", image: content }],
    });
  /** The days from which things are no longer supported, as whoever lists what is attached sees it. */
  const daysOf = async (...of: readonly Content[]) => {
    const lists = of.map(({ digest }) => referrersOf({ registry, repository: REPOSITORY }, digest));
    return (await Promise.all(lists)).map((listed) =>
      listed
        .filter(({ artifactType }) => artifactType === LIFECYCLE)
        .map(({ annotations }) => annotations?.[DAY])
        .join(),
    );
  };
  return { registry, server, clock, context, journals, notes, failing, publish, goBack, daysOf };
}

describe.each([[{ withList: false }], [{ withList: true }]])("with lists of what is attached: %j", (how) => {
  it("what is superseded is marked, index and platforms, but what is published still", async () => {
    const { registry, publish, daysOf, notes, journals } = await setUp(how);
    await publish(ONE, 20);
    await publish(TWO, 23);
    expect(await daysOf(ONE, AMD1)).toEqual(["2026-11-23", "2026-11-23"]);
    expect(await daysOf(TWO, AMD2, SHARED, FIRST)).toEqual(["", "", "", ""]);
    await publish(THREE, 25);
    expect(await daysOf(TWO, AMD2, SHARED)).toEqual(["2026-11-25", "2026-11-25", "2026-11-25"]);
    expect(await daysOf(ONE, AMD1, THREE)).toEqual(["2026-11-23", "2026-11-23", ""]);
    const [mark] = await referrersOf({ registry, repository: REPOSITORY }, ONE.digest);
    const content = await registry.getManifest(REPOSITORY, mark?.digest ?? "");
    expect(JSON.parse(String(content && Buffer.from(content.bytes)))).toMatchObject({
      artifactType: LIFECYCLE,
      subject: { digest: ONE.digest },
      layers: [{ mediaType: "application/vnd.oci.empty.v1+json", size: 2 }],
      annotations: { [DAY]: "2026-11-23", "birdhouse.superseded.by": TWO.digest },
    });
    expect([notes, await readdir(journals)]).toEqual([[], []]);
  });

  it("what a tag goes back to has no mark any more, and what it went back from none yet", async () => {
    const { registry, publish, goBack, daysOf } = await setUp(how);
    await publish(ONE, 20);
    await publish(TWO, 23);
    await goBack(ONE);
    expect(await daysOf(ONE, AMD1, TWO, AMD2)).toEqual(["", "", "", ""]);
    expect((await entriesOf(registry, REPOSITORY, "22")).map(({ ended }) => ended)).toEqual([
      undefined,
      undefined,
    ]);
    // The next build comes to the same as the one before.
    await publish(TWO, 24);
    expect(await daysOf(ONE, AMD1, TWO)).toEqual(["2026-11-24", "2026-11-24", ""]);
    await publish(ONE, 25);
    expect(await daysOf(ONE, AMD1, SHARED, TWO, AMD2)).toEqual(["", "", "", "2026-11-25", "2026-11-25"]);
  });

  it("a mark of somebody else stays", async () => {
    const { registry, publish, goBack, daysOf } = await setUp(how);
    await publish(ONE);
    const foreign = document(MEDIA_TYPE.manifest, {
      ...{ artifactType: LIFECYCLE, annotations: { [DAY]: "2030-01-01" } },
      subject: { mediaType: ONE.mediaType, digest: ONE.digest, size: ONE.size },
    });
    await registry.putManifest(REPOSITORY, foreign.digest, foreign);
    if (!how.withList) {
      const { mediaType, digest, size } = foreign;
      const entry = {
        mediaType,
        digest,
        size,
        artifactType: LIFECYCLE,
        annotations: { [DAY]: "2030-01-01" },
      };
      const listed = document(MEDIA_TYPE.index, { manifests: [entry] });
      await registry.putManifest(REPOSITORY, ONE.digest.replace(":", "-"), listed);
    }
    await publish(TWO);
    expect((await daysOf(ONE))[0]?.split(",").toSorted()).toEqual(["2026-11-23", "2030-01-01"]);
    await goBack(ONE);
    expect(await daysOf(ONE)).toEqual(["2030-01-01"]);
  });

  it("marks go with the build that they are about", async () => {
    const { registry, server, context, publish, daysOf } = await setUp(how);
    registry.listTags = async () =>
      [...server.manifests.keys()].flatMap((key) => /^base\/node:([^@]+)$/.exec(key)?.[1] ?? []);
    for (const [at, one] of [ONE, TWO, THREE].entries()) {
      await registry.putManifest(REPOSITORY, `22.16.0-r${at}-${one.digest.slice(7, 19)}`, one);
      await publish(one);
    }
    const inventory = await takeInventory(registry, REPOSITORY, [
      sampleTarget({ policy: { for: "anything", keep: 2 } }),
    ]);
    const old = await withAttached(registry, oldBuilds(REPOSITORY, inventory));
    expect(old.map(({ digest }) => digest)).toEqual([ONE.digest]);
    const marks = async (of: Content) => referrersOf({ registry, repository: REPOSITORY }, of.digest);
    const gone = (await Promise.all([marks(ONE), marks(AMD1)])).flat();
    expect(gone).toHaveLength(2);
    await removeBuilds(REPOSITORY, old, { ...context, clock: () => new Date() });
    for (const { digest } of gone) expect(await registry.headManifest(REPOSITORY, digest)).toBeUndefined();
    expect(await daysOf(TWO, SHARED)).toEqual(["2026-11-23", "2026-11-23"]);
  });
});

describe("a mark that cannot be made", () => {
  it("fails no release, is told once, and the next run makes it", async () => {
    const { publish, daysOf, failing, notes, journals } = await setUp();
    await publish(ONE, 20);
    failing(({ method, body }) =>
      method === "PUT" && body.includes(LIFECYCLE) ? { status: 400 } : undefined,
    );
    await publish(TWO, 23);
    await publish(THREE, 24);
    expect(await daysOf(ONE, TWO)).toEqual(["", ""]);
    expect(notes).toEqual([expect.stringMatching(/base\/node: what is superseded, .* HTTP 400/)]);
    expect(await readdir(journals)).toEqual([]);
  });

  it("is made by a later release of another run", async () => {
    const first = await setUp();
    await first.publish(ONE, 20);
    first.failing(({ body }) => (body.includes(LIFECYCLE) ? { status: 500 } : undefined));
    await first.publish(TWO, 23);
    const later = await setUp();
    for (const [key, kept] of first.server.manifests) later.server.manifests.set(key, kept);
    await later.publish(THREE, 25);
    expect(await later.daysOf(ONE, TWO, THREE)).toEqual(["2026-11-25", "2026-11-25", ""]);
  });

  it("and one that a registry does not remove is told, and remembered", async () => {
    const { registry, publish, goBack, failing, daysOf, notes } = await setUp({ withList: true });
    await publish(ONE);
    await publish(TWO);
    failing(({ method }) => (method === "DELETE" ? { status: 405 } : undefined));
    await goBack(ONE);
    expect(await daysOf(ONE)).toEqual(["2026-11-23"]);
    expect(notes).toHaveLength(2);
    expect(notes[0]).toMatch(
      /base\/node@sha256:\w+ is published again, but scanners may still take it for ended: remove sha256:\w+ by hand: /,
    );
    expect((await entriesOf(registry, REPOSITORY, "22"))[1]?.ended).toBeDefined();
    await publish(ONE, 24);
    expect((await entriesOf(registry, REPOSITORY, "22"))[0]?.ended).toBeDefined();
    await publish(THREE, 25);
    expect(await daysOf(ONE, TWO)).toEqual(["2026-11-23", "2026-11-24"]);
  });
});

describe("what is superseded", () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  it("is marked without leaving anything on the disk, also where the registry refuses", async () => {
    const folder = await temporaryDirectory();
    const { publish, failing, notes } = await setUp();
    vi.stubEnv("TMPDIR", folder);
    // Whoever loads modules for the tests may write there, too.
    const left = async () => (await readdir(folder)).filter((name) => name.startsWith("birdhouse-"));
    await publish(ONE);
    await publish(TWO);
    expect(await left()).toEqual([]);
    failing(({ method, body }) =>
      method === "PUT" && body.includes(LIFECYCLE) ? { status: 403 } : undefined,
    );
    await publish(THREE);
    expect(notes).toHaveLength(1);
    expect(await left()).toEqual([]);
  });

  it("may be gone from the registry: then what else ended is marked all the same", async () => {
    const { registry, server, publish, daysOf, notes } = await setUp();
    await publish(ONE);
    server.manifests.delete(`${REPOSITORY}@${ONE.digest}`);
    await publish(TWO);
    expect(notes).toEqual([]);
    expect((await entriesOf(registry, REPOSITORY, "22")).map(({ ended }) => ended !== undefined)).toEqual([
      false,
      true,
    ]);
    expect(await daysOf(ONE, AMD1)).toEqual(["", ""]);
  });

  it("may be of one platform, without an index", async () => {
    const { publish, daysOf, notes } = await setUp();
    await publish(AMD1);
    await publish(TWO);
    expect(await daysOf(AMD1, TWO)).toEqual(["2026-11-23", ""]);
    expect(notes).toEqual([]);
  });

  it("may be damaged, which is told with its place", async () => {
    const { registry, publish, notes } = await setUp();
    const damaged = document(MEDIA_TYPE.index, {});
    await registry.putManifest(REPOSITORY, damaged.digest, damaged);
    await publish(damaged);
    await publish(TWO);
    expect(notes).toEqual([expect.stringContaining(`: ${REPOSITORY}@${damaged.digest} is not as expected`)]);
  });
});

describe("after a crash", () => {
  it("what had begun to be superseded is marked, and what comes back no longer", async () => {
    const { context, publish, journals, daysOf } = await setUp();
    await publish(ONE, 20);
    const { mediaType, digest, size } = TWO;
    const place = { repository: REPOSITORY, tag: "22" };
    await leaveJournal(journals, context.namespace, {
      moves: [{ ...place, from: ONE.digest, to: digest }],
      images: [{ ...place, keep: 1, image: { mediaType, digest, size } }],
    });
    await recover(context);
    expect(await daysOf(ONE, TWO)).toEqual(["2026-11-23", ""]);
    await publish(ONE, 24);
    expect(await daysOf(TWO)).toEqual(["2026-11-24"]);
    await leaveJournal(journals, context.namespace, {
      moves: [{ ...place, from: ONE.digest, to: digest }],
      again: [{ ...place, image: { mediaType, digest, size } }],
    });
    await recover(context);
    expect(await daysOf(TWO)).toEqual([""]);
    expect(await readdir(journals)).toEqual([]);
  });
});

describe("a registry that keeps no histories", () => {
  it("has the image marked that the tag pointed at, and its mark removed when it comes again", async () => {
    const { failing, publish, daysOf } = await setUp();
    failing(({ method, body }) =>
      method === "PUT" && body.includes("birdhouse.history") ? { status: 400 } : undefined,
    );
    await publish(ONE, 20);
    await publish(TWO, 23);
    expect(await daysOf(ONE, AMD1, SHARED, TWO)).toEqual(["2026-11-23", "2026-11-23", "", ""]);
    await publish(ONE, 24);
    expect(await daysOf(ONE, AMD1, SHARED, TWO)).toEqual(["", "", "", "2026-11-24"]);
  });
});
