import { parseDocument } from "yaml";
import { compareVersions } from "../alpine/version.ts";
import type { BranchChange, Edit, Move, NewVersion } from "./change.ts";
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
 * The text of a catalog with changes made in it. Pure. Whatever they do not touch stays byte for byte: comments,
 * order, quotes, long lines, line ends.
 *
 * @throws Error when the text has not what a change is to change
 */
export function editCatalog(text: string, edits: readonly Edit[]): string {
  // One after the other: what is put in first is there for what is put in beside it.
  return edits.reduce((edited, edit) => {
    const yaml = { text: edited, document: parseDocument(edited, { uniqueKeys: false }) };
    return applySplices(edited, splicesOf(yaml, edit));
  }, text);
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
  if (!mapping) throw new Error(`there is nothing to edit at ${path.join(".")}`);
  return mapping;
}
