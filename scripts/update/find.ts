import { compareVersions } from "../formats/alpine/version.ts";
import type { Platform } from "../model/platform.ts";
import { messageOf, UserError } from "../system/errors.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { newVersions } from "./additions.ts";
import { askOffers, candidatesIn, carriersOf } from "./carriers.ts";
import { existingChanges } from "./moves.ts";
import { type AlpineBranch, type FetchDocument, readReleases } from "./releases.ts";
import { branchesOf, type Carried, type Change, type Situation } from "./situation.ts";
import type { WrittenCatalog } from "./written.ts";

/** What proposals are made from. */
export interface Surroundings {
  readonly upstream: Pick<Upstream, "packages">;
  /** URL or path of releases.json. */
  readonly releases?: string;
  readonly fetchDocument: FetchDocument;
  readonly platforms: readonly Platform[];
  readonly today: Date;
  readonly isChosen: Situation["isChosen"];
}

/** What was found. */
export interface Findings {
  readonly changes: readonly Change[];
  readonly carried: readonly Carried[];
  /** The supported branches, newest first. */
  readonly supported: readonly AlpineBranch[];
  /** What could not be asked, and why. */
  readonly problems: readonly string[];
}

/**
 * Asks Alpine, and finds what to change in a catalog. What cannot be asked is reported, and nothing that depends on it
 * is proposed.
 * @throws UserError when it is not known which branches are supported, or the file of releases is not valid
 */
export async function findChanges(written: WrittenCatalog, surroundings: Surroundings): Promise<Findings> {
  const { upstream, platforms, today, isChosen } = surroundings;
  const { released = [], problem } = await askReleases(surroundings);
  const branches = branchesOf(written, released, today);
  if (branches.ends.size === 0) {
    throw new UserError(
      `${written.file}: it is not known which branches of Alpine are supported${problem === undefined ? "" : ` (${problem})`}`,
      "set sources.releases to https://alpinelinux.org/releases.json, or to a copy of it",
    );
  }
  const { offers, problems } = await askOffers(upstream, branches.supported, platforms);
  const chosen = candidatesIn(written.entry).filter((one) => isChosen(one));
  return {
    changes: proposalsOf({ written, branches, offers, today, isChosen }),
    carried: chosen.map((candidate) => {
      const { image, version, entry } = candidate;
      const carriers = carriersOf(written.entry, candidate, branches.supported, offers);
      return { image, version, branch: entry.branch, carriers };
    }),
    supported: branches.supported.map((name) => ({ name, eol: branches.ends.get(name) ?? "" })),
    problems: [...new Set([...(problem === undefined ? [] : [problem]), ...problems])],
  };
}

/** A list that cannot be fetched is a problem, no error: what the catalog says of its branches still counts. */
async function askReleases({ releases, fetchDocument }: Surroundings) {
  if (releases === undefined) return {};
  try {
    return { released: await readReleases(releases, fetchDocument) };
  } catch (error) {
    if (error instanceof UserError) throw error;
    return { problem: `${releases}: ${messageOf(error)}` };
  }
}

/**
 * What to change in a catalog: branches first, then image by image, in the catalog's order, new versions and those that
 * there are, the newest first. Pure. Once all edits are made there are no more proposals.
 */
export function proposalsOf(situation: Situation): Change[] {
  const { written, branches, isChosen } = situation;
  const existing = existingChanges(situation);
  const moved = new Map<string, string>();
  for (const change of existing) {
    if (change.kind !== "move") continue;
    for (const name of [`${change.image}:${change.version}`, ...change.along]) moved.set(name, change.to);
  }
  const added = newVersions(situation, moved);
  const ofImages = Object.keys(written.entry.images).flatMap((image) =>
    [...added, ...existing]
      .filter((change) => change.image === image)
      .sort((a, b) => compareVersions(b.version, a.version)),
  );
  // The branches that these changes need the catalog to know.
  const used = new Set(
    ofImages.map((one) =>
      one.kind === "move" ? one.to : one.kind === "new-version" ? one.branch : undefined,
    ),
  );
  const all = Object.keys(written.entry.images).every((image) => isChosen({ image }));
  return [...branches.changes.filter(({ branch }) => all || used.has(branch)), ...ofImages];
}
