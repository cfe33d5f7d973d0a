import { describe, expect, it } from "vitest";
import { inputsAnnotation, sizesAnnotations } from "../../../scripts/formats/annotations.ts";
import { digestOf } from "../../../scripts/formats/oci/digest.ts";
import { MEDIA_TYPE } from "../../../scripts/formats/oci/types.ts";
import type { HistoryEntry } from "../../../scripts/publish/history.ts";
import {
  entryFor,
  parseRollbackTarget,
  planRollback,
  releaseMove,
  rollbackMove,
  staysTrue,
} from "../../../scripts/publish/rollback.ts";
import { UserError } from "../../../scripts/system/errors.ts";
import { startPair } from "../../support/fake-registry.ts";
import { putHistory } from "../../support/histories.ts";
import { sampleDebug, sampleRelease } from "../../support/sample-target.ts";
import { digest } from "../../unit/report/sample-outcomes.ts";

const day = (number: number) => new Date(Date.UTC(2026, 10, number));
const entry = (letter: string, at: number): HistoryEntry => ({
  image: { mediaType: MEDIA_TYPE.index, digest: digest(letter), size: 1 },
  created: day(at),
  confirmed: day(at),
});
function hintOf(act: () => unknown): string | undefined {
  try {
    act();
  } catch (error) {
    return error instanceof UserError ? error.hint : undefined;
  }
  return undefined;
}
const HISTORY = [entry("c", 20), entry("b", 10), entry("a", 1)];
const found = (to: string | undefined, current = "c") =>
  entryFor(parseRollbackTarget(to), digest(current), HISTORY)?.image.digest;

describe("where a tag goes back to", () => {
  it("is the image before, and from there the one before that", () => {
    expect(found(undefined)).toBe(digest("b"));
    expect(found(undefined, "b")).toBe(digest("a"));
    expect(found(undefined, "a")).toBeUndefined();
  });

  it("is an image by the beginning of its digest", () => {
    expect(found(digest("a").slice(0, 16))).toBe(digest("a"));
    expect(found("bbbbbb")).toBe(digest("b"));
    expect(found("dddddd")).toBeUndefined();
  });

  it("is what it pointed at on a day", () => {
    expect(found("2026-11-15")).toBe(digest("b"));
    expect(found("2026-11-10T00:00:00Z")).toBe(digest("b"));
    expect(found("2026-10-01")).toBeUndefined();
  });

  it.each(["yesterday", "22", "sha256:xyz", ""])("is not told by %j", (text) => {
    expect(() => parseRollbackTarget(text)).toThrow(
      `--to ${text}: expected a digest, its first six digits or more, or a time such as 2026-11-01`,
    );
  });

  it("is told with the command that shows what there is", () => {
    expect(hintOf(() => parseRollbackTarget("x"))).toMatch(/ history shows what a tag pointed at, and when$/);
  });

  it.each([
    ["abcdef", "sha256:abcdef"],
    [`sha256:${"a".repeat(64)}`, `sha256:${"a".repeat(64)}`],
  ])("reads the digest %s", (text, expected) => {
    expect(parseRollbackTarget(text)).toEqual({ kind: "digest", digest: expected });
  });

  it.each([
    "a".repeat(65),
    "x2026-11-01",
    "on 2026-11-01",
    "Sun 2026-11-01",
    "2026-11-1",
    "2026-13-41",
    "abcdef sha256:",
    "xabcdef",
  ])("is not told by %j", (text) => {
    expect(() => parseRollbackTarget(text)).toThrow(UserError);
  });
});

describe("a tag that goes back", () => {
  const target = { variant: "dev", tags: ["22-dev", "dev"] } as const;

  it.each([
    ["22-dev", true],
    ["dev", true],
    ["22.16-dev", true],
    ["22.16.1-dev", false],
    // Somebody has made it by hand, and it says no version.
    ["stable", true],
  ])("%s: true of 22.16.0 as it was of 22.16.1 is %s", (tag, isTrue) => {
    expect(staysTrue(tag, target, "22.16.1", "22.16.0")).toBe(isTrue);
  });

  it("goes where nothing says which version an image is of", () => {
    expect(staysTrue("22.16.1-dev", target, undefined, "22.16.0")).toBe(true);
    expect(staysTrue("22.16.1-dev", target, "22.16.1", undefined)).toBe(true);
  });
});

