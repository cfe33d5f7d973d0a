import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Built, type BuiltRelease, installedRevision } from "../../../scripts/build/built.ts";
import { OciLayout } from "../../../scripts/formats/oci/layout.ts";
import { buildTag, isBuildTag } from "../../../scripts/model/tags.ts";
import { recover } from "../../../scripts/publish/move-release.ts";
import { type PublishedImage, publish } from "../../../scripts/publish/publish.ts";
import { planRollback } from "../../../scripts/publish/rollback.ts";
import { Registry } from "../../../scripts/registry/client.ts";
import { RegistryError } from "../../../scripts/registry/errors.ts";
import { BlobLocations } from "../../../scripts/registry/push.ts";
import { smoke, type TestedRelease } from "../../../scripts/smoke/smoke.ts";
import { UserError } from "../../../scripts/system/errors.ts";
import { buildRelease, FakeEngine } from "../../support/fake-engine.ts";
import {
  anonymous,
  FakeClock,
  fewRetries,
  type SeenRequest,
  startPair,
} from "../../support/fake-registry.ts";
import { entriesOf } from "../../support/histories.ts";
import { sampleCatalog, sampleRelease } from "../../support/sample-target.ts";
import { refusesNestedIndexes } from "../../support/strange-registries.ts";
import { issuePermit, moverOf } from "../../support/tag-mover.ts";
import { temporaryDirectory } from "../../unit/formats/oci/sample-image.ts";

const RUNTIME_TAGS = ["22", "latest", "22.16", "22.16.0"];
const DEV_TAGS = ["22-dev", "dev", "22.16-dev", "22.16.0-dev"];
const TAGS = [...RUNTIME_TAGS, ...DEV_TAGS];

/** Built once for all: publishing changes nothing of it. */
let release: BuiltRelease;
let tested: TestedRelease;
let built: string;

beforeAll(async () => {
  built = await mkdtemp(join(tmpdir(), "birdhouse-publish-"));
  const engine = new FakeEngine();
  release = await buildRelease(engine, sampleRelease(), built);
  tested = await smoke(release, { engine, scratch: built, network: "host" });
});
afterAll(() => rm(built, { recursive: true }));

/** The tested release, and a registry to publish it to. */
async function setUp() {
  const directory = await temporaryDirectory();
  const { server, registry } = await startPair();
  const namespace = { registry: server.host, path: "base" };
  const abort = new AbortController();
  const catalog = sampleCatalog();
  const clock = () => new Date("2026-11-23T03:00:00Z");
  const journals = join(directory, "journals");
  const context = {
    ...{
      registry,
      namespace,
      catalog,
      blobLocations: new BlobLocations(),
      clock,
      signal: abort.signal,
      journals,
    },
    mover: moverOf({ registry, namespace, journals, clock }),
  };
  return { release, tested, server, abort, context };
}

/** All digests that a built image is of, by kind. */
async function contentOf(built: Built) {
  const { manifests, blobs } = await (await OciLayout.open(built.layout)).closure(built.index);
  return { manifests: manifests.map(({ digest }) => digest), blobs: blobs.map(({ digest }) => digest) };
}

/** The tag that a request moves, if it moves one. */
function tagMovedBy({ method, path }: Pick<SeenRequest, "method" | "path">): string | undefined {
  const tag = method === "PUT" ? /^\/v2\/base\/node\/manifests\/([^:]+)$/.exec(path)?.[1] : undefined;
  return tag === undefined || tag.endsWith(".history") || isBuildTag(tag) ? undefined : tag;
}

/** Whether a request sends what is published; histories and tags of builds are written beside it. */
function isSending({ method, path, body }: SeenRequest): boolean {
  // Before tags move a registry is asked whether it takes a history, by its digest.
  if (body.includes("application/vnd.birdhouse.history")) return false;
  return (method === "PUT" || method === "POST") && !path.endsWith(".history") && !isBuildTag(path);
}

