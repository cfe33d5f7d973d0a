import { hostPlatform } from "../alpine/platform.ts";
import { supportOf } from "../catalog/end-of-life.ts";
import type { Sources, Target } from "../catalog/target.ts";
import { type Obstacle, obstacleOf } from "../plan/availability.ts";
import { isDue, type PlannedTarget, withObstacles } from "../plan/plan.ts";
import { type Aim, lossOf } from "../plan/platforms.ts";
import type { Published } from "../plan/published.ts";
import { heldPlatforms, isProblem, type PlatformJudge } from "./judge-platforms.ts";

/** What is published of each target, by name. */
type PublishedByName = ReadonlyMap<string, Published | undefined>;

/** Which platforms each target is to have, by name. Archived ones, which are built once, keep what they have. */
export async function aimsOf(
  targets: readonly Target[],
  published: PublishedByName,
  judge: PlatformJudge,
  today: Date,
): Promise<ReadonlyMap<string, Aim>> {
  const aimOne = async (target: Target): Promise<Aim> => {
    const held = heldPlatforms(target, published.get(target.name));
    if (held.length > 0 && supportOf(target, today) === "archived")
      return { platforms: held, unavailable: [] };
    return judge.aim(target, held);
  };
  return new Map(await Promise.all(targets.map(async (one) => [one.name, await aimOne(one)] as const)));
}

/**
 * Looks up whether what is due can be built of what the mirror offers, and for all platforms that its tag has. A
 * mirror out of reach is no obstacle: what could not be found out is told with the plan.
 */
export async function findObstacles(
  planned: readonly PlannedTarget[],
  published: PublishedByName,
  judge: PlatformJudge,
  sources: Sources,
): Promise<PlannedTarget[]> {
  const obstacleTo = async ({ target, unavailable = [] }: PlannedTarget): Promise<Obstacle | undefined> => {
    // The machine's own platform, whichever are wanted: smoke tests run on it.
    const offer = await judge.offer(target.branch, hostPlatform());
    const own = isProblem(offer) ? undefined : obstacleOf(target, offer, sources);
    if (own) return own;
    if (target.platforms.length === 0) {
      const words = unavailable.map(({ platform, because }) => `${platform}: ${because}`);
      return { text: words.join("; "), excused: true };
    }
    const held = heldPlatforms(target, published.get(target.name));
    return lossOf(await judge.verdictsOn(target, held));
  };
  const due = planned.filter((one) => isDue(one));
  const found = await Promise.all(due.map(async (one) => [one.target.name, await obstacleTo(one)] as const));
  const obstacles = new Map(found);
  return withObstacles(planned, ({ name }) => obstacles.get(name));
}
