import { join } from "node:path";
import pLimit from "p-limit";
import { describe, expect, it } from "vitest";
import type { Stage } from "../../../scripts/model/run.ts";
import { isBuildTag } from "../../../scripts/model/tags.ts";
import type { Target } from "../../../scripts/model/target.ts";
import type { Event } from "../../../scripts/pipeline/events.ts";
import {
  type PipelineContext,
  type PlannedRelease,
  runPipeline,
} from "../../../scripts/pipeline/pipeline.ts";
import type { PlannedTarget } from "../../../scripts/plan/plan.ts";
import { BlobLocations } from "../../../scripts/registry/push.ts";
import { typed } from "../../../scripts/system/shown/started.ts";
import {
  FakeEngine,
  fakeBuildContext,
  printed,
  sampleAnswer,
  sampleImage,
} from "../../support/fake-engine.ts";
import { startPair } from "../../support/fake-registry.ts";
import { sampleCatalog, samplePlanned, sampleRelease } from "../../support/sample-target.ts";
import { moverOf } from "../../support/tag-mover.ts";
import { temporaryDirectory } from "../../unit/formats/oci/sample-image.ts";

/** A world for the pipeline; two releases at once unless told otherwise. */
async function setUp({ first = "build", last = "publish", concurrency = 2 }: Partial<Setup> = {}) {
  const directory = await temporaryDirectory();
  const engine = new FakeEngine();
  const { server, registry } = await startPair();
  const abort = new AbortController();
  const { signal } = abort;
  const events: Event[] = [];
  const listeners = [(event: Event) => void events.push(event)];
  const namespace = { registry: server.host, path: "base" };
  const context: PipelineContext = {
    build: { ...fakeBuildContext(engine, directory), signal },
    smoke: { engine, scratch: join(directory, "scratch"), network: "host", signal },
    publish: {
      registry,
      namespace,
      catalog: sampleCatalog(),
      blobLocations: new BlobLocations(),
      mover: moverOf({
        ...{ registry, namespace, journals: join(directory, "journals") },
        clock: () => new Date(),
      }),
      signal,
    },
    limit: pLimit(concurrency),
    listener: (event) => {
      for (const listener of listeners) listener(event);
    },
    ...{ first, last, signal, resume: false, isLate: () => false },
  };
  /** Calls back when an event comes whose line is this. */
  const on = (line: string, callBack: () => void) =>
    listeners.push((event) => {
      if (lineOf(event) === line) callBack();
    });
  const tags = () => [...server.manifests.keys()].filter((key) => !key.includes("@"));
  return { engine, server, abort, context, events, on, tags };
}

interface Setup {
  readonly first: Stage;
  readonly last: Stage;
  readonly concurrency: number;
}

function job(image: string): PlannedRelease {
  const { runtime, dev } = sampleRelease({ image });
  const jobOf = (target: Target): PlannedTarget =>
    samplePlanned(target, { inputs: { branch: "3.22" }, reasons: [{ kind: "missing" }] });
  return { runtime: jobOf(runtime), dev: jobOf(dev) };
}

/** `started build one:22`; times are left out. */
function lineOf(event: Event): string {
  return "target" in event
    ? [event.type, "stage" in event ? event.stage : "", event.target].filter(Boolean).join(" ")
    : event.type;
}