/** An image of node as Birdhouse publishes it, of an exact version of nodejs; without one it does not say. */
function image(name: string, version?: string, build = 2) {
  const packages = new Map([
    ["musl", { version: "1.2.5-r0", unpacked: 1 }],
    ...(version === undefined
      ? []
      : ([["nodejs", { version: `${version}-r${build}`, unpacked: 1 }]] as const)),
  ]);
  const sizes = new Map([["linux/amd64", { compressed: 1, unpacked: 1, packages }]]);
  const annotations = { ...inputsAnnotation({ branch: "3.22", name }), ...sizesAnnotations(sizes) };
  const bytes = Buffer.from(
    JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPE.index, manifests: [], annotations }),
  );
  return { bytes, mediaType: MEDIA_TYPE.index, digest: digestOf(bytes), size: bytes.length };
}
type Image = ReturnType<typeof image>;

const [OLD, NEW] = [image("old", "22.16.0"), image("new", "22.16.1")];
const [OLD_DEV, NEW_DEV] = [image("old dev", "22.16.0"), image("new dev", "22.16.1")];
const REPOSITORY = "base/node";
const { runtime, dev } = sampleRelease();
const HOLD = { until: new Date("2099-01-01T00:00:00Z"), by: "ann", reason: "TLS" };

const past = (...images: Image[]): HistoryEntry[] =>
  images.map(({ mediaType, digest: of, size }, index) => {
    const at = day(20 - index);
    return { image: { mediaType, digest: of, size }, created: at, confirmed: at };
  });

/** A registry whose tags of node:22 point at the new images, published over the old ones. */
async function published(tags: Readonly<Record<string, Image>> = {}) {
  const { registry, server } = await startPair();
  const all: Record<string, Image> = {
    ...{ "22": NEW, latest: NEW, "22.16": NEW, "22.16.1": NEW, "22.16.0": OLD },
    ...{ "22-dev": NEW_DEV, "22.16.1-dev": NEW_DEV, "22.16.1-r2-0123456789ab": NEW },
    ...tags,
  };
  for (const one of [OLD, OLD_DEV, NEW, NEW_DEV]) await registry.putManifest(REPOSITORY, one.digest, one);
  for (const [tag, content] of Object.entries(all)) await registry.putManifest(REPOSITORY, tag, content);
  await putHistory(registry, REPOSITORY, "22", past(NEW, OLD));
  await putHistory(registry, REPOSITORY, "22-dev", past(NEW_DEV, OLD_DEV));
  server.fault = ({ path }) => {
    if (!path.endsWith("/tags/list")) return undefined;
    const names = [...server.manifests.keys()].flatMap((key) => /^base\/node:([^@]+)$/.exec(key)?.[1] ?? []);
    return { status: 200, body: JSON.stringify({ tags: names }) };
  };
  const namespace = { registry: registry.host, path: "base" };
  const plan = (to?: string) => planRollback(runtime, [dev], parseRollbackTarget(to), registry, namespace);
  return { registry, server, namespace, plan };
}

