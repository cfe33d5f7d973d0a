import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { digestOf } from "../../../scripts/formats/oci/digest.ts";
import { MEDIA_TYPE } from "../../../scripts/formats/oci/types.ts";
import { findHistory, historyIn } from "../../../scripts/publish/history.ts";
import { recover } from "../../../scripts/publish/move-release.ts";
import { TagsStuckError } from "../../../scripts/registry/errors.ts";
import { referrersOf } from "../../../scripts/registry/referrers.ts";
import { type SeenRequest, startPair } from "../../support/fake-registry.ts";
import { entriesOf } from "../../support/histories.ts";
import { issuePermit, moverOf } from "../../support/tag-mover.ts";
import { temporaryDirectory } from "../../unit/formats/oci/sample-image.ts";

const REPOSITORY = "base/node";
const HOLD = { until: new Date("2099-01-01T00:00:00Z"), by: "ann", reason: "TLS" };

function index(title: string) {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [], annotations: { title } }));
  return { bytes, mediaType: MEDIA_TYPE.index, digest: digestOf(bytes), size: bytes.length };
}
type Image = ReturnType<typeof index>;
const [ONE, TWO] = [index("one"), index("two")];
const [ONE_DEV, TWO_DEV] = [index("one dev"), index("two dev")];
const descriptor = ({ mediaType, digest, size }: Image) => ({ mediaType, digest, size });
const movesHistory = ({ method, path }: SeenRequest) => method === "PUT" && path.endsWith(".history");
const PLACE = { repository: REPOSITORY, tag: "22" };

async function setUp() {
  const { registry, server } = await startPair();
  const journals = join(await temporaryDirectory(), "journals");
  await mkdir(journals);
  const notes: string[] = [];
  const context = {
    ...{ registry, namespace: { registry: registry.host, path: "base" }, journals },
    note: (text: string) => void notes.push(text),
  };
  const mover = moverOf({ ...context, clock: () => new Date("2026-11-23T03:00:00Z") });
  for (const one of [ONE, TWO]) await registry.putManifest(REPOSITORY, one.digest, one);
  /** Moves tags to images, with their histories. */
  const publish = (...tags: readonly [tag: string, content: Image, repository?: string][]) =>
    mover.moveRelease({
      name: "node:22",
      moves: tags.map(([tag, content, repository = REPOSITORY]) => ({ repository, tag, content })),
      images: tags.map(([tag, content, repository = REPOSITORY]) => ({
        ...{ repository, tag, keep: 9 },
        image: descriptor(content),
      })),
    });
  const recovered = () => recover({ ...context, permit: issuePermit() });
  const history = async () => historyIn(await findHistory(registry, REPOSITORY, "22"));
  const at = async (tag: string) => (await registry.headManifest(REPOSITORY, tag))?.digest;
  return { registry, server, journals, notes, mover, publish, recovered, history, at };
}

describe("a release whose history could not be written", () => {
  it("is held by the next run, where that was to be", async () => {
    const { server, journals, notes, mover, recovered, history } = await setUp();
    server.fault = (request) => (movesHistory(request) ? { status: 503 } : undefined);
    await mover.moveRelease({
      ...{ name: "node:22", images: [], holds: [{ ...PLACE, hold: HOLD }] },
      moves: [{ ...PLACE, content: ONE }],
    });
    expect(notes).toEqual([expect.stringContaining("the next run writes it")]);
    server.fault = () => undefined;
    expect(await recovered()).toMatchObject([{ skippedBecause: undefined }]);
    expect((await history()).hold).toEqual(HOLD);
    expect(await readdir(journals)).toEqual([]);
  });

  it("is called ended no longer by the next run, where a tag went back to it", async () => {
    const { registry, server, journals, mover, publish, recovered } = await setUp();
    await publish(["22", ONE]);
    await publish(["22", TWO]);
    const endedOf = async () => (await entriesOf(registry, REPOSITORY, "22")).map(({ ended }) => !!ended);
    expect(await endedOf()).toEqual([false, true]);
    server.fault = (request) => (movesHistory(request) ? { status: 503 } : undefined);
    await mover.moveRelease({
      ...{ name: "node:22", images: [], holds: [] },
      moves: [{ ...PLACE, content: ONE }],
      again: [{ ...PLACE, image: descriptor(ONE) }],
    });
    server.fault = () => undefined;
    expect(await recovered()).toMatchObject([{ skippedBecause: undefined }]);
    expect(await endedOf()).toEqual([false, false]);
    expect(await readdir(journals)).toEqual([]);
  });
});

