import { compareVersions } from "../formats/alpine/version.ts";
import { daysUntil, earliest } from "../model/end-of-life.ts";
import { type Candidate, candidatesIn, lackOf, onBranch, programOn } from "./carriers.ts";
import { type Ended, type Hint, isPartial, type Move, type Situation } from "./situation.ts";
import { holderOf, type WrittenCatalog } from "./written.ts";

/** Versions that take their branch from one place in the catalog. */
interface Group {
  /** The one that names it, where it is of this catalog, and those that inherit it. */
  readonly members: [Candidate, ...Candidate[]];
  readonly fromParent: boolean;
}

/** What happens to existing versions: which move to another branch, which have ended, which a person must look at. */
export function existingChanges(situation: Situation): (Move | Ended | Hint)[] {
  return groupsOf(situation.written)
    .filter(({ members }) => members.some((one) => situation.isChosen(one)))
    .flatMap((group) => changesOf(situation, group));
}

/** The versions by where their branch is set: images in the catalog's order, of each the newest first. */
function groupsOf(written: WrittenCatalog): Group[] {
  const groups = new Map<string, Group>();
  for (const candidate of candidatesIn(written.entry)) {
    const holder = holderOf(written, candidate);
    if (!holder) continue;
    const { fromParent } = holder;
    const key = JSON.stringify(holder);
    const group = groups.get(key);
    if (!group) groups.set(key, { members: [candidate], fromParent });
    // The holder first: it is the one that the change is named after.
    else if (holder.image === candidate.image && !fromParent) group.members.unshift(candidate);
    else group.members.push(candidate);
  }
  return [...groups.values()];
}

function changesOf(situation: Situation, group: Group): (Move | Ended | Hint)[] {
  const [first] = group.members;
  const from = first.entry.branch;
  const best = bestOf(situation, group);
  const isSupported = supportedFor(situation, first).includes(from);
  const change =
    best && compareVersions(best.entry.branch, from) > 0
      ? moveOf(situation, group, best)
      : isSupported
        ? lostOf(situation, group, best)
        : endedOf(situation, first, best);
  return [change, heldBack(situation, group, best)].filter((one) => one !== undefined);
}

/**
 * The supported branches on which a version is mended: what is in community is so only until the next branch comes.
 * The catalog says in which repository it is.
 */
function supportedFor({ branches, written, today }: Situation, candidate: Candidate): readonly string[] {
  const { supported, communityEnds } = branches;
  if (repositoryOf(written, candidate) !== "community") return supported;
  return supported.filter((one) => {
    const end = communityEnds.get(one);
    return end === undefined || daysUntil(end, today) > 0;
  });
}

function repositoryOf({ entry: catalog }: WrittenCatalog, { image, entry }: Candidate) {
  return entry.repository ?? catalog.images[image]?.repository;
}

/**
 * The first of them as it would be on the newest supported branch that carries all: with its own package, or else with
 * that of its image.
 */
function bestOf(situation: Situation, { members }: Group): Candidate | undefined {
  const { written, offers } = situation;
  const [first] = members;
  const withImages = members.map(({ entry: { package: _, repository: __, ...entry }, ...name }) => ({
    ...name,
    entry,
  }));
  const ways = first.entry.package === undefined ? [members] : [members, withImages];
  for (const branch of situation.branches.supported) {
    for (const way of ways) {
      if (way.some((one) => !supportedFor(situation, one).includes(branch))) continue;
      const there = way.map((one) => onBranch(one, branch));
      if (there.every((one) => lackOf(written.entry, one, offers) === undefined)) return there[0];
    }
  }
  return undefined;
}

/** @param there the first of them, as it would be */
function moveOf(situation: Situation, { fromParent, members }: Group, there: Candidate): Move {
  const { written, offers, branches } = situation;
  const [{ image, version, entry }, ...others] = members;
  const to = there.entry.branch;
  const own = there.entry.package === undefined ? entry.package : undefined;
  const instead = written.entry.images[image]?.package;
  return {
    kind: "move",
    image,
    version,
    from: entry.branch,
    to,
    ...(own !== undefined && instead !== undefined && { package: { from: own, to: instead } }),
    along: others.map((other) => `${other.image}:${other.version}`),
    why: `v${to} has ${programOn(written.entry, there, offers)} and is supported until ${branches.ends.get(to)}`,
    ...(fromParent && written.parent && { above: written.parent.file }),
  };
}

/** Nothing can be said on a version's end while some supported branch could not be asked. */
function endedOf(situation: Situation, candidate: Candidate, best: Candidate | undefined): Ended | undefined {
  const { branches, offers, today, written } = situation;
  const { image, version, entry } = candidate;
  const { branch, eol } = entry;
  if (best || isPartial(situation) || !branches.supported.every((one) => offers.has(one))) return undefined;
  const isCommunity = repositoryOf(written, candidate) === "community";
  const ofCommunity = isCommunity ? branches.communityEnds.get(branch) : undefined;
  const end = ofCommunity ?? branches.ends.get(branch);
  const since = earliest(eol, end);
  if (since === undefined || daysUntil(since, today) > 0) return undefined;
  const place = ofCommunity === undefined ? branch : `${branch}'s community`;
  const cause = since === end ? `Alpine ${place} ended` : "its makers ended it";
  const why = `${cause}, and no supported branch carries it`;
  return { kind: "ended", image, version, branch, since, why };
}

/** Its branch is supported but no longer has it: nobody can build it. */
function lostOf(situation: Situation, group: Group, best: Candidate | undefined): Move | Hint | undefined {
  const { written, offers } = situation;
  const [{ image, version, entry }] = group.members;
  if (isPartial(situation) || !offers.has(entry.branch)) return undefined;
  const lacks = group.members.map((one) => lackOf(written.entry, onBranch(one, entry.branch), offers));
  const lack = lacks.find((one) => one !== undefined);
  if (lack === undefined) return undefined;
  if (!best) return { kind: "hint", image, version, why: `no supported branch carries it any more: ${lack}` };
  const move = moveOf(situation, group, best);
  return { ...move, why: `${lack}; ${move.why}` };
}

/** A newer branch has the program, but not all packages, or not those of versions that move with it. */
function heldBack(situation: Situation, { members }: Group, best: Candidate | undefined): Hint | undefined {
  const { written, offers } = situation;
  const [first] = members;
  if (isPartial(situation)) return undefined;
  const { image, version, entry } = first;
  const isNewer = (branch: string) =>
    [entry, best?.entry ?? entry].every((other) => compareVersions(branch, other.branch) > 0);
  for (const branch of supportedFor(situation, first).filter((one) => isNewer(one))) {
    const program = programOn(written.entry, onBranch(first, branch), offers);
    if (program === undefined) continue;
    const lacks = members.flatMap((one) => {
      const lack = lackOf(written.entry, onBranch(one, branch), offers);
      return lack === undefined ? [] : [`${lack}, which ${one.image}:${one.version} needs`];
    });
    // Nothing lacks where only another one's repository has ended on the branch.
    if (lacks.length === 0) continue;
    return { kind: "hint", image, version, why: `v${branch} has ${program}, but ${lacks[0]}` };
  }
  return undefined;
}
