import { supportOf } from "../model/end-of-life.ts";
import { hostPlatform } from "../model/platform.ts";
import type { Published } from "../model/published.ts";
import { type Repository, repositoriesOf } from "../model/repositories.ts";
import type { Catalog, Sources, Target } from "../model/target.ts";
import { doubtsAbout, type Obstacle, obstacleOf, repositoryObstacle } from "../plan/availability.ts";
import type { Offer } from "../plan/offer.ts";
import { isDue, type PlannedTarget, withObstacles } from "../plan/plan.ts";
import { type Aim, lossOf } from "../plan/platforms.ts";
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
 * Looks up whether what is due can be built of what the mirror offers, and for all platforms that its tag has. Where
 * the mirror is out of reach nothing is begun: each build would find that out anew, minutes later.
 */
export async function findObstacles(
  planned: readonly PlannedTarget[],
  published: PublishedByName,
  judge: PlatformJudge,
  catalog: Pick<Catalog, "sources" | "branches">,
): Promise<PlannedTarget[]> {
  const obstacleTo = async ({ target, unavailable = [] }: PlannedTarget): Promise<Obstacle | undefined> => {
    // The machine's own platform, whichever are wanted: smoke tests run on it.
    const offer = await judge.offer(target.branch, hostPlatform());
    if (isProblem(offer)) return awayObstacle(offer.problem);
    const own = ownObstacle(target, offer, await judge.missing(target.branch, hostPlatform()), catalog);
    if (own) return own;
    for (const platform of target.platforms) {
      const foreign = await judge.offer(target.branch, platform);
      if (isProblem(foreign)) return awayObstacle(foreign.problem);
    }
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
  return withDoubts(
    withObstacles(planned, ({ name }) => obstacles.get(name)),
    judge,
    catalog.sources,
  );
}

function awayObstacle(problem: string): Obstacle {
  return { text: problem, excused: false, isUnknown: true };
}

/** What lacks is told with a repository that is missing: it may be in there. */
function ownObstacle(
  target: Target,
  offer: Offer | undefined,
  missing: readonly Repository[],
  catalog: Pick<Catalog, "sources" | "branches">,
): Obstacle | undefined {
  const own = obstacleOf(target, offer, catalog.sources);
  if (own && missing.length > 0) {
    return { ...own, text: `${own.text}; the mirror has no ${missing.join(" and ")} of v${target.branch}` };
  }
  const repositories = repositoriesOf(catalog, target.branch);
  return own ?? repositoryObstacle(target, missing, repositories, catalog.branches);
}

/** Notes what a mirror of a part of Alpine lacks for what is due, though nobody can say whether Alpine has it. */
function withDoubts(
  planned: readonly PlannedTarget[],
  judge: PlatformJudge,
  sources: Sources,
): Promise<PlannedTarget[]> {
  return Promise.all(
    planned.map(async (one) => {
      if (!isDue(one)) return one;
      const offer = await judge.offer(one.target.branch, hostPlatform());
      const doubts = isProblem(offer) ? [] : doubtsAbout(one.target, offer, sources);
      return doubts.length === 0 ? one : { ...one, notes: [...(one.notes ?? []), ...doubts] };
    }),
  );
}
