import { compareVersions } from "../formats/alpine/version.ts";
import { newVersions } from "./additions.ts";
import type { Change, Move } from "./change.ts";
import { existingChanges } from "./moves.ts";
import type { Situation } from "./situation.ts";

/**
 * What to change in a catalog: branches first, then image by image, in the catalog's order, new versions and
 * those that there are, the newest first. Pure. Once all edits are made and nothing else has moved, there are
 * no more.
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
