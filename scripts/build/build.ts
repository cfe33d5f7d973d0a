import { join, resolve } from "node:path";
import type { Engine } from "../engine/engine.ts";
import { inputsAnnotation, sizesAnnotations, versionAnnotation } from "../formats/annotations.ts";
import { adoptImage, assembleIndex, isoTime } from "../formats/oci/assemble.ts";
import { putAttestation } from "../formats/oci/attestation.ts";
import type { FilesystemReader } from "../formats/oci/filesystem.ts";
import { OciLayout } from "../formats/oci/layout.ts";
import type { Descriptor } from "../formats/oci/types.ts";
import { SPDX_PREDICATE, spdxDocument } from "../formats/sbom/spdx.ts";
import type { SbomSubject } from "../formats/sbom/subject.ts";
import { standardAnnotations } from "../formats/standard-annotations.ts";
import { unusualCompression } from "../model/compression.ts";
import { healthcheckConfig } from "../model/configuration.ts";
import type { Origin } from "../model/origin.ts";
import { newestBuild, type Package } from "../model/package.ts";
import { apkArchitecture, type Platform } from "../model/platform.ts";
import { ownRepositoriesOf } from "../model/repositories.ts";
import type { Catalog, Target } from "../model/target.ts";
import { type BuildTimes, timeKey } from "../plan/build-times.ts";
import type { PlannedTarget } from "../plan/plan.ts";
import { isLoopback, parseRepository, registryUrl } from "../registry/reference.ts";
import { dockerfileOf } from "../render/files.ts";
import { VERSION } from "../system/environment.ts";
import { removeTree } from "../system/files/files.ts";
import { HTTP_AUTH } from "../upstream/http-auth.ts";
import { type Built, type BuiltPlatform, sizesOf, versionIn } from "./built.ts";
import { inspectLayout, inspectPlatform, installedInLayout, layoutOf, rememberBase } from "./layouts.ts";