describe("tags that cannot be moved", () => {
  it("leave no journal where all are back, and one where some are stuck", async () => {
    const { server, journals, publish, recovered, at } = await setUp();
    await publish(["22", ONE], ["latest", ONE]);
    const moving =
      (tag: string, content: Image) =>
      ({ method, path, body }: SeenRequest) =>
        method === "PUT" && path.endsWith(`/manifests/${tag}`) && body.equals(content.bytes);
    const refused = [moving("latest", TWO)];
    server.fault = (request) => (refused.some((isIt) => isIt(request)) ? { status: 403 } : undefined);
    await expect(publish(["22", TWO], ["latest", TWO])).rejects.toThrow("403");
    expect([await at("22"), await readdir(journals)]).toEqual([ONE.digest, []]);
    refused.push(moving("22", ONE));
    await expect(publish(["22", TWO], ["latest", TWO])).rejects.toThrow(TagsStuckError);
    expect(await at("22")).toBe(TWO.digest);
    expect(await readdir(journals)).toHaveLength(1);
    server.fault = () => undefined;
    expect(await recovered()).toMatchObject([{ moved: ["latest"] }]);
    expect(await at("latest")).toBe(TWO.digest);
  });
});

describe("a tag that is held", () => {
  it("is moved by whoever says what is to be held, and by nobody else", async () => {
    const { mover, publish, at } = await setUp();
    await publish(["22", ONE]);
    const release = {
      ...{ name: "node:22", moves: [{ ...PLACE, content: TWO }] },
      images: [{ ...PLACE, image: descriptor(TWO), keep: 9 }],
    };
    await mover.moveRelease({ name: "node:22", moves: [], images: [], holds: [{ ...PLACE, hold: HOLD }] });
    await expect(mover.moveRelease(release)).rejects.toThrow("its tags were not moved");
    expect(await at("22")).toBe(ONE.digest);
    await mover.moveRelease({ ...release, holds: [] });
    expect(await at("22")).toBe(TWO.digest);
  });
});

describe("a registry that keeps no histories", () => {
  it("has of each tag, in each repository, what itself pointed at marked as superseded", async () => {
    const { registry, server, publish } = await setUp();
    server.fault = ({ method, body }) =>
      method === "PUT" && body.includes("birdhouse.history") ? { status: 400 } : undefined;
    const [other, otherLater] = [index("other"), index("other later")];
    await publish(["22", ONE], ["22-dev", ONE_DEV], ["22", other, "base/other"]);
    await publish(["22", TWO], ["22-dev", TWO_DEV], ["22", otherLater, "base/other"]);
    const marks = async (repository: string, { digest }: Image) =>
      (await referrersOf({ registry, repository }, digest)).map(
        ({ annotations }) => annotations?.["birdhouse.superseded.by"],
      );
    expect(await marks(REPOSITORY, ONE)).toEqual([TWO.digest]);
    expect(await marks(REPOSITORY, ONE_DEV)).toEqual([TWO_DEV.digest]);
    expect(await marks("base/other", other)).toEqual([otherLater.digest]);
    for (const one of [TWO, TWO_DEV]) expect(await marks(REPOSITORY, one)).toEqual([]);
    expect(await marks("base/other", ONE)).toEqual([]);
  });
});