describe("publish", () => {
  it("signs both variants once all their content is there, and before any tag moves", async () => {
    const { release, tested, server, context } = await setUp();
    const seen: string[] = [];
    const sign = async ({ digest, repository }: PublishedImage) => {
      for (const built of [release.runtime, release.dev]) {
        expect(server.manifests.has(`${repository}@${built.index.digest}`)).toBe(true);
      }
      expect(TAGS.filter((tag) => server.manifests.has(`${repository}:${tag}`))).toEqual([]);
      seen.push(digest);
    };
    await publish(tested, { ...context, sign });
    expect(seen).toEqual([release.runtime.index.digest, release.dev.index.digest]);
    expect(TAGS.filter((tag) => !server.manifests.has(`base/node:${tag}`))).toEqual([]);
  });

  it("moves no tag when signing fails", async () => {
    const { tested, server, context } = await setUp();
    const sign = async () => {
      throw new Error("no key");
    };
    await expect(publish(tested, { ...context, sign })).rejects.toThrow("no key");
    expect(TAGS.filter((tag) => server.manifests.has(`base/node:${tag}`))).toEqual([]);
  });

  it("moves all tags of both variants, and says what it published", async () => {
    const { release, tested, server, context } = await setUp();
    const published = await publish(tested, context);
    expect(published).toEqual(
      [release.runtime, release.dev].map((built) => ({
        built,
        repository: "base/node",
        digest: built.index.digest,
        tags: [
          ...(built === release.dev ? DEV_TAGS : RUNTIME_TAGS),
          buildTag(built.target.variant, installedRevision(built) ?? "", built.index.digest),
        ],
        uploadedBytes: expect.any(Number),
        letThrough: [],
      })),
    );
    for (const { digest, tags } of published) {
      const index = server.manifests.get(`base/node@${digest}`);
      if (!index) throw new Error(`the registry has no ${digest}`);
      for (const tag of tags) expect(server.manifests.get(`base/node:${tag}`)).toEqual(index);
    }
    expect(
      [...server.manifests.keys()].filter(
        (key) => key.includes(":") && !key.includes("@") && !key.endsWith(".history"),
      ),
    ).toHaveLength(TAGS.length + 2);
  });

  it("sends all content of both variants, by digest, before it moves the first tag", async () => {
    const { release, tested, server, context } = await setUp();
    const contents = await Promise.all([contentOf(release.runtime), contentOf(release.dev)]);
    let blobs: string[] | undefined;
    server.fault = (request) => {
      if (tagMovedBy(request) !== undefined) blobs ??= [...server.blobs.keys()];
      return undefined;
    };
    await publish(tested, context);

    const sent = server.requests.filter((one) => isSending(one));
    const tagged = sent.map((one) => tagMovedBy(one));
    const firstTag = tagged.findIndex((tag) => tag !== undefined);
    expect(tagged.slice(firstTag).toSorted()).toEqual(TAGS.toSorted());
    const manifests = sent
      .slice(0, firstTag)
      .flatMap(({ path }) => path.match(/manifests\/(.*)$/)?.[1] ?? []);
    expect(manifests).toEqual(contents.flatMap((content) => content.manifests));
    const expected = contents.flatMap((content) => content.blobs.map((digest) => `base/node@${digest}`));
    expect(blobs?.toSorted()).toEqual([...new Set(expected)].toSorted());
  });

  it("sends nothing and moves nothing when all is there already", async () => {
    const { tested, server, context } = await setUp();
    await publish(tested, context);
    const before = server.requests.length;
    const again = await publish(tested, { ...context, blobLocations: new BlobLocations() });
    expect(again.map(({ uploadedBytes }) => uploadedBytes)).toEqual([0, 0]);
    const requests = server.requests.slice(before);
    expect(requests.filter(({ method }) => method === "PUT" || method === "POST")).toEqual([]);
  });

  it("remembers what the tag of each variant pointed at", async () => {
    const { release, tested, context } = await setUp();
    await publish(tested, context);
    for (const { target, index } of [release.runtime, release.dev]) {
      const tag = target.variant === "dev" ? "22-dev" : "22";
      const history = await entriesOf(context.registry, "base/node", tag);
      expect(history).toMatchObject([{ image: { digest: index.digest }, created: context.clock() }]);
    }
  });

  it("says of each image what the gate let through in it, and tells whoever attaches that", async () => {
    const { release, context } = await setUp();
    const { signal: _, ...endless } = context;
    const through = (target: string) => ({
      ...{ target, platform: "linux/amd64", id: "CVE-2026-1", aliases: [], package: "nodejs" },
      ...{ version: "22.16.0-r2", isAlpine: true, exception: undefined },
    });
    const all = ["node:22", "node:22-dev"].map((target) => through(target));
    const gated = await smoke(release, {
      ...{ engine: new FakeEngine(), scratch: built, network: "host" },
      gate: async () => all,
    });
    const told: unknown[] = [];
    const attach = async (_built: Built, _repository: string, letThrough: readonly unknown[]) => {
      told.push(letThrough);
      return 0;
    };
    const published = await publish(gated, { ...endless, attach });
    expect(published.map(({ letThrough }) => letThrough)).toEqual([[all[0]], [all[1]]]);
    expect(told).toEqual([[all[0]], [all[1]]]);
  });

  it("remembers that a build came to the same image once more where the policy counts its age, and only there", async () => {
    const { context } = await setUp();
    const confirmed = async () =>
      (await entriesOf(context.registry, "base/node", "22")).map((entry) => entry.confirmed);
    const policy = { ...sampleRelease().runtime.policy, maxAge: 7 };
    const engine = new FakeEngine();
    const directory = await temporaryDirectory();
    const aging = await buildRelease(engine, sampleRelease({ policy }), directory);
    const agingTested = await smoke(aging, { engine, scratch: directory, network: "host" });
    const [first, second] = [23, 24].map((day) => new Date(Date.UTC(2026, 10, day, 3)));
    for (const [release, day, expected] of [
      [tested, first, first],
      [tested, second, first],
      [agingTested, second, second],
    ] as const) {
      const mover = moverOf({ ...context, clock: () => day ?? new Date(0) });
      await publish(release, { ...context, mover });
      expect(await confirmed()).toEqual([expected]);
    }
  });

  it("sends nothing once it is interrupted, and mounts what the run has sent elsewhere", async () => {
    const { tested, server, context } = await setUp();
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(publish(tested, { ...context, signal })).rejects.toThrow("enough");
    expect(server.log).toEqual([]);
    await publish(tested, context);
    const before = server.requests.length;
    const namespace = { registry: server.host, path: "other" };
    await publish(tested, { ...context, namespace });
    const uploads = server.requests.slice(before).filter(({ method }) => method === "POST");
    expect(uploads.length).toBeGreaterThan(0);
    expect(uploads.filter(({ path }) => !path.includes("from=base%2Fnode"))).toEqual([]);
  });

  it("counts the bytes that it sent", async () => {
    const { tested, server, context } = await setUp();
    const published = await publish(tested, context);
    const sent = server.requests.filter(
      (request) => request.method === "PUT" && isSending(request) && tagMovedBy(request) === undefined,
    );
    expect(published.reduce((sum, { uploadedBytes }) => sum + uploadedBytes, 0)).toBe(
      sent.reduce((sum, { body }) => sum + body.length, 0),
    );
    // All is there by now: what is left are attachments.
    const again = await publish(tested, { ...context, attach: async () => 7 });
    expect(again.map(({ uploadedBytes }) => uploadedBytes)).toEqual([7, 7]);
  });

  it.each(["blob", "manifest"] as const)(
    "moves no tag when a %s of the dev variant is refused",
    async (kind) => {
      const { release, tested, server, context } = await setUp();
      const [runtime, dev] = await Promise.all([contentOf(release.runtime), contentOf(release.dev)]);
      const refused = dev[`${kind}s`].find((digest) => !runtime[`${kind}s`].includes(digest)) ?? "";
      server.fault = ({ method, path }) =>
        method === "PUT" && decodeURIComponent(path).includes(refused) ? { status: 403 } : undefined;
      await expect(publish(tested, context)).rejects.toThrow(RegistryError);
      expect(server.requests.map((one) => tagMovedBy(one)).filter((tag) => tag !== undefined)).toEqual([]);
      // It was the last variant: what came before it has arrived.
      expect(server.manifests.has(`base/node@${release.runtime.index.digest}`)).toBe(true);
    },
  );

  it("moves no tag when it is interrupted before the first, though all content has arrived", async () => {
    const { release, tested, server, abort, context } = await setUp();
    const put = context.registry.putManifest.bind(context.registry);
    context.registry.putManifest = async (repository, reference, ...rest) => {
      await put(repository, reference, ...rest);
      if (reference === release.dev.index.digest) abort.abort(new Error("enough"));
    };
    await expect(publish(tested, context)).rejects.toThrow("enough");
    expect(server.manifests.has(`base/node@${release.dev.index.digest}`)).toBe(true);
    expect(server.requests.map((one) => tagMovedBy(one)).filter((tag) => tag !== undefined)).toEqual([]);
  });

  it("moves all tags when it is interrupted after the first", async () => {
    const { tested, server, abort, context } = await setUp();
    server.fault = (request) => {
      if (tagMovedBy(request) === "22") abort.abort(new Error("enough"));
      return undefined;
    };
    await publish(tested, context);
    expect(abort.signal.aborted).toBe(true);
    expect(
      server.requests
        .map((one) => tagMovedBy(one))
        .filter((tag) => tag !== undefined)
        .toSorted(),
    ).toEqual(TAGS.toSorted());
  });
});

