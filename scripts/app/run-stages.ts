import pLimit from "p-limit";
import { imageReader } from "../build/layouts.ts";
import { releasesOf } from "../model/release.ts";
import type { Stage } from "../model/stage.ts";
import type { Catalog, Target } from "../model/target.ts";
import type { Outcome } from "../pipeline/outcome.ts";
import { type Job, leaveUnstarted, type ReleaseJob, runPipeline } from "../pipeline/pipeline.ts";
import type { PlannedTarget } from "../plan/plan.ts";
import { attachAll } from "../publish/attachments.ts";
import type { TagMover } from "../publish/move-release.ts";
import { BlobLocations } from "../registry/push.ts";
import { isLoopback } from "../registry/reference.ts";
import type { RenderedFiles } from "../render/files.ts";
import { basesOf } from "./bases.ts";
import { type Pinned, withPinned } from "./pin-inputs.ts";
import type { Session } from "./session.ts";
import { openTrust } from "./trust.ts";

export interface StagesRequest {
  readonly first: Stage;
  readonly last: Stage;
  readonly concurrency: number;
  /** The option of this name. */
  readonly sign?: string;
  /** Build everything twice, and fail what does not come out the same. */
  readonly verify?: boolean;
  /** Take what an earlier run built and tested, and did not come to publish, where it would come out the same. */
  readonly resume?: boolean;
  /** Whether the run's deadline has passed. */
  readonly isLate?: () => boolean;
  /** What the plan compared, to be built from. Needed where something is built. */
  readonly dockerfiles?: RenderedFiles;
  /** Moves tags, where that is the last stage. */
  readonly mover?: TagMover;
}

/**
 * Opens the engine and takes targets through some stages of the pipeline. What is edited on the disk meanwhile changes
 * nothing of what is built and tested.
 * @param jobs both variants of each version
 */
export async function runStages(
  session: Session,
  jobs: readonly PlannedTarget[],
  request: StagesRequest,
): Promise<Outcome[]> {
  // The plan may have taken all the time there was: nothing is opened that would not be used.
  if (request.isLate?.()) return leaveUnstarted(jobs, session.listener);
  const targets = jobs.map(({ target }) => target);
  return withPinned(targets, request.dockerfiles ?? new Map(), session.scratch, (pinned) =>
    runPinned(session, jobs, pinned, request),
  );
}

async function runPinned(
  session: Session,
  jobs: readonly PlannedTarget[],
  { images, examples }: Pinned,
  { first, last, concurrency, sign, verify = false, resume = false, isLate, mover = NO_MOVER }: StagesRequest,
): Promise<Outcome[]> {
  const trust = await openTrust(session, sign, last);
  const engine = await session.openEngine();
  const verifyWith = verify ? await session.openEngine() : undefined;
  const { listener, signal } = session;
  const published = new Map(jobs.map((job) => [job.target.name, job.published]));
  listener({ type: "planned", targets: jobs.map(({ target }) => target.name), last });
  const blobLocations = new BlobLocations();
  const bases =
    first === "build" ? await basesOf(jobs, await session.openUpstream()) : new Map<string, string>();
  const { registry, catalog } = session;
  return runPipeline(pairUp(jobs), {
    build: { ...session, images, engine, bases, reader: imageReader() },
    smoke: { ...session, engine, network: networkTo(session.catalog), published, examples, ...trust.smoke },
    publish: {
      ...session,
      blobLocations,
      mover,
      attach: (built, repository) =>
        attachAll(built, catalog, registry, repository, { blobLocations, signal }),
      ...trust.publish,
    },
    ...(verifyWith && { verifyWith }),
    ...(isLate && { isLate }),
    resume: resume && !verify,
    limit: pLimit(concurrency),
    ...{ first, last, listener, signal },
  });
}

/** Only what came through the door for tags may move them. */
const NO_MOVER: TagMover = {
  moveRelease: () =>
    Promise.reject(new Error("tags were to be moved by a command that has not got the lock")),
};

/** What is on this machine's loopback, as the sandbox's registries are, is reached by its own network only. */
function networkTo({ sources }: Catalog): "bridge" | "host" {
  return isLoopback(new URL(sources.packages)) ? "host" : "bridge";
}

/** Pairs up jobs. @throws Error when one comes without the other variant of its version */
function pairUp(jobs: readonly Job[]): ReleaseJob[] {
  const byName = new Map(jobs.map((job) => [job.target.name, job]));
  const jobOf = ({ name }: Target) => {
    const job = byName.get(name);
    if (!job) throw new Error(`there is no job for ${name}`);
    return job;
  };
  return releasesOf(jobs.map(({ target }) => target)).map(({ runtime, dev }) => ({
    runtime: jobOf(runtime),
    dev: jobOf(dev),
  }));
}