describe("the plan of going back", () => {
  it("takes both variants to what they were at one time, with the tags that stay true", async () => {
    const { plan } = await published();
    expect(await plan()).toEqual([
      {
        target: runtime,
        from: NEW.digest,
        to: past(NEW, OLD)[1],
        tags: ["22", "latest", "22.16"],
        hold: undefined,
      },
      { target: dev, from: NEW_DEV.digest, to: past(NEW_DEV, OLD_DEV)[1], tags: ["22-dev"], hold: undefined },
    ]);
  });

  it("takes a third variant along to what it was then, and leaves it where it was not there yet", async () => {
    const { registry, namespace } = await published({ "22-debug": NEW });
    const debug = sampleDebug();
    const going = () =>
      planRollback(runtime, [dev, debug], parseRollbackTarget(undefined), registry, namespace);
    await putHistory(registry, REPOSITORY, "22-debug", past(NEW));
    expect((await going()).map(({ target }) => target.name)).toEqual(["node:22", "node:22-dev"]);
    await putHistory(registry, REPOSITORY, "22-debug", past(NEW, OLD));
    expect((await going()).map(({ target, to }) => [target.name, to.image.digest])).toEqual([
      ["node:22", OLD.digest],
      ["node:22-dev", OLD_DEV.digest],
      ["node:22-debug", OLD.digest],
    ]);
  });

  it("takes the other variant to what it was even where it came out the same since", async () => {
    const { plan, registry } = await published();
    await putHistory(registry, REPOSITORY, "22-dev", past(NEW_DEV, OLD_DEV).slice(1));
    expect((await plan()).map(({ to }) => to.image.digest)).toEqual([OLD.digest, OLD_DEV.digest]);
    expect((await plan(NEW.digest)).map(({ to }) => to.image.digest)).toEqual([NEW.digest, OLD_DEV.digest]);
  });

  it("moves all tags where no image says its version", async () => {
    const [bare, bareDev] = [image("bare"), image("bare dev")];
    const { plan, registry } = await published({
      "22": bare,
      "22.16.1": bare,
      latest: bare,
      "22-dev": bareDev,
    });
    for (const one of [bare, bareDev]) await registry.putManifest(REPOSITORY, one.digest, one);
    await putHistory(registry, REPOSITORY, "22", past(bare, OLD));
    await putHistory(registry, REPOSITORY, "22-dev", past(bareDev, OLD_DEV));
    expect((await plan())[0]?.tags.toSorted()).toEqual(["22", "22.16.1", "latest"]);
  });

  it("knows the version by the other variant where an image does not say it, before and after", async () => {
    const [bare, bareOld] = [image("bare"), image("bare old")];
    const { plan, registry } = await published({ "22": bare, "22.16.1": bare, latest: bare });
    for (const one of [bare, bareOld]) await registry.putManifest(REPOSITORY, one.digest, one);
    await putHistory(registry, REPOSITORY, "22", past(bare, bareOld));
    expect((await plan())[0]?.tags.toSorted()).toEqual(["22", "latest"]);
  });

  it("knows the exact version of a package that was built ten times and more", async () => {
    const tenth = image("tenth", "22.16.1", 10);
    const { plan, registry } = await published({ "22": tenth, "22.16.1": tenth });
    await registry.putManifest(REPOSITORY, tenth.digest, tenth);
    await putHistory(registry, REPOSITORY, "22", past(tenth, OLD));
    expect((await plan())[0]?.tags).toEqual(["22"]);
  });

  it("brings a tag back alone that was removed, and asks nothing of what it pointed at", async () => {
    const { plan, registry, server } = await published();
    await registry.deleteManifest(REPOSITORY, "22");
    const [first] = await plan(OLD.digest);
    expect(first).toMatchObject({ from: "", tags: ["22"] });
    expect(server.log.filter((line) => line.includes("undefined"))).toEqual([]);
  });

  it("moves a tag that the registry's list of tags does not have yet, too", async () => {
    const { plan, server } = await published();
    const tags = ["latest", "22.16", "22-dev"];
    server.fault = ({ path }) =>
      path.endsWith("/tags/list") ? { status: 200, body: JSON.stringify({ tags }) } : undefined;
    expect((await plan()).map((one) => one.tags)).toEqual([["22", "latest", "22.16"], ["22-dev"]]);
    tags.length = 0;
    expect((await plan()).map((one) => one.tags)).toEqual([["22"], ["22-dev"]]);
  });

  it("fails where dev has no such image, though debug has", async () => {
    const { registry, namespace } = await published({ "22-debug": NEW });
    await putHistory(registry, REPOSITORY, "22-dev", []);
    await putHistory(registry, REPOSITORY, "22-debug", past(NEW, OLD));
    const wanted = parseRollbackTarget(undefined);
    await expect(planRollback(runtime, [dev, sampleDebug()], wanted, registry, namespace)).rejects.toThrow(
      "node:22: its history has no such image to go back to",
    );
  });

  it("tells of holds that are not over", async () => {
    const { plan, registry } = await published();
    const { historyContent } = await import("../../../scripts/publish/history.ts");
    const over = { ...HOLD, until: new Date(0) };
    await registry.putManifest(REPOSITORY, "22.history", historyContent(past(NEW, OLD), HOLD));
    await registry.putManifest(REPOSITORY, "22-dev.history", historyContent(past(NEW_DEV, OLD_DEV), over));
    expect((await plan()).map(({ hold }) => hold)).toEqual([HOLD, undefined]);
  });

  it("fails where the history has no such image, and says what shows them", async () => {
    const { plan, registry } = await published();
    const failure = { message: "node:22: its history has no such image to go back to" };
    for (const to of ["dddddd", "2020-01-01"]) {
      await expect(plan(to)).rejects.toMatchObject({
        ...failure,
        hint: expect.stringMatching(/history node:22 shows what there is$/),
      });
    }
    await putHistory(registry, REPOSITORY, "22-dev", []);
    await expect(plan()).rejects.toMatchObject(failure);
  });

  it("fails where there is no history, and says how to move the tag by hand", async () => {
    const { plan, registry } = await published();
    await registry.deleteManifest(REPOSITORY, "22.history");
    const place = `${registry.host}/base/node`;
    await expect(plan()).rejects.toMatchObject({
      message: `node:22: ${registry.host} has no history of its tag 22: either it was never published by Birdhouse, or this registry keeps no histories, as Quay and gcr.io do not (they refuse an index that names indexes)`,
      hint: `each build has a tag of its own there: move the tag to it by hand, for both variants: docker buildx imagetools create --tag ${place}:22 ${place}:BUILD`,
    });
  });

  it("fails where something else is in the history's place", async () => {
    const { plan, registry } = await published();
    await registry.putManifest(REPOSITORY, "22-dev.history", NEW);
    await expect(plan()).rejects.toMatchObject({
      message: expect.stringMatching(
        /^node:22-dev: there is nothing to go back to, as its history cannot be read: base\/node:22-dev\.history is not as expected/,
      ),
      hint: "the next publish sets aside what has its tag, and begins a new history",
    });
  });
});

