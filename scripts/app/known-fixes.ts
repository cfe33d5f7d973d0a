import { PLATFORMS } from "../model/platform.ts";
import type { Published } from "../model/published.ts";
import type { Target } from "../model/target.ts";
import { vulnerabilitiesIn } from "../plan/vulnerable.ts";
import type { Fixes } from "../upstream/upstream.ts";
import { askAlpine, askForFixes, type OfferedByBranch, valueIn } from "./ask-alpine.ts";
import type { Session } from "./session.ts";

/** What Alpine offers and has fixed on all branches of some targets: of those that have ended, too. */
export interface KnownFixes {
  readonly offered: OfferedByBranch;
  /** Branch → its list of fixes, where there is one and it could be read. */
  readonly fixes: ReadonlyMap<string, Fixes>;
  /** What could not be asked. */
  readonly unknown: readonly string[];
}

/** Asks Alpine for them. */
export async function askForAll(
  session: Pick<Session, "catalog" | "openUpstream">,
  targets: readonly Target[],
): Promise<KnownFixes> {
  const upstream = await session.openUpstream();
  const branches = new Set(targets.map(({ branch }) => branch));
  const offered = await askForFixes(upstream, await askAlpine(upstream, targets, undefined), branches);
  // Nothing found on a list that is not there, or could not be read, does not mean that there is nothing.
  const listed = session.catalog.sources.security === undefined ? [] : [...branches];
  const lists = listed.map(async (branch) => {
    const fixes = valueIn(await upstream.fixes(branch));
    return fixes ? [[branch, fixes] as const] : [];
  });
  return {
    offered,
    fixes: new Map((await Promise.all(lists)).flat()),
    unknown: [...new Set([...offered.values()].flatMap(({ unknown }) => unknown))],
  };
}

/**
 * The vulnerabilities of an image that Alpine has fixed; undefined where nobody can tell: it does not say what is in it,
 * there is no list, or no index that tells of which source packages are.
 */
export function lookUp({ branch }: Target, published: Published | undefined, { offered, fixes }: KnownFixes) {
  const [list, packages, sizes] = [fixes.get(branch), offered.get(branch)?.packages, published?.sizes];
  if (!list || !packages || !sizes) return undefined;
  const isWhole = PLATFORMS.every((platform) => !sizes.has(platform) || packages.has(platform));
  return isWhole ? vulnerabilitiesIn(sizes, packages, list) : undefined;
}
