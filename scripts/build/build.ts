import { join, resolve } from "node:path";
import type { Engine } from "../engine/engine.ts";
import { inputsAnnotation, originAnnotations, sizesAnnotations } from "../formats/annotations.ts";
import { adoptImage, assembleIndex } from "../formats/oci/assemble.ts";
import type { FilesystemReader } from "../formats/oci/filesystem.ts";
import { OciLayout } from "../formats/oci/layout.ts";
import { apkArchitecture, type Platform } from "../model/platform.ts";
import type { Catalog, Target } from "../model/target.ts";
import type { PlannedTarget } from "../plan/plan.ts";
import { isLoopback, parseRepository, registryUrl } from "../registry/reference.ts";
import { dockerfileOf } from "../render/files.ts";
import { VERSION } from "../system/environment.ts";
import { removeTree } from "../system/files/files.ts";
import { HTTP_AUTH } from "../upstream/http-auth.ts";
import { type Built, type BuiltPlatform, sizesOf } from "./built.ts";
import { inspectLayout, inspectPlatform, layoutOf } from "./layouts.ts";

/** What a build needs. */
export interface BuildContext {
  readonly engine: Engine;
  /** Where base images and packages come from. */
  readonly sources: Catalog["sources"];
  /** The directory of the rendered Dockerfiles: one of the run's own, in which nobody edits. */
  readonly images: string;
  /** The directory that OCI layouts are written to. */
  readonly layouts: string;
  /** Branch → digest of its base image; a branch that is not in it is built on whatever its tag points at. */
  readonly bases: ReadonlyMap<string, string>;
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
  for (const platform of wanted) {
    const exported = join(directory, `export-${platform.replace("/", "-")}`);
    await buildPlatform(target, platform, exported, context);
    const manifest = await adoptImage(layout, exported);
    platforms.push(await inspectPlatform(target, layout, { platform, manifest }, context.reader));
  }
  const base = target.variant === "dev" ? context.bases.get(target.branch) : undefined;
  const annotations = {
    "org.opencontainers.image.title": target.name,
    "org.opencontainers.image.description": target.description,
    ...originAnnotations(VERSION, base),
    ...inputsAnnotation(inputs),
    ...sizesAnnotations(sizesOf(platforms)),
  };
  await assembleIndex(layout, platforms, annotations, target.name);
  return inspectLayout(target, directory, context.reader);
}

/** What says to the mirror who we are, by the name that templates/partials/auth.hbs knows it by. */
const APK_SECRETS = { "http-auth": HTTP_AUTH };

function buildPlatform(
  target: Target,
  platform: Platform,
  layout: string,
  context: BuildContext,
): Promise<void> {
  const { sources, signal, bases } = context;
  const digest = bases.get(target.branch);
  return context.engine.build({
    name: nameInEngine(target),
    dockerfile: resolve(join(context.images, dockerfileOf(target))),
    platform,
    args: {
      BASE: digest === undefined ? `${sources.base}:${target.branch}` : `${sources.base}@${digest}`,
      MIRROR: sources.packages,
      // A runtime image is assembled by apk of the building machine, which must be told what to assemble.
      ...(target.variant === "runtime" && { APK_ARCH: apkArchitecture(platform) }),
    },
    layout,
    insecureBase: isLoopback(registryUrl(parseRepository(sources.base).registry)),
    hostNetwork: isLoopback(new URL(sources.packages)),
    ...(sources.auth && { secrets: APK_SECRETS }),
    ...(target.variant === "dev" && { shared: { stage: "tools", key: target.branch } }),
    signal,
  });
}

/** Engines want names of lower-case letters, digits and `-._`: `node-22-dev`. */
export function nameInEngine(target: Target): string {
  return target.name.replace(":", "-").toLowerCase();
}
