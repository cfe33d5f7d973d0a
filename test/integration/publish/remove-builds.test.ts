import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { digestOf } from "../../../scripts/formats/oci/digest.ts";
import { MEDIA_TYPE } from "../../../scripts/formats/oci/types.ts";
import { buildTag } from "../../../scripts/model/tags.ts";
import { historyContent } from "../../../scripts/publish/history.ts";
import { digestsInJournals, writeJournal } from "../../../scripts/publish/journal.ts";
import { recover } from "../../../scripts/publish/move-release.ts";
import { type OldBuild, oldBuilds, removeBuilds, takeInventory } from "../../../scripts/publish/prune.ts";
import { startPair } from "../../support/fake-registry.ts";
import { leaveJournal } from "../../support/histories.ts";
import { sampleRelease } from "../../support/sample-target.ts";
import { issuePermit } from "../../support/tag-mover.ts";
import { temporaryDirectory } from "../../unit/formats/oci/sample-image.ts";

const REPOSITORY = "base/node";

function document(mediaType: string, content: object) {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...content }));
  return { bytes, mediaType, digest: digestOf(bytes), size: bytes.length };
}
const platform = (name: string) => document(MEDIA_TYPE.manifest, { annotations: { name } });
const image = (...parts: ReturnType<typeof platform>[]) =>
  document(MEDIA_TYPE.index, {
    manifests: parts.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
  });
const [AMD, ARM, SIGNATURE] = [platform("amd64"), platform("arm64"), platform("signature of amd64")];
const OLD = image(AMD, ARM);
const NEW = image(platform("newer"));
const SIGNED = `${AMD.digest.replace(":", "-")}.sig`;

function historyOf({ mediaType, digest, size }: typeof NEW) {
  const at = new Date("2026-11-22T03:00:00Z");
  return historyContent([{ image: { mediaType, digest, size }, created: at, confirmed: at }]);
}

/** A repository with a build that is old, and one that is not. */
async function setUp() {
  const { registry, server } = await startPair();
  registry.listTags = async () =>
    [...server.manifests.keys()].flatMap((key) => /^base\/node:([^@]+)$/.exec(key)?.[1] ?? []);
  // As Distribution does, where a digest is removed all tags of it go.
  const remove = registry.deleteManifest.bind(registry);
  registry.deleteManifest = async (repository, digest, ...rest) => {
    const isThere = await remove(repository, digest, ...rest);
    for (const [key, { bytes }] of server.manifests) {
      if (isThere && digestOf(bytes) === digest) server.manifests.delete(key);
    }
    return isThere;
  };
  for (const [reference, content] of [
    [AMD.digest, AMD],
    [ARM.digest, ARM],
    [SIGNED, SIGNATURE],
    [buildTag("runtime", "22.16.0-r1", OLD.digest), OLD],
    [buildTag("runtime", "22.16.0-r2", NEW.digest), NEW],
    ["22", NEW],
    ["22.history", historyOf(NEW)],
  ] as const) {
    await registry.putManifest(REPOSITORY, reference, content);
  }
  const context = {
    ...{ registry, namespace: { registry: server.host, path: "base" }, permit: issuePermit() },
    ...{ journals: join(await temporaryDirectory(), "journals"), holder: "test", note: () => {} },
    clock: () => new Date("2026-11-23T03:00:00Z"),
  };
  const find = async (named?: ReadonlySet<string>) => {
    const { runtime, dev } = sampleRelease();
    return oldBuilds(REPOSITORY, await takeInventory(registry, REPOSITORY, [runtime, dev], named));
  };
  const isThere = async (...of: { digest: string }[]) =>
    Promise.all(
      of.map(async ({ digest }) => (await registry.headManifest(REPOSITORY, digest)) !== undefined),
    );
  /** A run that is killed once so many manifests have gone. */
  const killedAfter = async (removals: number, old: readonly OldBuild[]) => {
    let deletes = 0;
    server.fault = ({ method }) =>
      method === "DELETE" && ++deletes > removals ? { status: 403 } : undefined;
    await expect(removeBuilds(REPOSITORY, old, context)).rejects.toThrow("403");
    server.fault = () => undefined;
  };
  const journals = () => readdir(context.journals);
  /** The journal of a run that was killed, whatever has become of its builds. */
  const leaveRemoval = (...builds: { repository: string; digest: string; parts: string[] }[]) =>
    writeJournal(context, REPOSITORY, context.clock(), { kind: "removal", builds });
  const deletes = () => server.log.filter((line) => line.startsWith("DELETE"));
  return { registry, server, context, find, isThere, killedAfter, journals, leaveRemoval, deletes };
}

