import pLimit from "p-limit";
import type { Built } from "../build/built.ts";
import { imageReader } from "../build/layouts.ts";
import { hostPlatform } from "../model/platform.ts";
import { releasesOf, type Target } from "../model/target.ts";
import type { Outcome } from "../pipeline/events.ts";
import {
  leaveUnstarted,
  type PipelineContext,
  type PlannedRelease,
  runPipeline,
} from "../pipeline/pipeline.ts";
import type { PlannedTarget } from "../plan/plan.ts";
import { attachAll } from "../publish/attachments.ts";
import { EarlyPushes } from "../publish/early.ts";
import type { TagMover } from "../publish/move-release.ts";
import { attachVex } from "../publish/vex.ts";
import { BlobLocations } from "../registry/push.ts";
import { isLoopback } from "../registry/reference.ts";
import type { RenderedFiles } from "../render/files.ts";
import { builderIn } from "../trust/provenance.ts";
import { basesOf } from "./ask-alpine.ts";
import { type Pinned, updateImages, withPinned } from "./build-inputs.ts";
import { timesOf } from "./build-times.ts";
import { requireRun } from "./gather-halves.ts";
import type { PipelineOptions } from "./options.ts";
import { checkedOut, openOrigins } from "./origins.ts";
import type { Session } from "./session.ts";
import { openTrust, type TrustSession } from "./trust.ts";

/** What the stages take from a session. */
type StagesSession = TrustSession &
  Pick<Session, "images" | "written" | "namespace" | "layouts" | "openEngine" | "openPods">;

interface StagesRequest extends Pick<PipelineContext, "first" | "last" | "resume" | "isLate"> {
  /** The options of these names. */
  readonly options: PipelineOptions;
  /** What the plan compared, to be built from; undefined where nothing is built. */
  readonly dockerfiles: RenderedFiles | undefined;
  /** Moves tags, where that is the last stage. */
  readonly mover: TagMover | undefined;
}

/**
 * Writes images/ as they are to be built, opens the engine, and takes targets through some stages of the pipeline. What
 * is edited on the disk meanwhile changes nothing of what is built and tested.
 * @param planned both variants of each version
 */
export async function runStages(
  session: StagesSession,
  planned: readonly PlannedTarget[],
  request: StagesRequest,
): Promise<Outcome[]> {
  const { dockerfiles } = request;
  if (dockerfiles) await updateImages(session, dockerfiles);
  // The plan may have taken all the time there was: nothing is opened that would not be used.
  if (request.isLate()) return leaveUnstarted(planned, session.listener);
  const targets = planned.map(({ target }) => target);
  return withPinned(targets, dockerfiles ?? new Map(), session.scratch, async (pinned) =>
    runPipeline(releasesIn(planned), await openPipeline(session, planned, pinned, request)),
  );
}

/** Opens what the stages need, and hands each of them its own part. */
async function openPipeline(
  session: StagesSession,
  planned: readonly PlannedTarget[],
  { images, examples }: Pinned,
  { first, last, resume, isLate, options, mover = NO_MOVER }: StagesRequest,
): Promise<PipelineContext> {
  const { catalog, registry, namespace, layouts, scratch, listener, signal, today } = session;
  const making = { ...builderIn(process.env), ...(await checkedOut(session.images)) };
  const half = options.half && { platform: options.half, run: requireRun(process.env) };
  // What one machine made is signed once all of it is joined.
  const { gate, sign } = await openTrust(session, options.sign, half ? "smoke" : last, making);
  const engine = await session.openEngine({ tests: last !== "build" });
  const verifyWith = options.verify ? await session.openEngine({ tests: false }) : undefined;
  const targets = planned.map(({ target }) => target);
  listener({ type: "planned", targets: targets.map(({ name }) => name), last });
  const isBuilt = first === "build";
  const bases = isBuilt ? await basesOf(targets, await session.openUpstream()) : new Map();
  const times = isBuilt ? await timesOf(planned, await session.openUpstream()) : new Map();
  const published = new Map(planned.map((one) => [one.target.name, one.published]));
  // A server on this machine's loopback, such as the sandbox's, can be reached from the host's network only.
  const network = isLoopback(new URL(catalog.sources.packages)) ? "host" : "bridge";
  const blobLocations = new BlobLocations();
  const pods = await session.openPods();
  const early = new EarlyPushes({ registry, namespace, blobLocations, signal });
  const inPods = pods && {
    pods,
    platforms: options.smokePlatforms ?? [options.half ?? hostPlatform()],
    bring: (built: Built) => early.push(built),
    note: (text: string) => listener({ type: "note", text }),
  };
  const attach: PipelineContext["publish"]["attach"] = async (built, repository, letThrough) => {
    const place = { registry, repository, signal };
    const sent = await attachAll(built, catalog, place, blobLocations, making);
    const said = { registry: catalog.registry, at: today };
    return sent + (await attachVex(built, letThrough, said, place, blobLocations));
  };
  return {
    build: {
      sources: catalog.sources,
      repositories: catalog.repositories,
      compression: catalog.compression,
      engine,
      images,
      layouts,
      bases,
      times,
      originOf: await openOrigins(session.images),
      reader: imageReader(),
      signal,
    },
    smoke: {
      ...{ engine, scratch, network, published, examples, signal },
      ...(inPods && { pods: inPods }),
      ...(gate && { gate }),
    },
    publish: {
      ...{ registry, namespace, catalog, blobLocations, mover, attach, signal },
      sentBefore: (digest) => early.sent(digest),
      ...(sign && { sign }),
      ...(half && { half }),
    },
    ...(verifyWith && { verifyWith }),
    ...{ first, last, limit: pLimit(options.concurrency), listener, signal, isLate, resume },
  };
}

/** Only what came through the door for tags may move them. */
const NO_MOVER: TagMover = {
  moveRelease: () =>
    Promise.reject(new Error("a command that does not hold the publish lock tried to move tags")),
};

/** Pairs up variants. @throws Error when one comes without the other variant of its version */
function releasesIn(planned: readonly PlannedTarget[]): PlannedRelease[] {
  const byName = new Map(planned.map((one) => [one.target.name, one]));
  const plannedOf = ({ name }: Target) => {
    const one = byName.get(name);
    if (!one) throw new Error(`${name} is not planned`);
    return one;
  };
  return releasesOf(planned.map(({ target }) => target)).map(({ runtime, dev, debug }) => ({
    runtime: plannedOf(runtime),
    dev: plannedOf(dev),
    ...(debug && { debug: plannedOf(debug) }),
  }));
}
