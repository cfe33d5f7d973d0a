import type { Platform } from "../model/platform.ts";
import { nativePlatforms, type Runners } from "../model/runners.ts";
import { releaseOf } from "../model/target.ts";
import { UserError } from "../system/errors.ts";
import { groupBy } from "../system/group.ts";
import type { PlannedTarget } from "./plan.ts";

/**
 * What one machine does of a plan that is made for all: one platform of each image. Programs run on the machine's own
 * platform only: where it is another one, its own is built as well, to test with. Pure.
 * @returns those versions that have the platform; one that nothing here can be tested of has an obstacle
 */
export function halfOf(
  planned: readonly PlannedTarget[],
  platform: Platform,
  host: Platform,
): PlannedTarget[] {
  const releases = groupBy(planned, ({ target }) => releaseOf(target));
  return [...releases.values()].flatMap((members): PlannedTarget[] => {
    if (!members.some(({ platforms }) => platforms.includes(platform))) return [];
    const untested = members.find(({ platforms }) => !platforms.includes(host));
    if (untested) {
      const text = `${untested.target.name} is not made for ${host}, so its version cannot be tested here`;
      return members.map((one) => ({ obstacle: { text, excused: true }, ...one }));
    }
    const isOurs = (one: Platform) => one === platform || one === host;
    return members.map((one) => ({ ...one, platforms: one.platforms.filter((each) => isOurs(each)) }));
  });
}

/** A platform of some versions, and on which machine it is made. */
export interface PlatformShare {
  readonly platform: Platform;
  /** The machine's own. */
  readonly host: Platform;
  /** What the CI calls such machines. */
  readonly runner: string;
  readonly planned: readonly PlannedTarget[];
}

type Share = PlatformShare & { readonly planned: PlannedTarget[] };

/**
 * Shares what is due out among the machines of a CI: each platform of a version to its own machine, if that can test all
 * of the version; else to one that can, which only assembles it. Pure.
 * @throws UserError where a platform that is due has no runner, or no machine can test a version
 */
export function sharesOf(due: readonly PlannedTarget[], runners: Runners): PlatformShare[] {
  const native = nativePlatforms(runners);
  const releases = groupBy(due, ({ target }) => releaseOf(target));
  const shares = new Map<string, Share>();
  for (const members of releases.values()) {
    const able = native.filter((one) => members.every(({ platforms }) => platforms.includes(one)));
    for (const platform of new Set(members.flatMap(({ platforms }) => platforms))) {
      const host = able.includes(platform) ? platform : able[0];
      const runner = host && runners[host];
      const isUnnamed = runners[platform] === undefined;
      if (!host || runner === undefined || isUnnamed) {
        const what = isUnnamed ? platform : `any platform of ${members[0].target.name}`;
        throw new UserError(`the catalog's runners name no machine for ${what}`, "add it there");
      }
      const key = `${platform} ${host}`;
      const share: Share = shares.get(key) ?? { platform, host, runner, planned: [] };
      shares.set(key, share);
      share.planned.push(...members);
    }
  }
  return [...shares.values()];
}
