import type { Runnable } from "../engine/runnable.ts";
import type { Support } from "../model/end-of-life.ts";
import { PLATFORMS, type Platform } from "../model/platform.ts";
import type { Published } from "../model/published.ts";
import { repositoriesOf } from "../model/repositories.ts";
import type { Catalog, Target } from "../model/target.ts";
import { groupBy } from "../system/group.ts";
import type { Answer } from "../upstream/upstream.ts";
import {
  type Obstacle,
  obstacleOf,
  type PlatformOffer,
  platformLack,
  repositoryObstacle,
} from "./availability.ts";

/**
 * The one place that decides which platforms a target is built for. Pure: what the catalog wants, what the user chose,
 * what is published, and what Alpine and the engine answered go in; app/platform-facts.ts asks them.
 */

/** What the decision is about, before Alpine or an engine is asked. */
export interface PlatformRequest {
  readonly target: Target;
  /** This machine's own platform: it can always be built, and smoke tests run on it. */
  readonly host: Platform;
  /** What `--platform` names; undefined where it was not given. */
  readonly chosen: readonly Platform[] | undefined;
  /** What the tag points at; undefined where there is nothing, or where no tag will be moved. */
  readonly published: Published | undefined;
  readonly support: Support;
}

/** What could be found out about one platform of a target. */
export type PlatformFacts =
  /** Why Alpine could not be asked. */
  | { readonly problem: string }
  /** The engine is asked for dev images only, and only where all packages are there. */
  | (PlatformOffer & { readonly engine?: EngineFacts });

/** Whether the programs of a platform can be run while a dev image is built. */
export interface EngineFacts {
  /** Undefined where no engine is there that could be asked. */
  readonly runnable: Runnable | undefined;
  /** The platforms of the branch's base image; asked only where the engine can run the platform. */
  readonly base?: Answer<readonly Platform[]>;
}

export type FactsByPlatform = ReadonlyMap<Platform, PlatformFacts>;

/** Why an image is made without a platform that the catalog wants. */
interface SkippedBecause {
  readonly because: string;
  /** What to do about it, where something can be done here. */
  readonly advice?: string;
  /** It could not be found out; a later run may succeed. */
  readonly isUnknown: boolean;
}

export interface SkippedPlatform extends SkippedBecause {
  readonly platform: Platform;
}

/** The platforms that an image is built for now. */
export interface PlatformChoice {
  readonly platforms: readonly Platform[];
  readonly skipped: readonly SkippedPlatform[];
}

/** What the catalog wants for a target, and what the user asks for on top of that. */
export function wantedPlatforms(
  { platforms }: Pick<Target, "platforms">,
  chosen: readonly Platform[] | undefined,
): readonly Platform[] {
  if (!chosen) return platforms;
  return PLATFORMS.filter((one) => chosen.includes(one) || platforms.includes(one));
}

/** Those that the tag has already and that are still wanted: a tag never loses one. */
export function keptPlatforms({ target, chosen, published }: PlatformRequest): Platform[] {
  return wantedPlatforms(target, chosen).filter((platform) => published?.platforms?.includes(platform));
}

/** Those that are wanted and not kept. An archived image, which is built once, gets no others than it has. */
function newPlatforms(request: PlatformRequest): Platform[] {
  const kept = keptPlatforms(request);
  if (kept.length > 0 && request.support === "archived") return [];
  return wantedPlatforms(request.target, request.chosen).filter((platform) => !kept.includes(platform));
}

/** Those that Alpine and the engine must be asked about before `choosePlatforms` can decide. */
export function platformsToAsk(request: PlatformRequest): Platform[] {
  const { host, chosen } = request;
  return newPlatforms(request).filter((one) => one !== host && (chosen?.includes(one) ?? true));
}

/**
 * Decides which platforms an image is built for: of those that are wanted, what its tag has, and what can be built now.
 * So an image that holds more than this machine could build is not due for that, and one that holds less is due where
 * the rest can be had.
 * @param facts of `platformsToAsk`
 */
export function choosePlatforms(request: PlatformRequest, facts: FactsByPlatform): PlatformChoice {
  const skipped = newPlatforms(request).flatMap((platform) => {
    const because = skippedBecause(platform, request, factsOn(platform, facts));
    return because ? [{ platform, ...because }] : [];
  });
  const left = newPlatforms(request).filter((one) => !skipped.some(({ platform }) => platform === one));
  const built = [...keptPlatforms(request), ...left];
  const wanted = wantedPlatforms(request.target, request.chosen);
  return { platforms: wanted.filter((one) => built.includes(one)), skipped };
}

function factsOn(platform: Platform, facts: FactsByPlatform): PlatformFacts {
  return facts.get(platform) ?? { problem: `nothing was asked about ${platform}` };
}

