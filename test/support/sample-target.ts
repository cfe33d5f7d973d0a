import { KNOWN_USERS } from "../../scripts/model/configuration.ts";
import type { Inputs } from "../../scripts/model/inputs.ts";
import { hostPlatform } from "../../scripts/model/platform.ts";
import { DEFAULT_POLICY } from "../../scripts/model/policy.ts";
import type { Catalog, Target } from "../../scripts/model/target.ts";
import { type OfVariants, tagFor, targetName } from "../../scripts/model/target.ts";
import type { PlannedTarget } from "../../scripts/plan/plan.ts";

/** A target for tests: `node:22`, for this machine's platform, unless told otherwise. */
export function sampleTarget(changes: Partial<Target> = {}): Target {
  const { image = "node", version = "22", variant = "runtime" } = changes;
  return {
    name: targetName(image, version, variant),
    image,
    title: "Node.js",
    version,
    variant,
    branch: "3.22",
    package: "nodejs",
    repository: "main",
    world: ["nodejs~22"],
    shared: variant === "dev" ? ["git", "make"] : [],
    env: {},
    shell: variant === "dev",
    links: {},
    remove: [],
    truststore: false,
    files: {},
    user: variant === "dev" ? KNOWN_USERS.root : KNOWN_USERS.nonroot,
    labels: {},
    expose: [],
    volumes: [],
    platforms: [hostPlatform()],
    policy: DEFAULT_POLICY,
    tags: [version, "latest"].map((tag) => tagFor(variant, tag)),
    description: "The JavaScript runtime.",
    place: "catalog.yaml:12:7",
    smoke: { version: ["node", "--version"], files: {}, run: ["node", "hello.js"] },
    ...changes,
  };
}

export type SampleJob = Pick<PlannedTarget, "target" | "platforms" | "inputs">;

/** A target to build for all of its platforms. */
export function sampleJob(target: Target = sampleTarget(), inputs: Inputs = {}): SampleJob {
  return { target, platforms: target.platforms, inputs };
}

/** A planned target for tests: not published, with nothing to do, unless told otherwise. */
export function samplePlanned(target: Target, changes: Partial<PlannedTarget> = {}): PlannedTarget {
  return {
    ...sampleJob(target),
    ...{ published: undefined, reasons: [], held: [], support: "supported" },
    ...changes,
  };
}

/** Both variants of one version. */
export type SampleRelease = OfVariants<Target>;

/** A release for tests: `node:22` and `node:22-dev`, both with the same changes. */
export function sampleRelease(changes: Partial<Omit<Target, "variant" | "name">> = {}): SampleRelease {
  return {
    runtime: sampleTarget({ ...changes, variant: "runtime" }),
    dev: sampleTarget({ ...changes, variant: "dev" }),
  };
}

/** The third variant of such a release. */
export function sampleDebug(changes: Partial<Omit<Target, "variant" | "name">> = {}): Target {
  return sampleTarget({ ...changes, variant: "debug" });
}

/** A catalog of such targets. */
export function sampleCatalog(targets: readonly Target[] = []): Catalog {
  return {
    file: "catalog.yaml",
    registry: "registry.example/base",
    sources: { base: "registry.example/alpine", packages: "https://packages.example/alpine" },
    branches: {},
    excluded: {},
    targets,
  };
}
