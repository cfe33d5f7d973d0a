import type { VersionEntry } from "../catalog/extend/extend.ts";
import { compareVersions } from "../formats/alpine/version.ts";
import { once } from "../system/once.ts";
import { type Candidate, lackOf, programOn } from "./carriers.ts";
import { type Hint, isPartial, type NewVersion, type Situation } from "./situation.ts";
import { newestVersion, newTracksOn, type Track } from "./tracks.ts";
import { saysVersions } from "./written.ts";

/** A new version with its entry in the catalog, or why a person has to write it. */
interface Found {
  readonly change: NewVersion | Hint;
  readonly entry?: VersionEntry;
}

/**
 * The versions that supported branches carry and the catalog has not. An image that extends another takes its
 * own from that one, and from the versions proposed for it.
 * @param moved the branches that versions will be on, such as `node:22`, once what moves has moved
 */
export function newVersions(situation: Situation, moved: ReadonlyMap<string, string>): (NewVersion | Hint)[] {
  const { written, isChosen } = situation;
  const foundFor: (image: string) => readonly Found[] = once((image) => {
    if (!isChosen({ image }) || !saysVersions(written, image)) return [];
    const base = written.bases.get(image);
    if (!base) return fromAlpine(situation, image);
    const images = base.fromParent ? written.parent?.images : written.entry.images;
    const there = Object.entries(images?.[base.name]?.versions ?? {}).map(([version, entry]) => {
      const branch = base.fromParent ? entry.branch : (moved.get(`${base.name}:${version}`) ?? entry.branch);
      return { image, version, entry: { ...entry, branch } };
    });
    const coming = (base.fromParent ? [] : comingTo(base.name)).flatMap(({ change: { version }, entry }) =>
      entry ? [{ image, version, entry }] : [],
    );
    return fromBase(situation, image, base.name, [...there, ...coming]);
  });
  // An image that does not say its versions has those of the one that it extends, at once.
  const comingTo = (image: string): readonly Found[] => {
    const base = written.bases.get(image);
    const isItsOwn = saysVersions(written, image) || !base || base.fromParent;
    return isItsOwn ? foundFor(image) : comingTo(base.name);
  };
  return Object.keys(written.entry.images).flatMap((image) =>
    foundFor(image)
      .map(({ change }) => change)
      .sort((a, b) => compareVersions(b.version, a.version)),
  );
}

/** What Alpine has of the packages that an image's versions are named after. */
function fromAlpine(situation: Situation, image: string): Found[] {
  const { written, branches, offers } = situation;
  const imageEntry = written.entry.images[image];
  const found = new Map<string, Found>();
  for (const branch of branches.supported) {
    const offer = offers.get(branch);
    for (const track of offer && imageEntry ? newTracksOn(imageEntry, branch, offer) : []) {
      const before = found.get(track.version);
      // The newest branch that carries a version gets it.
      if (before?.entry) continue;
      const one = fromTrack(situation, image, track, branch);
      if (one.entry || !before) found.set(track.version, one);
    }
  }
  return [...found.values()].filter(({ entry }) => entry || !isPartial(situation));
}

function fromTrack(situation: Situation, image: string, track: Track, branch: string): Found {
  const { written, branches, offers } = situation;
  const { version, template } = track;
  const imageEntry = written.entry.images[image];
  // The shortest entry that says it.
  const own = template === imageEntry?.package ? {} : { package: template };
  const entry = { branch, tags: [], ...own };
  const candidate = { image, version, entry };
  const program = programOn(written.entry, candidate, offers) ?? template;
  const obstacle =
    byHand(imageEntry?.versions ?? {}, track) ??
    withFollowers(situation, candidate)
      .map((one) => lackOf(written.entry, one, offers))
      .find((lack) => lack !== undefined);
  if (obstacle !== undefined) {
    return { change: { kind: "hint", image, version, why: `v${branch} has ${program}, but ${obstacle}` } };
  }
  const why = `v${branch} has ${program} and is supported until ${branches.ends.get(branch)}`;
  return { entry, change: { kind: "new-version", image, version, branch, inherited: false, ...own, why } };
}

/**
 * Why a new version's entry cannot be made from its sibling's: that one has packages or links to itself, and which a
 * newer one would need is not known.
 */
function byHand(
  versions: Readonly<Record<string, VersionEntry>>,
  { sibling = "" }: Track,
): string | undefined {
  const { runtime, dev }: Partial<VersionEntry> = versions[sibling] ?? {};
  const needs = [runtime, dev].flatMap((own) => [...(own?.packages ?? []), ...Object.keys(own?.links ?? {})]);
  return needs.length === 0 ? undefined : `${sibling} alone has ${needs.join(", ")}: write the entry by hand`;
}

/** The new version, and that of each image that has all versions of this one. */
function withFollowers(situation: Situation, candidate: Candidate): Candidate[] {
  const { written } = situation;
  const followers = [...written.bases].filter(
    ([name, base]) => base.name === candidate.image && !base.fromParent && !saysVersions(written, name),
  );
  return [candidate, ...followers.flatMap(([image]) => withFollowers(situation, { ...candidate, image }))];
}

/** What the extended image has that is newer than all that the image says. */
function fromBase(
  { written, offers }: Situation,
  image: string,
  base: string,
  versions: readonly Candidate[],
): Found[] {
  const newest = newestVersion(Object.keys(written.entry.images[image]?.versions ?? {})) ?? "0";
  return (
    versions
      .filter(({ version }) => compareVersions(version, newest) > 0)
      // Unsupported branches are not asked, and nothing new comes to them.
      .filter(({ entry: { branch } }) => offers.has(branch))
      .map((candidate) => {
        const { version, entry } = candidate;
        const { branch } = entry;
        const lack = lackOf(written.entry, candidate, offers);
        if (lack !== undefined) {
          return { change: { kind: "hint", image, version, why: `${base} has it, but ${lack}` } };
        }
        const why = `${base} has it, which ${image} extends`;
        return { entry, change: { kind: "new-version", image, version, branch, inherited: true, why } };
      })
  );
}
