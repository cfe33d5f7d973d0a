import type { Runnable } from "../engine/runnable.ts";
import { apkArchitecture, hostPlatform, type Platform } from "../model/platform.ts";
import type { Published } from "../model/published.ts";
import type { Repository } from "../model/repositories.ts";
import type { Target } from "../model/target.ts";
import { platformLack } from "../plan/availability.ts";
import { type Offer, offerOf } from "../plan/offer.ts";
import { type Aim, aimOf, type Verdict } from "../plan/platforms.ts";
import type { Upstream } from "../upstream/upstream.ts";
import type { Session } from "./session.ts";

/** What judging needs of a session. */
export type JudgeSession = Pick<Session, "chosenPlatforms" | "runnable">;

/** Says which platforms can be built. Asks Alpine and the engine no more than it must, and each once. */
export interface PlatformJudge {
  /**
   * Which platforms a target is to have now.
   * @param held what its tag has, and keeps; none where what is built is not published
   */
  aim(target: Target, held: readonly Platform[]): Promise<Aim>;
  /** Of platforms that a target's tag has, which can be built. */
  verdictsOn(target: Target, platforms: readonly Platform[]): Promise<ReadonlyMap<Platform, Verdict>>;
  /** What a branch offers to a platform; undefined where the mirror has no such branch. */
  offer(branch: string, platform: Platform): Promise<Offer | undefined | Problem>;
  /** The repositories that the mirror lacks of a branch, as far as that could be found out. */
  missing(branch: string, platform: Platform): Promise<readonly Repository[]>;
}

interface Problem {
  readonly problem: string;
}

export function openPlatformJudge(session: JudgeSession, upstream: Upstream): PlatformJudge {
  const { chosenPlatforms } = session;
  const offers = new Map<string, Promise<Offer | undefined | Problem>>();
  const offer = (branch: string, platform: Platform) => {
    const key = `${branch} ${platform}`;
    const asking = offers.get(key) ?? askOffer(upstream, branch, platform);
    offers.set(key, asking);
    return asking;
  };

  const missing = async (branch: string, platform: Platform) => {
    const answer = await upstream.missing(branch, apkArchitecture(platform));
    return "value" in answer ? answer.value : [];
  };

  const verdictOn = async (target: Target, platform: Platform): Promise<Verdict> => {
    if (chosenPlatforms && !chosenPlatforms.includes(platform)) {
      return { kind: "cannot", because: "--platform leaves it out", advice: "name it there too" };
    }
    if (platform === hostPlatform()) return { kind: "can" };
    const offered = await offer(target.branch, platform);
    if (isProblem(offered)) return { kind: "unknown", because: offered.problem };
    const without = await missing(target.branch, platform);
    const lack =
      platformLack(target, offered, platform) ??
      (without.length > 0
        ? `the mirror has no ${without.join(" and ")} of v${target.branch} for it`
        : undefined);
    if (lack !== undefined) return { kind: "cannot", because: lack };
    // A runtime image is assembled by this machine's own apk, whatever its platform.
    if (target.variant === "runtime") return { kind: "can" };
    const running = canRun(platform, await session.runnable());
    return running.kind === "can" ? hasBase(platform, target, upstream) : running;
  };

  const verdictsOn = async (target: Target, platforms: readonly Platform[]) =>
    new Map(await Promise.all(platforms.map(async (one) => [one, await verdictOn(target, one)] as const)));

  return {
    offer,
    missing,
    verdictsOn,
    async aim(target, held) {
      const open = target.platforms.filter((platform) => !held.includes(platform));
      return aimOf(target, held, await verdictsOn(target, open));
    },
  };
}

/** The platforms of what is published that the catalog still wants: they are kept. */
export function heldPlatforms(target: Target, published: Published | undefined): Platform[] {
  return target.platforms.filter((platform) => published?.platforms?.includes(platform));
}

/** A company's copy of the base image may be for one platform alone, as the sandbox's is. */
async function hasBase(platform: Platform, { branch }: Target, upstream: Upstream): Promise<Verdict> {
  const answer = await upstream.basePlatforms(branch);
  if ("problem" in answer) return { kind: "unknown", because: answer.problem };
  if (answer.value.includes(platform)) return { kind: "can" };
  return { kind: "cannot", because: `the base image of ${branch} is not there for it` };
}

function canRun(platform: Platform, runnable: Runnable | undefined): Verdict {
  if (!runnable)
    return { kind: "unknown", because: "there is no engine here that could say whether it runs it" };
  if (runnable.platforms.includes(platform)) return { kind: "can" };
  return {
    kind: "cannot",
    because: `a dev image is built by programs of its own platform, which ${runnable.by} cannot run`,
    advice: runnable.advice(platform),
  };
}

async function askOffer(
  upstream: Upstream,
  branch: string,
  platform: Platform,
): Promise<Offer | undefined | Problem> {
  const answer = await upstream.packages(branch, apkArchitecture(platform));
  if ("problem" in answer) return { problem: answer.problem };
  return answer.value && offerOf([...answer.value.values()].flat());
}

/** An offer is a map, which has no such key. */
export function isProblem(offer: Offer | undefined | Problem): offer is Problem {
  return offer !== undefined && "problem" in offer;
}
