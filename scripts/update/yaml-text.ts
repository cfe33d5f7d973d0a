import { type Document, isMap, isScalar, type ParsedNode, type Scalar, type YAMLMap } from "yaml";

/** A piece of a text, from an offset to another one, and what stands there instead. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A YAML text and what was read of it. It is edited as text: what is not touched stays byte for byte. */
export interface YamlText {
  readonly text: string;
  readonly document: Document.Parsed<ParsedNode>;
}

/** A mapping in a text, and the key that it is the value of. */
export interface Mapping {
  readonly map: YAMLMap.Parsed;
  readonly key: Scalar.Parsed | undefined;
}

type Pair = YAMLMap.Parsed["items"][number];

/** The mapping at a path of keys; undefined where there is none. */
export function mappingAt({ document }: YamlText, path: readonly string[]): Mapping | undefined {
  let node: unknown = document.contents;
  let key: Scalar.Parsed | undefined;
  for (const name of path) {
    const pair = isMap(node) ? pairOf(node as YAMLMap.Parsed, name) : undefined;
    node = pair?.value;
    key = isScalar(pair?.key) ? (pair.key as Scalar.Parsed) : undefined;
  }
  return isMap(node) ? { map: node as YAMLMap.Parsed, key } : undefined;
}

/** Replaces the value at a key of a mapping; it stays quoted or unquoted. */
export function replaceScalar({ text }: YamlText, { map }: Mapping, name: string, value: string): Splice {
  const scalar = pairOf(map, name)?.value;
  if (!isScalar(scalar) || !scalar.range) throw new Error(`${name} has no value to replace`);
  const [start, end] = scalar.range;
  return { start, end, text: `${quoteAt(text, start)}${value}${quoteAt(text, start)}` };
}

/** Removes a key from a mapping, with its comma between braces, or with its lines. */
export function removePair({ text }: YamlText, { map }: Mapping, name: string): Splice {
  const index = map.items.findIndex((pair) => nameOf(pair) === name);
  const [pair, next, before] = [map.items[index], map.items[index + 1], map.items[index - 1]];
  if (!pair) throw new Error(`${name} does not exist, so it cannot be removed`);
  if (!map.flow) return { start: lineStart(text, startOf(pair)), end: lineEnd(text, endOf(pair)), text: "" };
  if (next) return { start: startOf(pair), end: startOf(next), text: "" };
  return { start: before ? endOf(before) : startOf(pair), end: endOf(pair), text: "" };
}

/**
 * Adds a key to a mapping where the order wants it: ascending where the mapping's keys are so, otherwise descending.
 *
 * @param compare the order of keys
 * @param value as YAML, on one line
 */
export function insertPair(
  { text }: YamlText,
  { map, key }: Mapping,
  name: string,
  value: string,
  compare: (a: string, b: string) => number,
): Splice {
  const [first] = map.items;
  const quote = first ? quoteAt(text, startOf(first)) || '"' : '"';
  const pair = `${quote}${name}${quote}: ${value}`;
  if (!first) return { start: map.range[0], end: map.range[1], text: `{ ${pair} }` };
  const isAscending = compare(nameOf(first), nameOf(map.items.at(-1) ?? first)) < 0;
  const index = map.items.findIndex((item) => compare(nameOf(item), name) > 0 === isAscending);
  const before = map.items[index === -1 ? map.items.length - 1 : index - 1];
  const after = index === -1 ? undefined : map.items[index];
  return map.flow ? intoBraces(text, pair, before, after) : ontoLine(text, pair, first, before, key);
}

function intoBraces(text: string, pair: string, before: Pair | undefined, after: Pair | undefined): Splice {
  const neighbour = after ?? before;
  const indent = neighbour && indentOf(text, startOf(neighbour));
  // A mapping in braces may have a line for each key.
  const space = indent === undefined ? " " : `${newline(text)}${indent}`;
  if (after) return at(startOf(after), `${pair},${space}`);
  return at(before ? endOf(before) : 0, `,${space}${pair}`);
}

/**
 * Behind the one before, so that the comment above the next one stays with that; as the first right below the
 * key of the mapping, since a comment there is about the pair that was first.
 */
function ontoLine(
  text: string,
  pair: string,
  first: Pair,
  before: Pair | undefined,
  key: Scalar.Parsed | undefined,
): Splice {
  const line = `${indentOf(text, startOf(first)) ?? ""}${pair}`;
  const offset = before ? lineEnd(text, endOf(before)) : lineEnd(text, key?.range?.[1] ?? 0);
  const isBroken = offset > 0 && text[offset - 1] !== "\n";
  return at(offset, isBroken ? `${newline(text)}${line}` : `${line}${newline(text)}`);
}

/** A text with pieces of it replaced. @throws Error when two of them overlap */
export function applySplices(text: string, splices: readonly Splice[]): string {
  const ordered = [...splices].sort((a, b) => a.start - b.start || a.end - b.end);
  const parts: string[] = [];
  let position = 0;
  for (const { start, end, text: instead } of ordered) {
    if (start < position) throw new Error("two edits overlap");
    parts.push(text.slice(position, start), instead);
    position = end;
  }
  return [...parts, text.slice(position)].join("");
}

function at(offset: number, text: string): Splice {
  return { start: offset, end: offset, text };
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
  const [first = ""] = text.slice(offset, offset + 1);
  return first === '"' || first === "'" ? first : "";
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
