import { parseDocument } from "yaml";
import { compareVersions } from "../formats/alpine/version.ts";
import type { BranchChange, Edit, Move, NewVersion } from "./situation.ts";
import {
  applySplices,
  insertPair,
  type Mapping,
  mappingAt,
  removePair,
  replaceScalar,
  type Splice,
  type YamlText,
} from "./yaml-text.ts";

/**
 * The text of a catalog with changes made in it. Pure. What they do not touch stays byte for byte: comments,
 * order, quotes, long lines, line ends.
 *
 * @throws Error when the text lacks what is to be changed
 */
export function editCatalog(text: string, edits: readonly Edit[]): string {
  return roundsOf(edits).reduce((edited, round) => {
    const yaml = { text: edited, document: parseDocument(edited, { uniqueKeys: false }) };
    return applySplices(
      edited,
      round.flatMap((edit) => splicesOf(yaml, edit)),
    );
  }, text);
}

/**
 * Edits that can be made at once: additions to the same mapping are made in different rounds, each at its place among
 * those before. The text is parsed anew for each round, which is slow.
 */
function roundsOf(edits: readonly Edit[]): Edit[][] {
  const rounds: Edit[][] = [];
  const counts = new Map<string, number>();
  for (const edit of edits) {
    const mapping = mappingOf(edit);
    const round = (mapping !== undefined && counts.get(mapping)) || 0;
    if (mapping !== undefined) counts.set(mapping, round + 1);
    rounds[round] = [...(rounds[round] ?? []), edit];
  }
  return rounds;
}

/** The mapping that a change puts something into; undefined where it puts nothing in. */
function mappingOf(edit: Edit): string | undefined {
  if (edit.kind === "new-version") return `images.${edit.image}`;
  return edit.kind === "branch" && edit.from === undefined ? "branches" : undefined;
}

function splicesOf(yaml: YamlText, edit: Edit): Splice[] {
  switch (edit.kind) {
    case "move":
      return moveSplices(yaml, edit);
    case "new-version":
      return [newVersionSplice(yaml, edit)];
    case "branch":
      return [branchSplice(yaml, edit)];
  }
}

function moveSplices(yaml: YamlText, { image, version, to, package: packages }: Move): Splice[] {
  const entry = theMapping(yaml, ["images", image, "versions", version]);
  return [
    replaceScalar(yaml, entry, "branch", to),
    ...(packages ? [removePair(yaml, entry, "package")] : []),
  ];
}

function newVersionSplice(yaml: YamlText, change: NewVersion): Splice {
  const { image, version, branch, inherited, package: own } = change;
  const words = inherited
    ? []
    : [`branch: "${branch}"`, ...(own === undefined ? [] : [`package: ${plain(own)}`])];
  const versions = theMapping(yaml, ["images", image, "versions"]);
  const value = words.length === 0 ? "{}" : `{ ${words.join(", ")} }`;
  return insertPair(yaml, versions, version, value, compareVersions);
}

function branchSplice(yaml: YamlText, { branch, from, to }: BranchChange): Splice {
  if (from !== undefined) return replaceScalar(yaml, theMapping(yaml, ["branches", branch]), "eol", to);
  return insertPair(yaml, theMapping(yaml, ["branches"]), branch, `{ eol: ${to} }`, compareVersions);
}

/** A package's name needs quotes where it has a placeholder in it. */
function plain(name: string): string {
  return name.includes("{") ? JSON.stringify(name) : name;
}

function theMapping(yaml: YamlText, path: readonly string[]): Mapping {
  const mapping = mappingAt(yaml, path);
  if (!mapping) throw new Error(`there is no mapping to edit at ${path.join(".")}`);
  return mapping;
}
