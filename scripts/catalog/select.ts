import { UserError } from "../system/errors.ts";
import { typed } from "../system/started.ts";
import { nearest } from "./nearest.ts";
import type { Target } from "./target.ts";
import { targetName } from "./targets.ts";

/** Both variants of one version of an image. They are published together, or not at all. */
export interface Release {
  readonly image: string;
  readonly version: string;
  readonly runtime: Target;
  readonly dev: Target;
}

/**
 * The targets that a command line names, in the catalog's order and each once. `node` is every version and
 * variant of an image; `node:22`, `node:22-dev`, `node:lts` is the one target that has this tag. No
 * patterns at all means all targets.
 *
 * @throws UserError for each pattern that names no target, with the names that are near
 */
export function selectTargets(targets: readonly Target[], patterns: readonly string[]): Target[] {
  if (patterns.length === 0) return [...targets];
  const wanted = new Set(patterns);
  const known = new Set(targets.flatMap((target) => namesOf(target)));
  const unknown = [...wanted].filter((pattern) => !known.has(pattern));
  if (unknown.length > 0) {
    throw new UserError(
      unknown.map((pattern) => unknownTarget(targets, pattern)).join("\n"),
      `${typed("list")} shows all targets`,
    );
  }
  return targets.filter((target) => namesOf(target).some((name) => wanted.has(name)));
}

/** What a target may be called: by its image, and by each of its tags. */
function namesOf({ image, tags }: Target): string[] {
  return [image, ...tags.map((tag) => `${image}:${tag}`)];
}

function unknownTarget(targets: readonly Target[], pattern: string): string {
  const image = pattern.split(":", 1)[0];
  const ofImage = targets.filter((target) => target.image === image).map(({ name }) => name);
  if (ofImage.length > 0) return `no target is called "${pattern}"; ${image} has ${ofImage.join(", ")}`;
  const images = new Set(targets.map((target) => target.image));
  const names = pattern.includes(":") ? targets.map(({ name }) => name) : [...images];
  const near = nearest(pattern, names);
  const advice =
    near.length > 0 ? `did you mean ${near.join(" or ")}?` : `there are ${[...images].join(", ")}`;
  return `no target is called "${pattern}"; ${advice}`;
}

/** The name of a target's other variant: `node:22` → `node:22-dev`, and back. */
export function pairOf({ image, version, variant }: Target): string {
  return targetName(image, version, variant === "runtime" ? "dev" : "runtime");
}

/**
 * The targets by version, in their order.
 *
 * @throws Error when a target comes without its pair: nothing can be published of it
 */
export function releasesOf(targets: readonly Target[]): Release[] {
  const byName = new Map(targets.map((target) => [target.name, target]));
  const releases = new Map<string, Release>();
  for (const target of targets) {
    const pair = byName.get(pairOf(target));
    if (!pair) throw new Error(`${target.name} comes without its pair ${pairOf(target)}`);
    const { image, version } = target;
    const [runtime, dev] = target.variant === "runtime" ? [target, pair] : [pair, target];
    releases.set(runtime.name, { image, version, runtime, dev });
  }
  return [...releases.values()];
}