describe("a registry that refuses an index of indexes (R6)", () => {
  const noHistories = (bodies: readonly number[] = [400]) => {
    const strange = refusesNestedIndexes(({ body }: SeenRequest) => body);
    return (request: SeenRequest) => {
      const answer = strange(request);
      return answer && { ...answer, status: bodies[0] ?? 400 };
    };
  };

  it.each([400, 404, 405, 415, 422, 501])(
    "is published to all the same, and said so once: %i",
    async (status) => {
      const { release, tested, server, context } = await setUp();
      server.fault = noHistories([status]);
      const notes: { text: string; moved: number }[] = [];
      const moved = () => server.requests.filter((one) => tagMovedBy(one) !== undefined).length;
      const note = (text: string) => void notes.push({ text, moved: moved() });
      const mover = moverOf({ ...context, note });
      await publish(tested, { ...context, mover });
      expect(notes).toEqual([{ text: expect.stringContaining("keeps no history here"), moved: 0 }]);
      expect(TAGS.filter((tag) => !server.manifests.has(`base/node:${tag}`))).toEqual([]);
      expect(await recover({ ...context, permit: issuePermit(), note })).toEqual([]);
      await publish(tested, { ...context, mover, blobLocations: new BlobLocations() });
      expect(notes).toHaveLength(1);
      const asked = server.requests.filter(({ body }) => body.includes("application/vnd.birdhouse.history"));
      expect(asked).toHaveLength(1);
      expect(release.runtime.target.name).toBe("node:22");
    },
  );

  it("is left to a crashed run's journal without a failure", async () => {
    const { tested, server, context } = await setUp();
    let down = false;
    server.fault = (request) => {
      down ||= tagMovedBy(request) !== undefined;
      return down ? { status: 403 } : noHistories()(request);
    };
    await expect(publish(tested, context)).rejects.toThrow();
    server.fault = noHistories();
    const fresh = new Registry(server.host, {
      credentials: anonymous,
      retries: fewRetries,
      clock: new FakeClock(),
    });
    const recovering = { ...context, registry: fresh, permit: issuePermit(), note: () => {} };
    for (const { skippedBecause } of await recover(recovering)) expect(skippedBecause).toBeUndefined();
    expect(await recover(recovering)).toEqual([]);
  });

  it("tells why there is nothing to roll back to", async () => {
    const { release, tested, server, context } = await setUp();
    server.fault = noHistories();
    await publish(tested, context);
    const { runtime, dev } = release;
    const plan = planRollback(
      runtime.target,
      [dev.target],
      { kind: "before" },
      context.registry,
      context.namespace,
    );
    await expect(plan).rejects.toThrow(
      /has no history of its tag 22: .*keeps no histories, as Quay and gcr\.io do not/,
    );
    await expect(plan).rejects.toBeInstanceOf(UserError);
  });

  it.each([401, 403])("is another matter than rights: no tag moves without a history: %i", async (status) => {
    const { tested, server, context } = await setUp();
    server.fault = noHistories([status]);
    await expect(publish(tested, context)).rejects.toThrow(`HTTP ${status}`);
    expect(server.requests.map((one) => tagMovedBy(one)).filter((tag) => tag !== undefined)).toEqual([]);
  });
});

