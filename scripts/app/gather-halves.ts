import { isDeepStrictEqual } from "node:util";
import pLimit from "p-limit";
import { imageReader, inspectPlatform, layoutOf, rememberBase } from "../build/layouts.ts";
import { readInputs } from "../formats/annotations.ts";
import { assembleIndex } from "../formats/oci/assemble.ts";
import { isAttestation } from "../formats/oci/attestation.ts";
import type { FilesystemReader } from "../formats/oci/filesystem.ts";
import { OciLayout } from "../formats/oci/layout.ts";
import type { Platform } from "../model/platform.ts";
import { releaseOf } from "../model/target.ts";
import type { Outcome } from "../pipeline/events.ts";
import { messageWithHint } from "../pipeline/hint.ts";
import type { PlannedTarget } from "../plan/plan.ts";
import { findHalf, type Half, imageOfHalf, joinedAnnotations } from "../publish/half.ts";
import { UserError } from "../system/errors.ts";
import { makeScratch, removeTree } from "../system/files/files.ts";
import { groupBy } from "../system/group.ts";
import { collectContent, ExportContent } from "../transfer/collect.ts";
import { writeExport } from "../transfer/write.ts";
import { runName } from "./lock-owner.ts";
import { tagOf } from "./read-registry.ts";
import type { Session } from "./session.ts";

type JoinSession = Pick<Session, "registry" | "namespace" | "layouts" | "scratch" | "signal" | "listener">;

/** Releases that are gathered at once. */
const AT_ONCE = 4;

/**
 * Names the run that this is a part of, for its machines to find what the others made.
 * @throws UserError where nothing names it
 */
export function requireRun(env: NodeJS.ProcessEnv): string {
  const run = runName(env);
  if (run !== undefined) return run;
  throw new UserError(
    "it is not known which run this is a part of: the machines of a run could not find what the others made",
    "set BIRDHOUSE_RUN to the same word on all machines, and to another one for each run",
  );
}

/**
 * Brings together what the machines of this run made, as layouts that look as if one machine had built them.
 * @param planned what is due, both variants of each version
 * @returns what is whole, and what became of the rest: their tags stay where they are
 */
export async function gatherHalves(
  session: JoinSession,
  planned: readonly PlannedTarget[],
): Promise<{ readonly whole: readonly PlannedTarget[]; readonly failed: readonly Outcome[] }> {
  const run = requireRun(process.env);
  // Dev images of a branch share their large layers, and each is read once.
  const reader = imageReader();
  const limit = pLimit(AT_ONCE);
  const failed: Outcome[] = [];
  const gather = async (members: readonly PlannedTarget[]): Promise<readonly PlannedTarget[]> => {
    session.signal.throwIfAborted();
    for (const one of members) {
      try {
        await gatherImage(session, one, run, reader);
      } catch (error) {
        session.signal.throwIfAborted();
        failed.push(...failureOf(one, members, messageWithHint(error), session));
        return [];
      }
    }
    return members;
  };
  const releases = groupBy(planned, ({ target }) => releaseOf(target));
  const whole = await Promise.all([...releases.values()].map((members) => limit(gather, members)));
  return { whole: whole.flat(), failed };
}

function failureOf(
  { target: { name } }: PlannedTarget,
  members: readonly PlannedTarget[],
  message: string,
  { listener }: JoinSession,
): Outcome[] {
  listener({ type: "failed", target: name, stage: "publish", message });
  return members.map(({ target }): Outcome => {
    if (target.name === name) return { status: "failed", target: name, stage: "publish", message };
    listener({ type: "held", target: target.name, pair: name });
    return { status: "held", target: target.name, pair: name };
  });
}

/** Gathers all platforms of an image. @throws UserError where one is missing or of another plan; RegistryError */
async function gatherImage(
  session: JoinSession,
  planned: PlannedTarget,
  run: string,
  reader: FilesystemReader,
): Promise<void> {
  const { registry, namespace, layouts, scratch, signal } = session;
  const { target, platforms, inputs } = planned;
  const [repository] = tagOf({ namespace }, target);
  const place = { registry, repository, signal };
  const halves: (readonly [Platform, Half])[] = [];
  for (const platform of platforms) {
    const half = await findHalf(place, target, platform);
    if (half?.run !== run) throw missing(platform, half);
    if (!isDeepStrictEqual(readInputs(half.annotations), inputs)) {
      throw new UserError(
        `its image for ${platform} was made by another plan than this one`,
        "run all jobs again, with the same catalog",
      );
    }
    halves.push([platform, half]);
  }
  const work = await makeScratch(scratch, "join-");
  try {
    const contents = new ExportContent();
    for (const [, { digest }] of halves) await collectContent({ ...place, contents }, digest);
    await writeExport(`${work}/halves`, [], contents, registry, signal);
    const source = await OciLayout.open(`${work}/halves`);
    await assemble(planned, halves, { source, reader, directory: layoutOf(layouts, target) });
  } finally {
    await removeTree(work);
  }
}

function missing(platform: Platform, half: Half | undefined): UserError {
  const other = half?.run === undefined ? "" : `; there is one of another run (${half.run})`;
  return new UserError(
    `its image for ${platform} is missing: no machine of this run has made it${other}`,
    "see why the job of that platform failed, and run all jobs again",
  );
}

interface AssembleOptions {
  /** Holds all halves. */
  readonly source: OciLayout;
  readonly reader: FilesystemReader;
  /** Where the image's layout goes, in the place of what is there. */
  readonly directory: string;
}

/** Puts the platforms of an image under one index, as a build of all of them does. */
async function assemble(
  { target }: PlannedTarget,
  halves: readonly (readonly [Platform, Half])[],
  { source, reader, directory }: AssembleOptions,
): Promise<void> {
  await removeTree(directory);
  const layout = await OciLayout.create(directory);
  const images = [];
  for (const [platform, half] of halves) {
    for (const one of half.manifests) await layout.importFrom(source, one);
    images.push(await inspectPlatform(target, layout, { platform, manifest: imageOfHalf(half) }, reader));
  }
  const found = halves.map(([, half]) => half);
  const attestations = found.flatMap(({ manifests }) => manifests.filter((one) => isAttestation(one)));
  const annotations = joinedAnnotations(target, found, images);
  await assembleIndex(layout, images, annotations, target.name, attestations);
  const base = found[0]?.base;
  if (base !== undefined) await rememberBase(directory, base);
}
