import { apkArchitecture } from "../model/platform.ts";
import type { Target } from "../model/target.ts";
import { type BuildTimes, buildTimes, timeKey } from "../plan/build-times.ts";
import type { PlannedTarget } from "../plan/plan.ts";
import { groupBy } from "../system/group.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { valueIn } from "./ask-alpine.ts";

/**
 * When the images of a plan will have been made: each engine must know before it begins.
 * @param upstream asks for what the plan has asked for no second time
 * @returns by `timeKey`, as far as Alpine's indexes could be read; of what is missing its build finds out
 */
export async function timesOf(
  planned: readonly Pick<PlannedTarget, "target" | "platforms">[],
  upstream: Pick<Upstream, "packages">,
): Promise<ReadonlyMap<string, BuildTimes>> {
  const wanted = planned.flatMap(({ target, platforms }) =>
    platforms.map((platform) => ({ target, platform })),
  );
  const times = new Map<string, BuildTimes>();
  // One index after the other: what a branch provides takes more room than its index.
  for (const [first, ...others] of groupBy(
    wanted,
    ({ target, platform }) => `${target.branch} ${platform}`,
  ).values()) {
    const { platform } = first;
    const targets: Target[] = [first, ...others].map(({ target }) => target);
    const packages = valueIn(await upstream.packages(first.target.branch, apkArchitecture(platform)));
    if (!packages) continue;
    for (const [name, one] of buildTimes(targets, packages)) times.set(timeKey({ name }, platform), one);
  }
  return times;
}