/** A promise, and what settles it. */
function gate() {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

describe("runPipeline", () => {
  it("takes a release through all stages", async () => {
    const { engine, context, tags } = await setUp();
    const outcomes = await runPipeline([job("one")], context);
    expect(outcomes).toMatchObject([
      { status: "done", target: "one:22", published: { repository: "base/one" } },
      { status: "done", target: "one:22-dev", published: { repository: "base/one" } },
    ]);
    for (const outcome of outcomes) {
      if (outcome.status !== "done") throw new Error(`${outcome.target} is not done`);
      expect(outcome.built.target.name).toBe(outcome.target);
      expect(outcome.published?.digest).toBe(outcome.built.index.digest);
      for (const seconds of Object.values(outcome.seconds)) expect(seconds).toBeGreaterThan(0);
    }
    expect(engine.log.slice(0, 2).toSorted()).toEqual(["build one-22", "build one-22-dev"]);
    expect(tags()).toContain("base/one:22.16.0-dev");
  });

  it("tells what happens, in order", async () => {
    const { engine, context, events, on } = await setUp();
    const runtimeBuilt = gate();
    on("finished build one:22", runtimeBuilt.open);
    engine.image = async (request) => {
      if (request.name === "one-22-dev") await runtimeBuilt.opened;
      return sampleImage(request);
    };
    await runPipeline([job("one")], context);
    expect(events.map((one) => lineOf(one))).toEqual([
      "started build one:22",
      "started build one:22-dev",
      "finished build one:22",
      "finished build one:22-dev",
      "started smoke one:22",
      "started smoke one:22-dev",
      "finished smoke one:22",
      "finished smoke one:22-dev",
      "started publish one:22",
      "started publish one:22-dev",
      "finished publish one:22",
      "finished publish one:22-dev",
      "done one:22",
      "done one:22-dev",
    ]);
  });

  it("begins no other release once it is late, and ends what is under way", async () => {
    const { engine, context, events, on, tags } = await setUp({ concurrency: 1 });
    let late = false;
    on("started build one:22", () => {
      late = true;
    });
    const outcomes = await runPipeline([job("one"), job("two")], { ...context, isLate: () => late });
    expect(outcomes.map(({ target, status }) => `${target} ${status}`)).toEqual([
      "one:22 done",
      "one:22-dev done",
      "two:22 unstarted",
      "two:22-dev unstarted",
    ]);
    expect(tags()).toContain("base/one:22");
    expect(engine.log.filter((line) => line.includes("two"))).toEqual([]);
    expect(events.map((one) => lineOf(one)).slice(-2)).toEqual(["unstarted two:22", "unstarted two:22-dev"]);
  });

  it("works on as many releases at once as it may", async () => {
    const { engine, context, events } = await setUp({ concurrency: 1 });
    await runPipeline([job("one"), job("two")], context);
    const lines = events.map((one) => lineOf(one));
    expect(lines.indexOf("started build two:22")).toBeGreaterThan(
      lines.indexOf("finished publish one:22-dev"),
    );
    expect(engine.log.filter((line) => line.startsWith("build"))).toHaveLength(4);
  });
});

describe("a failure in a release", () => {
  it("at a build holds its pair back, and stops no other release", async () => {
    const { engine, context, events, tags } = await setUp();
    engine.image = (request) => {
      if (request.name === "one-22-dev") throw new Error("no such package");
      return sampleImage(request);
    };
    const outcomes = await runPipeline([job("one"), job("two")], context);
    expect(outcomes).toEqual([
      { status: "held", target: "one:22", pair: "one:22-dev" },
      { status: "failed", target: "one:22-dev", stage: "build", message: "no such package" },
      expect.objectContaining({ status: "done", target: "two:22" }),
      expect.objectContaining({ status: "done", target: "two:22-dev" }),
    ]);
    expect(events.filter(({ type }) => type === "failed" || type === "held")).toEqual([
      { type: "failed", target: "one:22-dev", stage: "build", message: "no such package" },
      { type: "held", target: "one:22", pair: "one:22-dev" },
    ]);
    expect(engine.log.filter((line) => line.startsWith("open one"))).toEqual([]);
    expect(tags().filter((tag) => !tag.startsWith("base/two:"))).toEqual([]);
  });

  it("at both builds is told of both", async () => {
    const { engine, context, events } = await setUp();
    engine.image = ({ name }) => {
      throw new Error(`${name} broke`);
    };
    expect(await runPipeline([job("one")], context)).toEqual([
      { status: "failed", target: "one:22", stage: "build", message: "one-22 broke" },
      { status: "failed", target: "one:22-dev", stage: "build", message: "one-22-dev broke" },
    ]);
    expect(events.filter(({ type }) => type === "held")).toEqual([]);
  });

  it("at a smoke test is the failure of the variant that did not pass", async () => {
    const { engine, context, tags } = await setUp();
    engine.answer = (run) => (run.image === "one-22-dev" ? printed("died", 1) : sampleAnswer(run));
    expect(await runPipeline([job("one"), job("two")], context)).toEqual([
      { status: "held", target: "one:22", pair: "one:22-dev" },
      {
        status: "failed",
        target: "one:22-dev",
        stage: "smoke",
        message: "in one:22-dev the command ended with exit code 1: died",
      },
      expect.objectContaining({ status: "done", target: "two:22" }),
      expect.objectContaining({ status: "done", target: "two:22-dev" }),
    ]);
    expect(tags().filter((tag) => tag.startsWith("base/one:"))).toEqual([]);
  });

  it("at publishing is told with the registry's words", async () => {
    const { server, context, tags } = await setUp();
    server.fault = ({ method, path }) =>
      method === "POST" && path.startsWith("/v2/base/one/") ? { status: 403 } : undefined;
    expect(await runPipeline([job("one"), job("two")], context)).toEqual([
      {
        status: "failed",
        target: "one:22",
        stage: "publish",
        message: expect.stringContaining(`${server.host}/base/one: could not upload sha256:`),
      },
      { status: "held", target: "one:22-dev", pair: "one:22" },
      expect.objectContaining({ status: "done", target: "two:22" }),
      expect.objectContaining({ status: "done", target: "two:22-dev" }),
    ]);
    expect(tags()).not.toContain("base/one:22");
  });
});

describe("a part of the pipeline", () => {
  it("ends after its last stage", async () => {
    const { engine, server, context } = await setUp({ last: "build" });
    const outcomes = await runPipeline([job("one")], context);
    expect(outcomes).toMatchObject([
      { status: "done", published: undefined, seconds: { smoke: 0, publish: 0 } },
      { status: "done", published: undefined, seconds: { smoke: 0, publish: 0 } },
    ]);
    expect(engine.log.filter((line) => !line.startsWith("build"))).toEqual([]);
    expect(server.log).toEqual([]);
  });

  it("starts from what an earlier build left", async () => {
    const { engine, context, events } = await setUp({ last: "build" });
    const [built] = await runPipeline([job("one")], context);
    const [tested] = await runPipeline([job("one")], { ...context, first: "smoke", last: "smoke" });
    if (built?.status !== "done" || tested?.status !== "done") throw new Error("not done");
    expect(tested.built).toEqual(built.built);
    expect(tested.published).toBeUndefined();
    expect(engine.log.filter((line) => line.startsWith("build"))).toHaveLength(2);
    expect(events.map((one) => lineOf(one))).not.toContain("started publish one:22");
  });

  it("says what has not been built, and how to build it", async () => {
    const { context } = await setUp({ first: "smoke", last: "smoke" });
    const failed = (target: string) => ({
      status: "failed",
      target,
      stage: "smoke",
      message: `${target} has not been built\n→ build it first: ${typed("build", [target])}`,
    });
    expect(await runPipeline([job("one")], context)).toEqual([failed("one:22"), failed("one:22-dev")]);
  });
});

describe("an interruption", () => {
  it("ends the run only when nothing is under way any more, and begins nothing new", async () => {
    const { engine, abort, context, events } = await setUp();
    const [oneBuilding, twoBuilding, oneMayEnd] = [gate(), gate(), gate()];
    engine.image = async (request) => {
      if (request.name === "one-22-dev") {
        oneBuilding.open();
        await oneMayEnd.opened;
      }
      if (request.name === "two-22-dev") {
        twoBuilding.open();
        await new Promise((resolve) => context.signal.addEventListener("abort", resolve));
        throw new Error("killed");
      }
      return sampleImage(request);
    };
    let ended = false;
    const run = runPipeline([job("one"), job("two"), job("three")], context).finally(() => {
      ended = true;
    });
    // It may be rejected before it is awaited below.
    run.catch(() => {});
    await Promise.all([oneBuilding.opened, twoBuilding.opened]);
    abort.abort(new Error("enough"));
    // Time enough for the second release, which stops at once, and for the third, which waits for its turn.
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(ended).toBe(false);
    oneMayEnd.open();
    await expect(run).rejects.toThrow("enough");
    expect(engine.log.toSorted()).toEqual([
      "build one-22",
      "build one-22-dev",
      "build two-22",
      "build two-22-dev",
    ]);
    expect(events.filter(({ type }) => type === "failed" || type === "held")).toEqual([]);
  });

  it("is no failure of what it stopped", async () => {
    const { engine, abort, context, events } = await setUp();
    engine.answer = ({ options: { signal } }) => {
      abort.abort(new Error("enough"));
      signal?.throwIfAborted();
      return "hello, world";
    };
    await expect(runPipeline([job("one")], context)).rejects.toThrow("enough");
    expect(events.filter(({ type }) => type === "failed")).toEqual([]);
  });

  it("lets tags that move move together", async () => {
    const { server, abort, context, tags } = await setUp({ concurrency: 1 });
    server.fault = ({ method, path }) => {
      if (method === "PUT" && path === "/v2/base/one/manifests/22") abort.abort(new Error("enough"));
      return undefined;
    };
    await expect(runPipeline([job("one"), job("two")], context)).rejects.toThrow("enough");
    const moved = tags().filter((tag) => !tag.endsWith(".history") && !isBuildTag(tag));
    expect(moved.toSorted()).toEqual(
      ["22", "22-dev", "22.16", "22.16-dev", "22.16.0", "22.16.0-dev", "dev", "latest"].map(
        (tag) => `base/one:${tag}`,
      ),
    );
  });
});
