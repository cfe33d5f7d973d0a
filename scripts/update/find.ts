import { versionsNewestFirst } from "../catalog/targets/tags.ts";
import { compareVersions } from "../formats/alpine/version.ts";
import type { Platform } from "../model/platform.ts";
import { messageOf, UserError } from "../system/errors.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { newVersions } from "./additions.ts";
import { askOffers, carriersOf } from "./carriers.ts";
import { existingChanges } from "./moves.ts";
import { type AlpineBranch, type FetchText, readReleases } from "./releases.ts";
import { branchesOf, type Carried, type Change, type Move, type Situation } from "./situation.ts";
import type { WrittenCatalog } from "./written.ts";

/** What proposals are made from. */
export interface Surroundings {
  readonly upstream: Pick<Upstream, "packages">;
  /** URL or path of releases.json. */
  readonly releases?: string;
  readonly fetchText: FetchText;
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
 *
 * @throws UserError when it is not known which branches are supported, or the file of releases is not valid
 */
export async function findChanges(written: WrittenCatalog, surroundings: Surroundings): Promise<Findings> {
  const { upstream, platforms, today, isChosen } = surroundings;
  const { released, problem } = await askReleases(surroundings);
  const branches = branchesOf(written, released, today);
  if (branches.ends.size === 0) {
    throw new UserError(
      `${written.file}: it is not known which branches of Alpine are supported${problem === undefined ? "" : ` (${problem})`}`,
      "set sources.releases to https://alpinelinux.org/releases.json, or to a copy of it",
    );
  }
  const { offers, problems } = await askOffers(upstream, branches.supported, platforms);
  const changes = proposalsOf({ written, branches, offers, today, isChosen });
  const carried = Object.entries(written.entry.images).flatMap(([image, { versions }]) =>
    versionsNewestFirst(versions).flatMap((version) => {
      const entry = versions[version];
      if (!entry || !isChosen({ image, version })) return [];
      const carriers = carriersOf(written.entry, { image, version, entry }, branches.supported, offers);
      return [{ image, version, branch: entry.branch, carriers }];
    }),
  );
  const supported = branches.supported.map((name) => ({ name, eol: branches.ends.get(name) ?? "" }));
  return {
    ...{ changes, carried, supported },
    problems: [...(problem === undefined ? [] : [problem]), ...problems],
  };
}

/** A list that cannot be fetched is a problem, no error: what the catalog says of its branches still counts. */
async function askReleases({
  releases,
  fetchText,
}: Surroundings): Promise<{ readonly released?: readonly AlpineBranch[]; readonly problem?: string }> {
  if (releases === undefined) return {};
  try {
    return { released: await readReleases(releases, fetchText) };
  } catch (error) {
    if (error instanceof UserError) throw error;
    return { problem: `${releases}: ${messageOf(error)}` };
  }
}

/**
 * What to change in a catalog: branches first, then image by image, in the catalog's order, new versions and
 * those that there are, the newest first. Pure. Once all edits are made there are no more
 * proposals.
 */
export function proposalsOf(situation: Situation): Change[] {
  const { written, branches, isChosen } = situation;
  const existing = existingChanges(situation);
  const moves = existing.filter((change): change is Move => change.kind === "move");
  const after = new Map(
    moves.flatMap(({ image, version, along, to }) =>
      [`${image}:${version}`, ...along].map((name) => [name, to] as const),
    ),
  );
  const added = newVersions(
    situation,
    (image, version) =>
      after.get(`${image}:${version}`) ?? written.entry.images[image]?.versions[version]?.branch,
  );
  const ofImages = Object.keys(written.entry.images).flatMap((image) =>
    [...added, ...existing]
      .filter((change) => change.image === image)
      .sort((a, b) => compareVersions(b.version, a.version)),
  );
  const used = new Set(ofImages.flatMap((one) => branchUsed(one)));
  const all = Object.keys(written.entry.images).every((image) => isChosen({ image }));
  return [...branches.changes.filter(({ branch }) => all || used.has(branch)), ...ofImages];
}

/** The branch that a change needs the catalog to know. */
function branchUsed(change: Change): string[] {
  if (change.kind === "move") return [change.to];
  return change.kind === "new-version" ? [change.branch] : [];
}
