import type { Runnable } from "../engine/runnable.ts";
import { apkArchitecture, PLATFORMS, type Platform } from "../model/platform.ts";
import type { Target } from "../model/target.ts";
import { platformLack } from "../plan/availability.ts";
import { type Offer, offerOf } from "../plan/offer.ts";
import type { FactsByPlatform, PlatformFacts } from "../plan/platforms.ts";
import { once } from "../system/once.ts";
import type { Answer, Upstream } from "../upstream/upstream.ts";
import { valueIn } from "./ask-alpine.ts";

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
  const offerTo = once(async (branch, architecture): Promise<Answer<Offer | undefined>> => {
    const answer = await upstream.packages(branch, architecture);
    if ("problem" in answer) return answer;
    return { value: answer.value && offerOf([...answer.value.values()].flat()) };
  });
  const ask = async (target: Target, platform: Platform): Promise<PlatformFacts> => {
    const { branch, variant } = target;
    const offered = await offerTo(branch, apkArchitecture(platform));
    if ("problem" in offered) return offered;
    const missing = await upstream.missing(branch, apkArchitecture(platform));
    const facts = { offer: offered.value, missing: valueIn(missing) ?? [] };
    // A runtime image is assembled by this machine's own apk, whatever its platform.
    if (variant !== "dev" || platform === host || platformLack(target, platform, facts)) return facts;
    const running = await runnable();
    const isRun = running?.platforms.includes(platform);
    const base = isRun ? { base: await upstream.basePlatforms(branch) } : {};
    return { ...facts, engine: { runnable: running, ...base } };
  };
  return async (target, platforms) =>
    new Map(await Promise.all(platforms.map(async (one) => [one, await ask(target, one)] as const)));
}

/** What builds each platform where each has a machine of its own. */
export const EVERY_MACHINE: Runnable = { platforms: PLATFORMS, by: "no machine", advice: () => "" };
