import type { VersionEntry } from "../catalog/extend/extend.ts";
import { versionsNewestFirst } from "../catalog/targets/tags.ts";
import { compareVersions } from "../formats/alpine/version.ts";
import { daysUntil, earliest } from "../model/end-of-life.ts";
import { type Candidate, lackOf, onBranch, programOn } from "./carriers.ts";
import { type Ended, type Group, type Hint, isPartial, type Move, type Situation } from "./situation.ts";
import { holderOf, type VersionName } from "./written.ts";

/** A branch that carries a version, and whether it does so only by the image's own package. */
interface BestBranch {
  readonly branch: string;
  readonly isOwnPackage: boolean;
}

/** What happens to existing versions: which move to another branch, which have ended, which a person must look at. */
export function existingChanges(situation: Situation): (Move | Ended | Hint)[] {
  return groupsOf(situation)
    .filter(({ members }) => members.some((one) => situation.isChosen(one)))
    .flatMap((group) => changesOf(situation, group));
}

/** The versions by where their branch is set: images in the catalog's order, of each the newest first. */
function groupsOf({ written }: Situation): Group[] {
  const groups = new Map<string, { holder: VersionName; fromParent: boolean; members: VersionName[] }>();
  for (const [image, { versions }] of Object.entries(written.entry.images)) {
    for (const version of versionsNewestFirst(versions)) {
      const holder = holderOf(written, { image, version });
      if (!holder) continue;
      const key = JSON.stringify(holder);
      const group = groups.get(key) ?? { holder, fromParent: holder.fromParent, members: [] };
      // The holder first: it is the one that the change is named after.
      if (holder.image === image && !holder.fromParent) group.members.unshift({ image, version });
      else group.members.push({ image, version });
      groups.set(key, group);
    }
  }
  return [...groups.values()];
}

function changesOf(situation: Situation, group: Group): (Move | Ended | Hint)[] {
  const candidates = candidatesOf(situation, group);
  const [first] = candidates;
  if (!first) return [];
  const from = first.entry.branch;
  const best = bestBranchOf(situation, candidates);
  const held = heldBack(situation, candidates, best);
  const isSupported = situation.branches.supported.includes(from);
  const change =
    best && compareVersions(best.branch, from) > 0
      ? moveOf(situation, group, candidates, best)
      : isSupported
        ? lostOf(situation, group, candidates, best)
        : endedOf(situation, first, best);
  return [change, held].filter((one) => one !== undefined);
}

function candidatesOf({ written }: Situation, { members }: Group): Candidate[] {
  return members.flatMap(({ image, version }) => {
    const entry = written.entry.images[image]?.versions[version];
    return entry ? [{ image, version, entry }] : [];
  });
}

/** The newest supported branch that carries all of them. */
function bestBranchOf(situation: Situation, candidates: readonly Candidate[]): BestBranch | undefined {
  for (const branch of situation.branches.supported) {
    for (const isOwnPackage of [false, true]) {
      if (isOwnPackage && candidates[0]?.entry.package === undefined) continue;
      const there = isOwnPackage ? candidates.map((one) => withOwnPackage(one)) : candidates;
      if (there.every((candidate) => lackOn(situation, candidate, branch) === undefined)) {
        return { branch, isOwnPackage };
      }
    }
  }
  return undefined;
}

/** What a branch lacks for a version, in words; a branch that could not be asked lacks it too. */
function lackOn({ written, offers }: Situation, candidate: Candidate, branch: string): string | undefined {
  const offer = offers.get(branch);
  return offer ? lackOf(written.entry, onBranch(candidate, branch), offer) : `v${branch} could not be asked`;
}

function withOwnPackage(candidate: Candidate): Candidate {
  const { package: _, ...entry }: VersionEntry = candidate.entry;
  return { ...candidate, entry };
}

function moveOf(
  situation: Situation,
  { fromParent, members }: Group,
  candidates: readonly Candidate[],
  best: BestBranch,
): Move | undefined {
  const { written, offers, branches } = situation;
  const [first] = candidates;
  const offer = offers.get(best.branch);
  if (!first || !offer) return undefined;
  const { image, version, entry } = first;
  const there = onBranch(best.isOwnPackage ? withOwnPackage(first) : first, best.branch);
  const instead = written.entry.images[image]?.package;
  return {
    kind: "move",
    image,
    version,
    from: entry.branch,
    to: best.branch,
    ...(best.isOwnPackage &&
      instead !== undefined && { package: { from: entry.package ?? "", to: instead } }),
    along: members.slice(1).map((member) => `${member.image}:${member.version}`),
    why: `v${best.branch} has ${programOn(written.entry, there, offer)} and is supported until ${branches.ends.get(best.branch)}`,
    ...(fromParent && written.parent && { above: written.parent.file }),
  };
}

/** Nothing can be said on a version's end while some supported branch could not be asked. */
function endedOf(
  situation: Situation,
  { image, version, entry }: Candidate,
  best: BestBranch | undefined,
): Ended | undefined {
  const { branches, offers, today } = situation;
  if (best || isPartial(situation) || !branches.supported.every((branch) => offers.has(branch)))
    return undefined;
  const end = branches.ends.get(entry.branch);
  const since = earliest(entry.eol, end);
  if (since === undefined || daysUntil(since, today) > 0) return undefined;
  const cause = since === end ? `Alpine ${entry.branch} ended` : "its makers ended it";
  const why = `${cause}, and no supported branch carries it`;
  return { kind: "ended", image, version, branch: entry.branch, since, why };
}

/** Its branch is supported but no longer has it: nobody can build it. */
function lostOf(
  situation: Situation,
  group: Group,
  candidates: readonly Candidate[],
  best: BestBranch | undefined,
): Move | Hint | undefined {
  const { written, offers } = situation;
  const [first] = candidates;
  if (!first || written.entry.sources.mayLack !== undefined || !offers.has(first.entry.branch))
    return undefined;
  const { image, version, entry } = first;
  const lack = candidates.map((candidate) => lackOn(situation, candidate, entry.branch)).find(Boolean);
  if (lack === undefined) return undefined;
  const move = best && moveOf(situation, group, candidates, best);
  if (move) return { ...move, why: `${lack}; ${move.why}` };
  return { kind: "hint", image, version, why: `no supported branch carries it any more: ${lack}` };
}

/** A newer branch has the program, but not all packages, or not those of versions that move with it. */
function heldBack(
  situation: Situation,
  candidates: readonly Candidate[],
  best: BestBranch | undefined,
): Hint | undefined {
  const { written, offers, branches } = situation;
  const [first] = candidates;
  if (!first || isPartial(situation)) return undefined;
  const { image, version, entry } = first;
  const isNewer = (branch: string) =>
    [entry.branch, best?.branch ?? entry.branch].every((other) => compareVersions(branch, other) > 0);
  for (const branch of branches.supported.filter((one) => isNewer(one))) {
    const offer = offers.get(branch);
    const program = offer && programOn(written.entry, onBranch(first, branch), offer);
    if (program === undefined) continue;
    const lacks = candidates.flatMap((candidate) => {
      const lack = lackOn(situation, candidate, branch);
      return lack === undefined ? [] : [`${lack}, which ${candidate.image}:${candidate.version} needs`];
    });
    return { kind: "hint", image, version, why: `v${branch} has ${program}, but ${lacks[0]}` };
  }
  return undefined;
}