/** What a build needs. */
export interface BuildContext {
  readonly engine: Engine;
  /** Where base images and packages come from. */
  readonly sources: Catalog["sources"];
  readonly repositories?: Catalog["repositories"];
  readonly compression?: Catalog["compression"];
  /** The directory of the rendered Dockerfiles: one of the run's own, in which nobody edits. */
  readonly images: string;
  /** The directory that OCI layouts are written to. */
  readonly layouts: string;
  /** Branch → digest of its base image; a branch that is not in it is built on whatever its tag points at. */
  readonly bases: ReadonlyMap<string, string>;
  /** When images will have been made, by `timeKey`, as far as it could be found out before they are built. */
  readonly times: ReadonlyMap<string, BuildTimes>;
  /** Tells where the Dockerfile of a target comes from. */
  readonly originOf: (target: Target) => Promise<Origin>;
  /** Shared by the builds of a run; see `imageReader`. */
  readonly reader: FilesystemReader;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Builds a target for each of its platforms and puts them under one index, in an OCI layout of its own.
 * @param job what a plan found of it; the inputs travel with the image as annotations, for the next plan
 * @throws CommandError when a step of the Dockerfile fails
 */
export async function build(
  { target, platforms: wanted, inputs }: Pick<PlannedTarget, "target" | "platforms" | "inputs">,
  context: BuildContext,
): Promise<Built> {
  const directory = layoutOf(context.layouts, target);
  await removeTree(directory);
  const layout = await OciLayout.create(directory);
  const platforms: BuiltPlatform[] = [];
  const about = await aboutTarget(target, context);
  for (const platform of wanted) {
    const exported = join(directory, `export-${platform.replace("/", "-")}`);
    const installed = await buildInTime(target, platform, exported, context);
    const words = wordsOf(target, { ...about, ...aboutPackages(target, installed) });
    const { healthcheck } = target;
    // buildah leaves it out of OCI images.
    const more = healthcheck ? { Healthcheck: healthcheckConfig(healthcheck) } : {};
    const manifest = await adoptImage(layout, exported, newestBuild(installed), words, more);
    platforms.push(await inspectPlatform(target, layout, { platform, manifest }, context.reader));
  }
  const installed = platforms.flatMap((one) => one.installed);
  const annotations = {
    ...wordsOf(target, { ...about, ...aboutPackages(target, installed) }),
    ...versionAnnotation(VERSION),
    ...inputsAnnotation(inputs),
    ...sizesAnnotations(sizesOf(platforms)),
  };
  // In the order of the platforms, so that an equal build has an equal index.
  const attestations: Descriptor[] = [];
  for (const one of platforms.toSorted((a, b) => (a.platform < b.platform ? -1 : 1))) {
    const statement = {
      predicateType: SPDX_PREDICATE,
      predicate: await spdxDocument(sbomSubjectOf(target, one)),
    };
    attestations.push(await putAttestation(layout, one.manifest, target.name, statement));
  }
  await assembleIndex(layout, platforms, annotations, target.name, attestations);
  const base = context.bases.get(target.branch);
  if (base !== undefined) await rememberBase(directory, base);
  return inspectLayout(target, directory, context.reader);
}

/** What says to the mirror who we are, by the name that templates/partials/auth.hbs knows it by. */
const APK_SECRETS = { "http-auth": HTTP_AUTH };

/** What lists of contents are about. */
export function sbomSubjectOf({ name, branch }: Target, built: BuiltPlatform): SbomSubject {
  const { platform, manifest, installed } = built;
  const time = newestBuild(installed);
  return { name, branch, digest: manifest.digest, platform, time, tool: VERSION, installed };
}

/** What is known of an image before it is built. */
async function aboutTarget(target: Target, { sources, bases, originOf }: BuildContext) {
  const { name, description, variant, branch, endOfLife } = target;
  const base = { name: `${sources.base}:${branch}`, digest: bases.get(branch) };
  const origin = await originOf(target);
  return { title: name, description, origin, endOfLife, ...(variant === "dev" && { base }) };
}

/** What an image says of itself; where the catalog has a label of the same name, that is said. */
function wordsOf({ labels }: Target, about: Parameters<typeof standardAnnotations>[0]) {
  const words = Object.entries(standardAnnotations(about));
  return Object.fromEntries(words.map(([name, value]) => [name, labels[name] ?? value]));
}

/** What is known by its packages alone. */
function aboutPackages(target: Target, installed: readonly Package[]) {
  return {
    // A compiler's runtime holds nothing of it.
    version: versionIn(target, installed) ?? target.version,
    time: newestBuild(installed),
    licenses: installed.map(({ license }) => license),
  };
}

/** How often an image is built for its time to be right: the mirror's index may have moved meanwhile, once. */
const ATTEMPTS = 3;

/**
 * Builds an image that says of itself and of its files that they were made when the newest package in it was. An engine
 * must know that time before it begins. If it turns out to have been another, the image is built again, with nothing that
 * was made with the wrong one.
 * @returns what is installed in it
 */
async function buildInTime(
  target: Target,
  platform: Platform,
  exported: string,
  context: BuildContext,
): Promise<readonly Package[]> {
  let times: Partial<BuildTimes> = context.times.get(timeKey(target, platform)) ?? { image: 0, shared: 0 };
  for (let attempt = 1; ; attempt++) {
    const { image = 0 } = times;
    await buildPlatform(target, platform, exported, { image, ...times }, context);
    const installed = await installedInLayout(target, exported, context.reader);
    const newest = newestBuild(installed);
    if (newest === image) return installed;
    if (attempt === ATTEMPTS) {
      const [said, found] = [image, newest].map((time) => isoTime(time));
      throw new Error(
        `${target.name} was built as of ${said}, but its newest package is of ${found}: the mirror's indexes keep changing`,
      );
    }
    await removeTree(exported);
    times = { image: newest };
  }
}

function buildPlatform(
  target: Target,
  platform: Platform,
  layout: string,
  { image: time, shared }: Pick<BuildTimes, "image"> & Partial<BuildTimes>,
  context: BuildContext,
): Promise<void> {
  const { sources, signal, bases } = context;
  const { repositories = [], compression } = context;
  const own = ownRepositoriesOf({ repositories }, target.branch);
  const digest = bases.get(target.branch);
  return context.engine.build({
    name: nameInEngine(target),
    dockerfile: resolve(join(context.images, dockerfileOf(target))),
    platform,
    args: {
      BASE: digest === undefined ? `${sources.base}:${target.branch}` : `${sources.base}@${digest}`,
      MIRROR: sources.packages,
      // A runtime image is assembled by apk of the building machine, which must be told what to assemble.
      ...(target.variant !== "dev" && { APK_ARCH: apkArchitecture(platform) }),
    },
    layout,
    time,
    insecureBase: isLoopback(registryUrl(parseRepository(sources.base).registry)),
    hostNetwork: [sources.packages, ...own.map(({ url }) => url)].some((url) => isLoopback(new URL(url))),
    // What engines do by themselves is not asked for: the same image has the same bytes, whether it is written or not.
    ...(unusualCompression(compression) !== undefined && { compression }),
    ...((sources.auth || own.some(({ auth }) => auth)) && { secrets: APK_SECRETS }),
    ...(target.variant === "dev" &&
      shared !== undefined && { shared: { stage: "tools", key: toolsOf(target), time: shared } }),
    signal,
  });
}

/** The same for dev images whose first stage is. */
function toolsOf({ branch, layers = [] }: Target): string {
  return [branch, ...layers.flat()].join(" ");
}

/** Engines want names of lower-case letters, digits and `-._`: `node-22-dev`. */
export function nameInEngine(target: Target): string {
  return target.name.replace(":", "-").toLowerCase();
}
