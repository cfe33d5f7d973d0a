import type { VersionEntry } from "../catalog/extend/extend.ts";
import { compareVersions } from "../formats/alpine/version.ts";
import { type Candidate, lackOf, programOn } from "./carriers.ts";
import { type Hint, isPartial, type NewVersion, type Situation } from "./situation.ts";
import { entryOf, newestVersion, newTracksOn, ownNeedsOf, type Track } from "./tracks.ts";
import { saysVersions } from "./written.ts";

/** A new version, and its entry in the catalog. */
interface Addition {
  readonly change: NewVersion;
  readonly entry: VersionEntry;
}

interface Additions {
  readonly added: readonly Addition[];
  readonly hints: readonly Hint[];
}

const NONE: Additions = { added: [], hints: [] };

/**
 * The versions that supported branches carry and the catalog has not. An image that extends another takes its
 * own from that one, and from the versions proposed for it.
 *
 * @param branchAfter the branch that a version will be on, once what moves has moved
 */
export function newVersions(
  situation: Situation,
  branchAfter: (image: string, version: string) => string | undefined,
): (NewVersion | Hint)[] {
  const { written, isChosen } = situation;
  const done = new Map<string, Additions>();
  const additionsTo = (image: string): Additions => {
    const known = done.get(image);
    if (known) return known;
    const found = !isChosen({ image }) || !saysVersions(written, image) ? NONE : find(image);
    done.set(image, found);
    return found;
  };
  const find = (image: string): Additions => {
    const base = written.bases.get(image);
    if (!base) return fromAlpine(situation, image);
    const versions = base.fromParent
      ? (written.parent?.images[base.name]?.versions ?? {})
      : written.entry.images[base.name]?.versions;
    const there = Object.entries(versions ?? {}).map(([version, entry]) => {
      const branch = base.fromParent ? entry.branch : (branchAfter(base.name, version) ?? entry.branch);
      return { image, version, entry: { ...entry, branch } };
    });
    const coming = base.fromParent ? [] : comingTo(base.name);
    const taken = coming.map(({ change, entry }) => ({ image, version: change.version, entry }));
    return fromBase(situation, image, base.name, [...there, ...taken]);
  };
  // An image that does not say its versions has those of the one that it extends, at once.
  const comingTo = (image: string): readonly Addition[] => {
    const base = written.bases.get(image);
    const isItsOwn = saysVersions(written, image) || !base || base.fromParent;
    return isItsOwn ? additionsTo(image).added : comingTo(base.name);
  };
  return Object.keys(written.entry.images).flatMap((image) => {
    const { added, hints } = additionsTo(image);
    return [...added.map(({ change }) => change), ...hints].sort((a, b) =>
      compareVersions(b.version, a.version),
    );
  });
}

/** What Alpine has of the packages that an image's versions are named after. */
function fromAlpine(situation: Situation, image: string): Additions {
  const { written, branches, offers } = situation;
  const imageEntry = written.entry.images[image];
  const added = new Map<string, Addition>();
  const hints = new Map<string, Hint>();
  for (const branch of branches.supported) {
    const offer = offers.get(branch);
    const tracks = offer && imageEntry ? newTracksOn(imageEntry, branch, offer) : [];
    // The newest branch that carries a version gets it.
    for (const track of tracks.filter(({ version }) => !added.has(version))) {
      const found = fromTrack(situation, image, track, branch);
      if ("entry" in found) added.set(track.version, found);
      else if (!hints.has(track.version)) hints.set(track.version, found);
    }
  }
  const open = [...hints.values()].filter(({ version }) => !added.has(version));
  return { added: [...added.values()], hints: isPartial(situation) ? [] : open };
}

/** A new version on a branch, or why a person has to write it. */
function fromTrack(situation: Situation, image: string, track: Track, branch: string): Addition | Hint {
  const { written, branches, offers } = situation;
  const { version } = track;
  const entry = entryOf(written.entry, image, track, branch);
  const offer = offers.get(branch) ?? new Map();
  const program = programOn(written.entry, { image, version, entry }, offer) ?? track.template;
  const obstacle =
    byHand(written.entry.images[image]?.versions ?? {}, track) ??
    candidatesWith(situation, image, version, entry)
      .map((candidate) => lackOf(written.entry, candidate, offer))
      .find((lack) => lack !== undefined);
  if (obstacle !== undefined) {
    return { kind: "hint", image, version, why: `v${branch} has ${program}, but ${obstacle}` };
  }
  const why = `v${branch} has ${program} and is supported until ${branches.ends.get(branch)}`;
  const own = entry.package === undefined ? {} : { package: entry.package };
  return { entry, change: { kind: "new-version", image, version, branch, inherited: false, ...own, why } };
}

/** Why a new version's entry cannot be made from its sibling's. */
function byHand(versions: Readonly<Record<string, VersionEntry>>, { sibling }: Track): string | undefined {
  const entry = sibling === undefined ? undefined : versions[sibling];
  const needs = entry ? ownNeedsOf(entry) : [];
  return needs.length === 0 ? undefined : `${sibling} alone has ${needs.join(", ")}: write the entry by hand`;
}

/** The new version, and that of each image that has all versions of this one. */
function candidatesWith(
  situation: Situation,
  image: string,
  version: string,
  entry: VersionEntry,
): Candidate[] {
  const { written } = situation;
  const followers = [...written.bases]
    .filter(([name, base]) => base.name === image && !base.fromParent && !saysVersions(written, name))
    .flatMap(([name]) => candidatesWith(situation, name, version, entry));
  return [{ image, version, entry }, ...followers];
}

/** What the extended image has that is newer than all that the image says. */
function fromBase(
  { written, offers }: Situation,
  image: string,
  base: string,
  versions: readonly Candidate[],
): Additions {
  const own = Object.keys(written.entry.images[image]?.versions ?? {});
  const newest = newestVersion(own) ?? "0";
  const added: Addition[] = [];
  const hints: Hint[] = [];
  for (const candidate of versions) {
    const { version, entry } = candidate;
    const offer = offers.get(entry.branch);
    // Unsupported branches are not asked, and nothing new comes to them.
    if (!offer || compareVersions(version, newest) <= 0) continue;
    const lack = lackOf(written.entry, candidate, offer);
    if (lack !== undefined) {
      hints.push({ kind: "hint", image, version, why: `${base} has it, but ${lack}` });
      continue;
    }
    const why = `${base} has it, which ${image} extends`;
    const { branch } = entry;
    added.push({ entry, change: { kind: "new-version", image, version, branch, inherited: true, why } });
  }
  return { added, hints };
}
