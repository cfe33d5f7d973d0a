import { type Target, targetName } from "./target.ts";

/** Both variants of one version of an image. They are published together, or not at all. */
export interface Release {
  readonly image: string;
  readonly version: string;
  readonly runtime: Target;
  readonly dev: Target;
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
