import type { Platform } from "../model/platform.ts";
import type { Target } from "../model/target.ts";
import type { Obstacle, UnavailablePlatform } from "./availability.ts";
import type { PlannedTarget } from "./plan.ts";

/** Whether a platform of a target can be built now, as far as it could be found out. */
export type Verdict =
  | { readonly kind: "can" }
  | { readonly kind: "cannot"; readonly because: string; readonly advice?: string }
  | { readonly kind: "unknown"; readonly because: string };

/** The platforms that an image is to have now. */
export interface Aim {
  readonly platforms: readonly Platform[];
  readonly unavailable: readonly UnavailablePlatform[];
}

/**
 * Which platforms an image is to have: of those that the catalog wants, what can be built now, and what its tag
 * has already, which is never given up. Pure. So an image that holds more than this machine could build is not due
 * for that, and one that holds less is due where the rest can be had.
 *
 * @param held the platforms of what is published
 * @param verdicts of the platforms that are neither held nor this machine's own; those two need none here
 */
export function aimOf(
  { platforms }: Target,
  held: readonly Platform[],
  verdicts: ReadonlyMap<Platform, Verdict>,
): Aim {
  const unavailable = platforms.flatMap((platform): UnavailablePlatform[] => {
    const verdict = verdicts.get(platform);
    if (held.includes(platform) || verdict === undefined || verdict.kind === "can") return [];
    const { because, kind } = verdict;
    const advice = kind === "cannot" && verdict.advice !== undefined ? { advice: verdict.advice } : {};
    return [{ platform, because, ...advice, isUnknown: kind === "unknown" }];
  });
  const without = new Set(unavailable.map(({ platform }) => platform));
  return { platforms: platforms.filter((platform) => !without.has(platform)), unavailable };
}

/**
 * What keeps a target from being rebuilt: a platform that its tag has and that cannot be built now, so that its
 * tag would come to point at half of what it did. Pure. What could not be found out is no obstacle: the build tells.
 */
export function lossOf(verdicts: ReadonlyMap<Platform, Verdict>): Obstacle | undefined {
  const lost = [...verdicts].flatMap(([platform, verdict]) =>
    verdict.kind === "cannot" ? [{ platform, ...verdict }] : [],
  );
  if (lost.length === 0) return undefined;
  const words = lost.map(({ platform, because, advice }) => {
    const todo = [...(advice === undefined ? [] : [advice]), "take the platform out of the catalog"];
    return `its tag has ${platform}, which cannot be built now: ${because}; ${todo.join(", or ")}`;
  });
  return { text: words.join("; "), excused: false };
}

/** The platforms of some targets that cannot be had, each with its reason, and the targets by name. */
export interface UnavailableGroup {
  readonly platform: Platform;
  readonly because: string;
  readonly advice?: string;
  readonly targets: readonly string[];
}

/** The same reason mostly holds for many: those with most targets first. Pure. */
export function groupUnavailable(planned: readonly PlannedTarget[]): UnavailableGroup[] {
  const groups = new Map<string, UnavailableGroup & { targets: string[] }>();
  for (const { target, unavailable = [] } of planned) {
    for (const { platform, because, advice } of unavailable) {
      const key = `${platform} ${because}`;
      const group = groups.get(key) ?? { platform, because, ...(advice && { advice }), targets: [] };
      group.targets.push(target.name);
      groups.set(key, group);
    }
  }
  return [...groups.values()].sort((a, b) => b.targets.length - a.targets.length);
}