describe("the move back", () => {
  it("has each tag and its old content, and the hold for both variants", async () => {
    const { plan, registry, namespace } = await published();
    const content = ({ bytes, mediaType, digest: of }: Image) => ({ bytes, mediaType, digest: of });
    const move = await rollbackMove(await plan(), registry, namespace, HOLD);
    expect(move).toEqual({
      name: "node:22",
      moves: [
        ...["22", "latest", "22.16"].map((tag) => ({ repository: REPOSITORY, tag, content: content(OLD) })),
        { repository: REPOSITORY, tag: "22-dev", content: content(OLD_DEV) },
      ],
      images: [],
      holds: ["22", "22-dev"].map((tag) => ({ repository: REPOSITORY, tag, hold: HOLD })),
      again: ["22", "22-dev"].map((tag, at) => ({
        ...{ repository: REPOSITORY, tag },
        image: past(at === 0 ? OLD : OLD_DEV)[0]?.image,
      })),
    });
    const reversed = (await plan()).reverse();
    expect(await rollbackMove(reversed, registry, namespace, undefined)).toMatchObject({
      name: "node:22",
      holds: [],
    });
  });

  it("fails where the image is gone", async () => {
    const { plan, registry, namespace } = await published();
    const planned = await plan();
    await registry.deleteManifest(REPOSITORY, OLD.digest);
    await expect(rollbackMove(planned, registry, namespace, undefined)).rejects.toMatchObject({
      message: `node:22: the registry no longer has ${OLD.digest}`,
      hint: "choose another image with --to",
    });
  });

  it("that only ends a hold moves nothing", () => {
    expect(releaseMove([dev, runtime], { registry: "r.example", path: "" })).toEqual({
      ...{ name: "node:22", moves: [], images: [] },
      holds: ["22-dev", "22"].map((tag) => ({ repository: "node", tag, hold: null })),
    });
  });
});