describe("an untested release", () => {
  // What this proves is proven by tsc: without an error below, it complains of the comment.
  it("cannot be published", async () => {
    const { release, server, context } = await setUp();
    // @ts-expect-error: it is built, and nothing more.
    await expect(publish(release, context)).rejects.toThrow(TypeError);
    // @ts-expect-error: what only looks like a tested release is none.
    const imitation: TestedRelease = { release, version: "22.16.0" };
    expect(imitation).toBeDefined();
    expect(server.requests).toEqual([]);
  });

  it("leaves a journal where tags can neither move nor go back, and the next run finishes", async () => {
    const { tested, server, context } = await setUp();
    let moved = 0;
    server.fault = (request) => {
      if (request.method === "PUT" && tagMovedBy(request) !== undefined && ++moved > 2)
        return { status: 403 };
      return moved > 2 ? { status: 403 } : undefined;
    };
    await expect(publish(tested, context)).rejects.toThrow(/could not go back/);
    server.fault = () => undefined;
    const recovering = { ...context, permit: issuePermit(), note: () => {} };
    const [recovery] = await recover(recovering);
    expect(recovery?.skippedBecause).toBeUndefined();
    for (const [tag, built] of [
      ...RUNTIME_TAGS.map((tag) => [tag, tested.release.runtime] as const),
      ...DEV_TAGS.map((tag) => [tag, tested.release.dev] as const),
    ]) {
      const found = await context.registry.headManifest("base/node", tag);
      expect(found?.digest, tag).toBe(built.index.digest);
    }
    expect(await recover(recovering)).toEqual([]);
  });
});
