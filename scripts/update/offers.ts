import { apkArchitecture, type Platform } from "../model/platform.ts";
import { type Offer, offerOf } from "../plan/offer.ts";
import type { PackagesByName, Upstream } from "../upstream/upstream.ts";

/** What a branch offers to one platform. */
export interface PlatformOffer {
  /** By the names of packages alone: what gives a version its name is no other package that provides it. */
  readonly packages: PackagesByName;
  readonly provided: Offer;
}

/** What a branch offers to each platform; to none where the mirror has no such branch. */
export type BranchOffer = ReadonlyMap<Platform, PlatformOffer>;

/** What the branches offer that could be asked. Nothing is known of any other. */
export type Offers = ReadonlyMap<string, BranchOffer>;

export interface AskedOffers {
  readonly offers: Offers;
  /** Why some branches could not be asked. */
  readonly problems: readonly string[];
}

/**
 * Asks what branches offer to all platforms. Where the answer for one platform is missing, nothing is known of
 * the branch: what is carried for one and not for the other is no version of ours.
 */
export async function askOffers(
  upstream: Pick<Upstream, "packages">,
  branches: readonly string[],
  platforms: readonly Platform[],
): Promise<AskedOffers> {
  const asked = await Promise.all(
    branches.map(async (branch) => ({ branch, ...(await askBranch(upstream, branch, platforms)) })),
  );
  return {
    offers: new Map(asked.flatMap(({ branch, offer }) => (offer ? [[branch, offer]] : []))),
    problems: asked.flatMap(({ problem }) => (problem === undefined ? [] : [problem])),
  };
}

async function askBranch(
  upstream: Pick<Upstream, "packages">,
  branch: string,
  platforms: readonly Platform[],
): Promise<{ readonly offer?: BranchOffer; readonly problem?: string }> {
  const offers = new Map<Platform, PlatformOffer>();
  const asking = platforms.map(async (platform) => ({
    platform,
    answer: await upstream.packages(branch, apkArchitecture(platform)),
  }));
  for (const { platform, answer } of await Promise.all(asking)) {
    if ("problem" in answer) return { problem: answer.problem };
    // A mirror that lacks a branch for one platform has none that images for all could be built of.
    if (!answer.value) return { offer: new Map() };
    offers.set(platform, { packages: answer.value, provided: offerOf([...answer.value.values()].flat()) });
  }
  return { offer: offers };
}
