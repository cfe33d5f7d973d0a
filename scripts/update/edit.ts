import {
  type Document,
  isMap,
  isScalar,
  type ParsedNode,
  parseDocument,
  type Scalar,
  type YAMLMap,
} from "yaml";
import { compareVersions } from "../formats/alpine/version.ts";
import { type Edit, isNewBranch } from "./situation.ts";

/** A piece of a text, from an offset to another one, and what stands there instead. */
interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A mapping in a text, and the key that it is the value of. */
interface Mapping {
  readonly text: string;
  readonly map: YAMLMap.Parsed;
  readonly key: Scalar.Parsed | undefined;
}

type Pair = YAMLMap.Parsed["items"][number];

/**
 * The text of a catalog with changes made in it. Pure. What they do not touch stays byte for byte: comments, order,
 * quotes, long lines, line ends.
 * @throws Error when the text lacks what is to be changed
 */
export function editCatalog(text: string, edits: readonly Edit[]): string {
  return roundsOf(edits).reduce((edited, round) => {
    const document = parseDocument(edited, { uniqueKeys: false });
    return applySplices(
      edited,
      round.flatMap((edit) => splicesOf(edited, document, edit)),
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
  return edit.kind === "branch" && isNewBranch(edit) ? "branches" : undefined;
}

function splicesOf(text: string, document: Document.Parsed<ParsedNode>, edit: Edit): Splice[] {
  const at = (...path: string[]) => mappingAt(text, document, path);
  if (edit.kind === "branch") {
    const { branch, from, to, repository, community } = edit;
    if (repository !== undefined) return [setScalar(at("branches", branch), repository, to)];
    if (from !== undefined) return [replaceScalar(at("branches", branch), "eol", to)];
    const own = community === undefined ? "" : `, community: ${community}`;
    return [insertPair(at("branches"), branch, `{ eol: ${to}${own} }`)];
  }
  const { image, version } = edit;
  if (edit.kind === "move") {
    const entry = at("images", image, "versions", version);
    // The image's own package need not be where that of the version was.
    const own = edit.package ? removePairs(entry, ["package", "repository"]) : [];
    return [replaceScalar(entry, "branch", edit.to), ...own];
  }
  const own = edit.package === undefined ? "" : `, package: ${plain(edit.package)}`;
  const value = edit.inherited ? "{}" : `{ branch: "${edit.branch}"${own} }`;
  return [insertPair(at("images", image, "versions"), version, value)];
}

/** A package's name needs quotes where it has a placeholder in it. */
function plain(name: string): string {
  return name.includes("{") ? JSON.stringify(name) : name;
}

/** The mapping at a path of keys. @throws Error where there is none */
function mappingAt(text: string, { contents }: Document.Parsed<ParsedNode>, path: string[]): Mapping {
  let node: ParsedNode | null = contents;
  let key: Scalar.Parsed | undefined;
  for (const name of path) {
    const pair: Pair | undefined = isMap(node) ? pairOf(node, name) : undefined;
    node = pair?.value ?? null;
    key = isScalar(pair?.key) ? pair.key : undefined;
  }
  if (!isMap(node)) throw new Error(`there is no mapping to edit at ${path.join(".")}`);
  return { text, map: node, key };
}

/** Replaces the value at a key of a mapping; it stays quoted or unquoted. */
function replaceScalar({ text, map }: Mapping, name: string, value: string): Splice {
  const scalar = pairOf(map, name)?.value;
  if (!isScalar(scalar) || !scalar.range) throw new Error(`${name} has no value to replace`);
  const [start, end] = scalar.range;
  return { start, end, text: `${quoteAt(text, start)}${value}${quoteAt(text, start)}` };
}

/** Replaces the value at a key of a mapping, or adds the key behind the others. */
function setScalar(mapping: Mapping, name: string, value: string): Splice {
  const { map } = mapping;
  if (pairOf(map, name)) return replaceScalar(mapping, name, value);
  const [first] = map.items;
  const last = map.items.at(-1);
  if (!first || !last) throw new Error(`there is nothing to put ${name} behind`);
  if (map.flow) return insertAt(endOf(last), `, ${name}: ${value}`);
  return ontoLine(mapping, `${name}: ${value}`, first, last);
}

/** Removes those keys that a mapping has, with their commas between braces, or with their lines. */
function removePairs({ text, map }: Mapping, names: readonly string[]): Splice[] {
  const { items } = map;
  const isGone = (pair: Pair | undefined) => pair !== undefined && names.includes(nameOf(pair));
  if (!map.flow) {
    return items
      .filter((pair) => isGone(pair))
      .map((pair) => ({ start: lineStart(text, startOf(pair)), end: lineEnd(text, endOf(pair)), text: "" }));
  }
  // Neighbours go together: each would take the comma between them.
  const firsts = [...items.keys()].filter((index) => isGone(items[index]) && !isGone(items[index - 1]));
  return firsts.flatMap((index) => {
    const first = items[index];
    const before = items[index - 1];
    const rest = items.slice(index);
    const length = rest.findIndex((pair) => !isGone(pair));
    const next = length < 0 ? undefined : rest[length];
    const last = rest.at(length < 0 ? -1 : length - 1);
    if (!first || !last) return [];
    if (next) return [{ start: startOf(first), end: startOf(next), text: "" }];
    return [{ start: before ? endOf(before) : startOf(first), end: endOf(last), text: "" }];
  });
}

/** Adds a version to a mapping where the order wants it: ascending where the mapping's keys are so, else descending. */
function insertPair(mapping: Mapping, name: string, value: string): Splice {
  const { text, map } = mapping;
  const [first] = map.items;
  const quote = first ? quoteAt(text, startOf(first)) || '"' : '"';
  const pair = `${quote}${name}${quote}: ${value}`;
  if (!first) return { start: map.range[0], end: map.range[1], text: `{ ${pair} }` };
  const isAscending = compareVersions(nameOf(first), nameOf(map.items.at(-1) ?? first)) < 0;
  const index = map.items.findIndex((item) => compareVersions(nameOf(item), name) > 0 === isAscending);
  const before = map.items[index === -1 ? map.items.length - 1 : index - 1];
  const after = index === -1 ? undefined : map.items[index];
  return map.flow ? intoBraces(text, pair, before, after) : ontoLine(mapping, pair, first, before);
}

function intoBraces(text: string, pair: string, before: Pair | undefined, after: Pair | undefined): Splice {
  const neighbour = after ?? before;
  const indent = neighbour && indentOf(text, startOf(neighbour));
  // A mapping in braces may have a line for each key.
  const space = indent === undefined ? " " : `${newline(text)}${indent}`;
  if (after) return insertAt(startOf(after), `${pair},${space}`);
  return insertAt(before ? endOf(before) : 0, `,${space}${pair}`);
}

/**
 * Behind the one before, so that the comment above the next one stays with that; as the first right below the
 * key of the mapping, since a comment there is about the pair that was first.
 */
function ontoLine({ text, key }: Mapping, pair: string, first: Pair, before: Pair | undefined): Splice {
  const line = `${indentOf(text, startOf(first)) ?? ""}${pair}`;
  const offset = before ? lineEnd(text, endOf(before)) : lineEnd(text, key?.range?.[1] ?? 0);
  const isBroken = offset > 0 && text[offset - 1] !== "\n";
  return insertAt(offset, isBroken ? `${newline(text)}${line}` : `${line}${newline(text)}`);
}

function insertAt(offset: number, text: string): Splice {
  return { start: offset, end: offset, text };
}

/** A text with pieces of it replaced. @throws Error when two of them overlap */
function applySplices(text: string, splices: readonly Splice[]): string {
  const ordered = splices.toSorted((a, b) => a.start - b.start || a.end - b.end);
  let edited = "";
  let position = 0;
  for (const { start, end, text: instead } of ordered) {
    if (start < position) throw new Error("two edits overlap");
    edited += text.slice(position, start) + instead;
    position = end;
  }
  return edited + text.slice(position);
}

function pairOf(map: YAMLMap.Parsed, name: string): Pair | undefined {
  return map.items.find((pair) => nameOf(pair) === name);
}

function nameOf({ key }: Pair): string {
  return isScalar(key) ? (key.source ?? String(key.value)) : "";
}

function startOf({ key }: Pair): number {
  return key.range[0];
}

/** Where the value ends; of an empty one the key. */
function endOf({ key, value }: Pair): number {
  return Math.max(value?.range[1] ?? 0, key.range[1]);
}

/** The quote that a scalar begins with; none where it is plain. */
function quoteAt(text: string, offset: number): string {
  return /["']/.exec(text.charAt(offset))?.[0] ?? "";
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf("\n", offset - 1) + 1;
}

/** Behind the end of the line that a value ends on, a comment behind it included. */
function lineEnd(text: string, offset: number): number {
  // A text in a block ends on the line after its last.
  if (text[offset - 1] === "\n") return offset;
  const end = text.indexOf("\n", offset);
  return end === -1 ? text.length : end + 1;
}

/** The white space that a line begins with, up to the offset; undefined where something else stands there. */
function indentOf(text: string, offset: number): string | undefined {
  const before = text.slice(lineStart(text, offset), offset);
  return /^\s*$/.test(before) ? before : undefined;
}

function newline(text: string): string {
  return text.includes("\r\n") ? "\r\n" : "\n";
}
