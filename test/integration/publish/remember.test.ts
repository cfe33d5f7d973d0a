import { describe, expect, it } from "vitest";
import { digestOf } from "../../../scripts/formats/oci/digest.ts";
import { MEDIA_TYPE } from "../../../scripts/formats/oci/types.ts";
import { findHistory, heldError, historyIn } from "../../../scripts/publish/history.ts";
import { Histories, refusesContent } from "../../../scripts/publish/remember.ts";
import { EndMarks } from "../../../scripts/publish/superseded.ts";
import { RegistryError } from "../../../scripts/registry/errors.ts";
import { typed } from "../../../scripts/system/shown/started.ts";
import { startPair } from "../../support/fake-registry.ts";
import { putHistory } from "../../support/histories.ts";
import { issuePermit } from "../../support/tag-mover.ts";
import { digest } from "../../unit/report/sample-outcomes.ts";

const PLACE = { repository: "base/node", tag: "22" };
const NOW = new Date("2026-11-23T03:00:00Z");
const LATER = new Date("2026-11-24T03:00:00Z");
const image = (letter: string) => ({ mediaType: MEDIA_TYPE.index, digest: digest(letter), size: 1 });
const HOLD = { until: new Date("2099-01-01T00:00:00Z"), by: "ann", reason: "TLS" };

async function setUp() {
  const { registry, server } = await startPair();
  const notes: string[] = [];
  /** As each run has them: what an earlier one found is read again. */
  const note = (text: string) => void notes.push(text);
  const open = () => new Histories(registry, note, new EndMarks({ registry, permit: issuePermit(), note }));
  const puts = () => server.log.filter((line) => line.startsWith("PUT"));
  const read = async () => historyIn(await findHistory(registry, PLACE.repository, PLACE.tag));
  const bytes = Buffer.from('{"schemaVersion":2,"manifests":[]}');
  const foreign = { bytes, mediaType: MEDIA_TYPE.index, digest: digestOf(bytes) };
  return { registry, server, notes, open, puts, read, foreign };
}

describe("the history of a tag", () => {
  it("is written where its image is new, and where it matters that a build came to it again", async () => {
    const { open, puts, read } = await setUp();
    const histories = open();
    const one = { ...PLACE, image: image("a"), keep: 9 };
    await histories.remember(one, NOW);
    await histories.remember(one, LATER);
    expect(puts()).toHaveLength(1);
    await histories.remember({ ...one, confirm: true }, LATER);
    expect(await read()).toEqual({
      entries: [{ image: image("a"), created: NOW, confirmed: LATER }],
      hold: undefined,
    });
  });

  it("keeps a hold that is not over when an image is added, and as many images as it may", async () => {
    const { open, read } = await setUp();
    const histories = open();
    await histories.rememberHold({ ...PLACE, hold: HOLD });
    for (const letter of ["a", "b", "c"]) {
      await histories.remember({ ...PLACE, image: image(letter), keep: 2 }, NOW);
    }
    const { entries, hold } = await read();
    expect(entries.map((entry) => entry.image.digest)).toEqual([digest("c"), digest("b")]);
    expect(hold).toEqual(HOLD);
    await histories.remember({ ...PLACE, image: image("d"), keep: 2 }, HOLD.until);
    expect((await read()).hold).toBeUndefined();
  });

  it("is not written to end a hold that there is not", async () => {
    const { open, puts, read } = await setUp();
    await open().rememberHold({ ...PLACE, hold: null });
    expect(puts()).toEqual([]);
    await open().rememberHold({ ...PLACE, hold: HOLD });
    await open().rememberHold({ ...PLACE, hold: null });
    expect((await read()).hold).toBeUndefined();
    expect(puts()).toHaveLength(2);
  });

  it("sets what has its tag aside before tags move, once, whoever finds it", async () => {
    const { registry, notes, open, foreign, puts } = await setUp();
    await registry.putManifest(PLACE.repository, "22.history", foreign);
    expect(await open().prepare({ ...PLACE, image: image("a"), keep: 9 }, NOW)).toBe(true);
    const aside = `22.history-aside-${foreign.digest.slice(7, 19)}`;
    expect((await registry.headManifest(PLACE.repository, aside))?.digest).toBe(foreign.digest);
    expect(notes).toHaveLength(1);
    const before = puts().length;
    await open().rememberHold({ ...PLACE, hold: null });
    expect(puts()).toHaveLength(before);
    expect(notes).toHaveLength(1);
  });

  it("is set aside by a hold alone, too", async () => {
    const { registry, notes, open, foreign, read } = await setUp();
    await registry.putManifest(PLACE.repository, "22.history", foreign);
    await open().rememberHold({ ...PLACE, hold: HOLD });
    expect(notes).toEqual([
      expect.stringMatching(
        /^base\/node:22\.history was somebody else's image, not a history: it is kept as /,
      ),
    ]);
    expect(await read()).toEqual({ entries: [], hold: HOLD });
  });

  it("needs no trial where there is one", async () => {
    const { open, puts } = await setUp();
    const one = { ...PLACE, image: image("a"), keep: 9 };
    await open().remember(one, NOW);
    expect(await open().prepare(one, NOW)).toBe(true);
    expect(puts()).toHaveLength(1);
  });

  it("is told where a registry keeps none: what that means, and what it said, on one line", async () => {
    const { registry, server, notes, open } = await setUp();
    server.fault = ({ method }) => (method === "PUT" ? { status: 400, body: "{}" } : undefined);
    const one = { ...PLACE, image: image("a"), keep: 9 };
    expect(await open().prepare(one, NOW)).toBe(false);
    expect(await open().prepare(one, NOW)).toBe(false);
    expect(notes).toHaveLength(1);
    const begin = `${registry.host} keeps no history here: it refuses an index that names indexes, as Quay and gcr.io do. `;
    const middle = "Images are published all the same, but `rollback` has nothing to go back to. (";
    expect(notes[0]?.slice(0, (begin + middle).length)).toBe(begin + middle);
    expect(notes[0]).toMatch(/: HTTP 400[^\n]*\)$/);
  });
});