describe("builds that are removed", () => {
  it("go with all that goes with them, and leave no journal", async () => {
    const { context, find, isThere, journals } = await setUp();
    const old = await find();
    expect(old).toMatchObject([{ digest: OLD.digest, parts: [AMD.digest, ARM.digest, SIGNATURE.digest] }]);
    await removeBuilds(REPOSITORY, old, context);
    expect(await isThere(OLD, AMD, ARM, SIGNATURE, NEW)).toEqual([false, false, false, false, true]);
    expect(await journals()).toEqual([]);
  });

  it.each([1, 2, 3])("go all the way when a run was killed after %i of four", async (removals) => {
    const { context, find, isThere, killedAfter, journals } = await setUp();
    await killedAfter(removals, await find());
    expect(await journals()).toHaveLength(1);
    expect(await find()).toEqual([]);
    expect(await recover(context)).toMatchObject([{ release: REPOSITORY, removed: 4 - removals }]);
    expect(await isThere(OLD, AMD, ARM, SIGNATURE, NEW)).toEqual([false, false, false, false, true]);
    expect(await journals()).toEqual([]);
  });

  it("leave nothing to finish where the registry refused the first", async () => {
    const { context, find, isThere, killedAfter, journals } = await setUp();
    await killedAfter(0, await find());
    expect(await isThere(OLD, AMD, ARM)).toEqual([true, true, true]);
    expect(await journals()).toEqual([]);
    expect(await recover(context)).toEqual([]);
  });

  it("leave what has come into use since: a platform that another image shares, with what is attached to it", async () => {
    const { registry, context, find, isThere, killedAfter } = await setUp();
    await killedAfter(1, await find());
    await registry.putManifest(REPOSITORY, "latest", image(AMD));
    expect(await recover(context)).toMatchObject([{ removed: 1 }]);
    expect(await isThere(AMD, ARM, SIGNATURE)).toEqual([true, false, true]);
  });
});

