import type { Built, BuiltRelease } from "../build/built.ts";
import { containersOf } from "../engine/pods/container.ts";
import { containerName, DEV_USER, type Shape } from "../engine/pods/manifest.ts";
import type { Pods } from "../engine/pods/pods.ts";
import type { Descriptor } from "../formats/oci/types.ts";
import { KNOWN_USERS } from "../model/configuration.ts";
import type { Platform } from "../model/platform.ts";
import { type Check, type Example, eachOf, type Target, type Variant } from "../model/target.ts";
import { anybodyFor, type Containers } from "./programs.ts";

/** A cluster whose Pods run what is tested, in place of an engine on this machine. */
export interface SmokePods {
  readonly pods: Pods;
  /** The platforms that are tested, of those that a release was built for: each on a node of it. */
  readonly platforms: readonly Platform[];
  /**
   * Brings an image to where the cluster's nodes pull it from, by digest: no tag points at it.
   * @returns the repository, with its registry: `registry.example/birds/node`
   */
  readonly bring: (built: Built) => Promise<string>;
  /** Tells what is left out. */
  readonly note: (text: string) => void;
}

/** What a release is tested with, beside its smoke test. */
export interface Trials {
  readonly checks: readonly Check[];
  readonly example?: Example | undefined;
}

/**
 * What of it can be tried in a Pod of the restricted profile, where nobody is root and nothing reaches a server of this
 * machine. Pure.
 * @returns what is left, and a line for each thing that is not
 */
export function trialsInPod({ checks, example }: Trials, name: string): Trials & { leftOut: string[] } {
  const reasonOf = ({ tls, user }: Check) => {
    if (tls) return "a Pod does not reach the server that it asks";
    return user !== undefined && isRoot(user) ? "nobody is root in a Pod" : undefined;
  };
  const leftOut = checks.flatMap((check) => {
    const reason = reasonOf(check);
    return reason === undefined ? [] : [`${name}: the check ${check.name} is left out, as ${reason}`];
  });
  if (example?.root)
    leftOut.push(`${name}: the example is left out, as its dependencies need root, whom no Pod has`);
  return {
    checks: checks.filter((check) => reasonOf(check) === undefined),
    example: example?.root ? undefined : example,
    leftOut,
  };
}

/** The images of a release in a Pod of their own. */
export interface OpenedRelease {
  readonly containers: Containers;
  remove(): Promise<void>;
}

/** Of which platform its node is; where its files are on this machine before they travel, and where they are in it. */
interface Places {
  readonly platform: Platform;
  readonly scratch: string;
  readonly folders: readonly string[];
  readonly signal: AbortSignal | undefined;
}

/**
 * Brings a release to the registry, and has a Pod run it: the very manifests that were built, of one platform.
 * @throws UserError where the cluster cannot run it
 */
export async function openInPod(
  release: BuiltRelease,
  { checks, example }: Trials,
  { pods, bring }: SmokePods,
  { platform, scratch, folders, signal }: Places,
): Promise<OpenedRelease> {
  const images: Partial<Record<Variant, string>> = {};
  for (const built of eachOf(release)) {
    images[built.target.variant] = `${await bring(built)}@${manifestOf(built, platform).digest}`;
  }
  const shapes = eachOf(release).flatMap(({ target }) => shapesOf(target, checks));
  const title = release.runtime.target.name;
  const needsNetwork = example?.dependencies !== undefined;
  const request = { title, platform, images, shapes, folders, needsNetwork };
  const pod = await pods.open(request, signal);
  const inPod = containersOf(pod, request, scratch);
  const open = ({ target }: Built) => {
    const { run, remove } = inPod.container(target.variant, userInPod(target));
    return {
      // Who is root on an engine is not in a Pod.
      run: (argv, options = {}) =>
        run(argv, { ...options, ...(options.user !== undefined && { user: unprivileged(options.user) }) }),
      remove,
    } satisfies Containers["dev"];
  };
  const { runtime, dev, debug } = release;
  const containers = { runtime: open(runtime), dev: open(dev), ...(debug && { debug: open(debug) }) };
  return { containers, remove: () => pod.remove() };
}

/** The platforms that a release is tested on in Pods: at least one, or it fails as it was not built for any. */
export function platformsInPods(release: BuiltRelease, { platforms }: SmokePods): readonly Platform[] {
  const built = platforms.filter((platform) =>
    eachOf(release).every((one) => one.platforms.some((each) => each.platform === platform)),
  );
  return built.length > 0 ? built : platforms;
}

/** The manifest of a platform. @throws Error where the target was not built for it */
export function manifestOf({ target, platforms }: Built, platform: Platform): Descriptor {
  const built = platforms.find((one) => one.platform === platform);
  if (!built) throw new Error(`${target.name} was not built for ${platform}, on which it is to be tested`);
  return built.manifest;
}

/** All the ways in which a target is run: as its user, as anybody, and as checks say. Each once. */
function shapesOf(target: Target, checks: readonly Check[]): Shape[] {
  const { variant } = target;
  const anybody = anybodyFor(target);
  const own = checks.filter((check) => check.variants.includes(variant));
  const shapes = [
    { variant, user: userInPod(target), isReadOnly: false },
    ...(anybody === undefined ? [] : [{ variant, user: unprivileged(anybody), isReadOnly: true }]),
    ...own.flatMap(({ user }) => (user === undefined ? [] : [{ variant, user, isReadOnly: false }])),
  ];
  return [...new Map(shapes.map((shape) => [containerName(shape), shape])).values()];
}

const NONROOT = `${KNOWN_USERS.nonroot.uid}:${KNOWN_USERS.nonroot.gid}`;

/** Who an image runs as in a Pod, where its own user is root: nobody that it knows in dev, `nonroot` in the others. */
function userInPod({ variant, user: { uid, gid } }: Target): string {
  if (uid !== 0) return `${uid}:${gid}`;
  return variant === "dev" ? DEV_USER : NONROOT;
}

function unprivileged(user: string): string {
  return isRoot(user) ? NONROOT : user;
}

function isRoot(user: string): boolean {
  return Number(user.split(":")[0]) === 0;
}
