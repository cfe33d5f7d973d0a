import type { Runnable } from "../engine/runnable.ts";
import { apkArchitecture, type Platform } from "../model/platform.ts";
import type { Catalog, Target } from "../model/target.ts";
import { doubtsAbout } from "../plan/availability.ts";
import { type Offer, offerOf } from "../plan/offer.ts";
import { isDue, type PlannedTarget, withObstacles } from "../plan/plan.ts";
import {
  type FactsByPlatform,
  type PlatformFacts,
  type PlatformRequest,
  packagesLack,
  platformObstacle,
} from "../plan/platforms.ts";
import type { Answer, Upstream } from "../upstream/upstream.ts";

/** Asks about some platforms of a target; see `openPlatformFacts`. */
export type AskPlatforms = (target: Target, platforms: readonly Platform[]) => Promise<FactsByPlatform>;

/**
 * Opens what asks Alpine and the engine for all that the choice of platforms follows from: no more than it must, and
 * each once.
 * @param runnable which platforms the engine can run
 * @param host this machine's own platform, which needs no asking
 */
export function openPlatformFacts(
  upstream: Pick<Upstream, "packages" | "missing" | "basePlatforms">,
  runnable: () => Promise<Runnable | undefined>,
  host: Platform,
): AskPlatforms {
  const offers = new Map<string, Promise<Answer<Offer | undefined>>>();
  const offerTo = (branch: string, architecture: string) => {
    const key = `${branch} ${architecture}`;
    const asking = offers.get(key) ?? upstream.packages(branch, architecture).then((one) => toOffer(one));
    offers.set(key, asking);
    return asking;
  };
  const ask = async (target: Target, platform: Platform): Promise<PlatformFacts> => {
    const { branch, variant } = target;
    const offered = await offerTo(branch, apkArchitecture(platform));
    if ("problem" in offered) return { problem: offered.problem };
    const answer = await upstream.missing(branch, apkArchitecture(platform));
    const facts = { offer: offered.value, missing: "value" in answer ? answer.value : [] };
    // A runtime image is assembled by this machine's own apk, whatever its platform.
    if (variant === "runtime" || platform === host || packagesLack(target, platform, facts)) return facts;
    const running = await runnable();
    const isRun = running?.platforms.includes(platform);
    const base = isRun ? { base: await upstream.basePlatforms(branch) } : {};
    return { ...facts, engine: { runnable: running, ...base } };
  };
  return async (target, platforms) =>
    new Map(await Promise.all(platforms.map(async (one) => [one, await ask(target, one)] as const)));
}

function toOffer(answer: Awaited<ReturnType<Upstream["packages"]>>): Answer<Offer | undefined> {
  if ("problem" in answer) return answer;
  return { value: answer.value && offerOf([...answer.value.values()].flat()) };
}

/**
 * Looks up whether what is due can be built of what the mirror offers, and for all platforms that its tag has. Notes
 * what a mirror of a part of Alpine lacks for it, though nobody can say whether Alpine has it.
 * @param requests those that the platforms were chosen by
 */
export async function findObstacles(
  planned: readonly PlannedTarget[],
  requests: readonly PlatformRequest[],
  ask: AskPlatforms,
  catalog: Pick<Catalog, "sources" | "branches">,
): Promise<PlannedTarget[]> {
  const byName = new Map(requests.map((request) => [request.target.name, request]));
  const asked = planned.map(async (one) => {
    const request = byName.get(one.target.name);
    if (!request || !isDue(one)) return [];
    const facts = await ask(one.target, [...new Set([request.host, ...one.platforms])]);
    return [[one.target.name, { one, request, facts }]] as const;
  });
  const known = new Map((await Promise.all(asked)).flat());
  const obstacles = withObstacles(planned, ({ name }) => {
    const found = known.get(name);
    return found && platformObstacle(found.one, found.request, found.facts, catalog);
  });
  return obstacles.map((one) => {
    const found = known.get(one.target.name);
    const own = found?.facts.get(found.request.host);
    if (!isDue(one) || !own || "problem" in own) return one;
    const doubts = doubtsAbout(one.target, own.offer, catalog.sources);
    return doubts.length === 0 ? one : { ...one, notes: [...(one.notes ?? []), ...doubts] };
  });
}