describe("a removal that another run finishes", () => {
  it("leaves a build whole that is still there, though no tag names it any more", async () => {
    const { registry, server, context, isThere, journals, leaveRemoval, deletes } = await setUp();
    server.manifests.delete(`${REPOSITORY}:${buildTag("runtime", "22.16.0-r1", OLD.digest)}`);
    await leaveRemoval({ repository: REPOSITORY, digest: OLD.digest, parts: [AMD.digest, ARM.digest] });
    expect(await registry.headManifest(REPOSITORY, OLD.digest)).toBeDefined();
    expect(await recover(context)).toMatchObject([{ removed: 0, skippedBecause: undefined }]);
    expect(await isThere(OLD, AMD, ARM)).toEqual([true, true, true]);
    expect(deletes()).toEqual([]);
    expect(await journals()).toEqual([]);
  });

  it("removes the parts of each build from its own repository only", async () => {
    const { registry, server, context, leaveRemoval, deletes } = await setUp();
    const lists = registry.listTags.bind(registry);
    registry.listTags = async (repository) => (repository === REPOSITORY ? lists(repository) : []);
    for (const one of [AMD, ARM]) await registry.putManifest("base/other", one.digest, one);
    server.manifests.delete(`${REPOSITORY}:${buildTag("runtime", "22.16.0-r1", OLD.digest)}`);
    server.manifests.delete(`${REPOSITORY}@${OLD.digest}`);
    await leaveRemoval(
      { repository: REPOSITORY, digest: OLD.digest, parts: [AMD.digest] },
      { repository: "base/other", digest: OLD.digest, parts: [ARM.digest] },
    );
    expect(await recover(context)).toMatchObject([{ removed: 2 }]);
    expect(deletes()).toEqual([
      `DELETE /v2/${REPOSITORY}/manifests/${AMD.digest}`,
      `DELETE /v2/base/other/manifests/${ARM.digest}`,
    ]);
  });

  it("leaves the platforms of an image that only a history names, and reads nothing twice", async () => {
    const { registry, server, context, find, isThere, killedAfter } = await setUp();
    await killedAfter(1, await find());
    const kept = image(AMD);
    await registry.putManifest(REPOSITORY, kept.digest, kept);
    await registry.putManifest(REPOSITORY, "22.history", historyOf(kept));
    // Of one platform, without an index.
    await registry.putManifest(REPOSITORY, "plain", platform("plain"));
    const before = server.requests.length;
    expect(await recover(context)).toMatchObject([{ removed: 1 }]);
    const read = server.log
      .slice(before)
      .flatMap((line) => /^GET .*\/manifests\/(.*)$/.exec(line)?.[1] ?? []);
    const byDigest = read.filter((one) => one.startsWith("sha256:"));
    expect(byDigest).toContain(kept.digest);
    // It has been read by its tags.
    expect(byDigest).not.toContain(NEW.digest);
    expect(read.filter((one) => !/^[\w.:-]+$/.test(one))).toEqual([]);
    expect(await isThere(AMD, ARM, SIGNATURE)).toEqual([true, false, true]);
  });

  it("waits where an image that a history names is damaged, and says which", async () => {
    const { registry, context, find, isThere, killedAfter, journals } = await setUp();
    await killedAfter(1, await find());
    const damaged = document(MEDIA_TYPE.index, {});
    await registry.putManifest(REPOSITORY, damaged.digest, damaged);
    await registry.putManifest(REPOSITORY, "22.history", historyOf(damaged));
    expect(await recover(context)).toMatchObject([
      { removed: 0, skippedBecause: expect.stringContaining(`${REPOSITORY}@${damaged.digest} is not as`) },
    ]);
    expect(await isThere(AMD, ARM)).toEqual([true, true]);
    expect(await journals()).toHaveLength(1);
  });

  it("leaves what the registry lists as attached to a platform in use, and removes what is attached to others", async () => {
    const { registry, server, context, isThere, leaveRemoval } = await setUp();
    const attachedTo = ({ mediaType, digest, size }: typeof AMD) =>
      document(MEDIA_TYPE.manifest, { subject: { mediaType, digest, size } });
    const lists = new Map([AMD, ARM].map((one) => [one.digest, attachedTo(one)]));
    for (const one of lists.values()) await registry.putManifest(REPOSITORY, one.digest, one);
    const [ofAmd, ofArm] = [...lists.values()] as [typeof AMD, typeof AMD];
    server.fault = ({ path }) => {
      const [, subject] = /\/referrers\/(sha256:\w+)/.exec(path) ?? [];
      if (subject === undefined) return undefined;
      const one = lists.get(subject);
      const manifests = one ? [{ mediaType: one.mediaType, digest: one.digest, size: one.size }] : [];
      return { status: 200, body: JSON.stringify({ schemaVersion: 2, manifests }) };
    };
    await registry.deleteManifest(REPOSITORY, OLD.digest);
    await registry.putManifest(REPOSITORY, "latest", image(AMD));
    const parts = [AMD, ARM, ofAmd, ofArm].map(({ digest }) => digest);
    await leaveRemoval({ repository: REPOSITORY, digest: OLD.digest, parts });
    expect(await recover(context)).toMatchObject([{ removed: 2 }]);
    expect(await isThere(AMD, ofAmd, ARM, ofArm)).toEqual([true, true, false, false]);
  });
});

describe("what is never old", () => {
  it("is what an unfinished journal names", async () => {
    const { find } = await setUp();
    expect(await find(new Set([OLD.digest]))).toEqual([]);
  });

  it("is told by the journals of moves", async () => {
    const { context } = await setUp();
    await leaveJournal(context.journals, context.namespace, {
      moves: [{ repository: REPOSITORY, tag: "22", from: OLD.digest, to: NEW.digest }],
    });
    const named = await digestsInJournals(context.journals, context.namespace);
    expect([...named].toSorted()).toEqual([OLD.digest, NEW.digest].toSorted());
  });

  it("is what histories keep; what stands in the place of one is kept with its parts", async () => {
    const { registry, find } = await setUp();
    await registry.putManifest(REPOSITORY, "22.history", historyOf(OLD));
    expect(await find()).toEqual([]);
    await registry.putManifest(REPOSITORY, "22.history", image(AMD));
    await registry.deleteManifest(REPOSITORY, "22");
    expect(await find()).toMatchObject([{ digest: OLD.digest, parts: [ARM.digest] }, { digest: NEW.digest }]);
  });
});