/** Why a platform cannot be built now; undefined where it can. */
function skippedBecause(
  platform: Platform,
  { target, host, chosen }: PlatformRequest,
  facts: PlatformFacts,
): SkippedBecause | undefined {
  if (chosen && !chosen.includes(platform)) {
    return { because: "--platform leaves it out", advice: "name it there too", isUnknown: false };
  }
  if (platform === host) return undefined;
  if ("problem" in facts) return { because: facts.problem, isUnknown: true };
  const lack = platformLack(target, platform, facts);
  if (lack !== undefined) return { because: lack, isUnknown: false };
  return facts.engine && engineLack(platform, target, facts.engine);
}

function engineLack(
  platform: Platform,
  { branch }: Target,
  { runnable, base }: EngineFacts,
): SkippedBecause | undefined {
  if (!runnable)
    return { because: "no engine is installed that could be asked whether it runs it", isUnknown: true };
  if (!runnable.platforms.includes(platform)) {
    return {
      because: `a dev image is built by programs of its own platform, which ${runnable.by} cannot run`,
      advice: runnable.advice(platform),
      isUnknown: false,
    };
  }
  if (base && "problem" in base) return { because: base.problem, isUnknown: true };
  // A company's copy of the base image may be for one platform alone, as the sandbox's is.
  if (base?.value.includes(platform)) return undefined;
  return { because: `the base image of ${branch} is not there for it`, isUnknown: false };
}

/**
 * What keeps a target from being rebuilt for its platforms, or nothing. Where the mirror is out of reach nothing is
 * begun: each build would find that out anew, minutes later.
 * @param facts of this machine's own platform, and of all that it is built for
 */
export function platformObstacle(
  { platforms, skipped = [] }: Partial<PlatformChoice> & Pick<PlatformChoice, "platforms">,
  request: PlatformRequest,
  facts: FactsByPlatform,
  catalog: Pick<Catalog, "sources" | "branches" | "repositories">,
): Obstacle | undefined {
  const { target, host } = request;
  const own = factsOn(host, facts);
  if ("problem" in own) return { text: own.problem, excused: false, isUnknown: true };
  const lack = ownObstacle(target, own, catalog);
  if (lack) return lack;
  for (const platform of platforms) {
    const foreign = factsOn(platform, facts);
    if ("problem" in foreign) return { text: foreign.problem, excused: false, isUnknown: true };
  }
  if (platforms.length === 0) {
    return { text: skipped.map((one) => `${one.platform}: ${one.because}`).join("; "), excused: true };
  }
  return lossOf(request, facts);
}

/** A package may be in a repository that is missing, so that this is told with the package. */
function ownObstacle(
  target: Target,
  { offer, missing }: PlatformOffer,
  catalog: Pick<Catalog, "sources" | "branches" | "repositories">,
): Obstacle | undefined {
  const own = obstacleOf(target, offer, catalog.sources);
  if (own && missing.length > 0) {
    return { ...own, text: `${own.text}; the mirror has no ${missing.join(" and ")} of v${target.branch}` };
  }
  const repositories = repositoriesOf(catalog, target.branch);
  return own ?? repositoryObstacle(target, missing, repositories, catalog);
}

/**
 * A platform that the tag has and that cannot be built now, so that the tag would point at half of what it did. What
 * could not be found out is no obstacle: the build will show it.
 */
function lossOf(request: PlatformRequest, facts: FactsByPlatform): Obstacle | undefined {
  const lost = keptPlatforms(request).flatMap((platform) => {
    const skipped = skippedBecause(platform, request, factsOn(platform, facts));
    return skipped && !skipped.isUnknown ? [{ platform, ...skipped }] : [];
  });
  if (lost.length === 0) return undefined;
  const words = lost.map(({ platform, because, advice }) => {
    const todo = [...(advice === undefined ? [] : [advice]), "take the platform out of the catalog"];
    return `its tag has ${platform}, which cannot be built now: ${because}; ${todo.join(", or ")}`;
  });
  return { text: words.join("; "), excused: false };
}

/**
 * The platforms of some targets that are skipped, each reason once, with the targets by name: it often holds for many.
 * Those with most targets first. Pure.
 */
export function groupSkipped(
  planned: readonly { readonly target: Target; readonly skipped?: readonly SkippedPlatform[] }[],
) {
  const all = planned.flatMap(({ target, skipped = [] }) => skipped.map((why) => ({ ...why, target })));
  const groups = groupBy(all, ({ platform, because }) => `${platform} ${because}`);
  return [...groups.values()]
    .map((group) => {
      const [{ platform, because, advice }] = group;
      const targets = group.map(({ target }) => target.name);
      return { platform, because, ...(advice && { advice }), targets };
    })
    .sort((a, b) => b.targets.length - a.targets.length);
}