describe("a history of images that ended", () => {
  const entry = (letter: string, ended?: Date) => ({
    ...{ image: image(letter), created: NOW, confirmed: NOW },
    ...(ended && { ended }),
  });
  const endedIn = (entries: readonly { image: { digest: string }; ended?: Date | undefined }[]) =>
    entries.map(({ image: { digest: of }, ended }) => [of, ended]);

  it("is written where only a mark was missing that an earlier run could not make", async () => {
    const { registry, open, puts, read } = await setUp();
    await putHistory(registry, PLACE.repository, "22", [entry("a"), entry("b"), entry("c", NOW)]);
    await open().remember({ ...PLACE, image: image("a"), keep: 9 }, LATER);
    expect(endedIn((await read()).entries)).toEqual([
      [digest("a"), undefined],
      [digest("b"), LATER],
      [digest("c"), NOW],
    ]);
    const before = puts().length;
    await open().remember({ ...PLACE, image: image("a"), keep: 9 }, LATER);
    expect(puts()).toHaveLength(before);
  });

  it("is left as it is where a tag goes back to one that had not ended", async () => {
    const { registry, server, open, puts } = await setUp();
    await putHistory(registry, PLACE.repository, "22", [entry("a"), entry("b", NOW)]);
    const histories = open();
    await histories.find(PLACE);
    const before = server.requests.length;
    await histories.revive({ ...PLACE, image: image("a") });
    await histories.revive({ ...PLACE, image: image("d") });
    expect(server.log.slice(before)).toEqual([]);
    expect(puts()).toHaveLength(1);
  });

  it("forgets the end of the one that a tag goes back to, and of no other", async () => {
    const { registry, open, read } = await setUp();
    await putHistory(registry, PLACE.repository, "22", [entry("a"), entry("b", NOW), entry("c", NOW)]);
    await open().revive({ ...PLACE, image: image("b") });
    expect(endedIn((await read()).entries)).toEqual([
      [digest("a"), undefined],
      [digest("b"), undefined],
      [digest("c"), NOW],
    ]);
  });

  it("remembers the end of one whose mark could not be looked for", async () => {
    const { registry, server, open, read, notes } = await setUp();
    await putHistory(registry, PLACE.repository, "22", [entry("a"), entry("b", NOW)]);
    const histories = open();
    await histories.find(PLACE);
    server.fault = () => ({ status: 403 });
    await histories.revive({ ...PLACE, image: image("b") });
    server.fault = () => undefined;
    expect(endedIn((await read()).entries)).toContainEqual([digest("b"), NOW]);
    expect(notes).toEqual([expect.stringContaining("the next release tries it again")]);
  });
});

describe("a registry that keeps no histories", () => {
  it("is noted once where two tags ask it at the same moment", async () => {
    const { server, notes, open } = await setUp();
    server.fault = ({ method }) => (method === "PUT" ? { status: 400, body: "{}" } : undefined);
    const histories = open();
    const asked = ["22", "22-dev"].map((tag) =>
      histories.prepare({ ...PLACE, tag, image: image("a"), keep: 9 }, NOW),
    );
    expect(await Promise.all(asked)).toEqual([false, false]);
    expect(notes).toHaveLength(1);
  });
});

describe("a registry's answer", () => {
  const answer = (status?: number) =>
    new RegistryError({ registry: "r.example", action: "put", ...(status !== undefined && { status }) });

  it.each([400, 404, 405, 409, 413, 415, 422, 499, 501])("%i says that it never takes this", (status) => {
    expect(refusesContent(answer(status))).toBe(true);
  });

  it.each([200, 302, 399, 401, 403, 407, 408, 429, 500, 502, 503])("%i does not", (status) => {
    expect(refusesContent(answer(status))).toBe(false);
  });

  it("that never came does not either, nor does any other mistake", () => {
    expect(refusesContent(answer())).toBe(false);
    expect(refusesContent(Object.assign(new Error("mistake"), { status: 400 }))).toBe(false);
  });
});

describe("the error for a version that is held", () => {
  it("says how to end the hold", () => {
    expect(heldError("node:22", "held until tomorrow")).toMatchObject({
      message: "node:22 is held until tomorrow: its tags were not moved",
      hint: `end the hold first: ${typed("rollback", ["node:22"], ["--release"])}`,
    });
  });
});
