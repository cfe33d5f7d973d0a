import { isAlias, isMap, isScalar, isSeq, type Pair, parseDocument } from "yaml";
import { type CatalogProblem, type Mistake, orderProblems } from "./problems.ts";
import { blockAt, syntaxMistakes } from "./syntax.ts";

/** The way from the root to a value: keys of mappings and indexes of lists. */
export type Path = readonly (string | number)[];

/** Where something stands in the file. */
export interface Position {
  /** From 1. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
}

/** A catalog's text, read as YAML: plain data, and for each value of it where it stands. */
export interface CatalogSource {
  readonly file: string;
  /** Objects, arrays, strings, numbers, booleans and null. Keys are as written: `3.10` is not `3.1`. */
  readonly data: unknown;
  /** Broken YAML: the data is what could be made of it. */
  readonly syntax: readonly CatalogProblem[];
  /** The lines, from 1, of which broken YAML leaves it open what they mean. */
  readonly unclearLines: ReadonlySet<number>;
  /** What YAML allows and a catalog does not: keys that are no strings, keys twice, aliases. */
  readonly structure: readonly CatalogProblem[];
  /** Whether anything stands at a path, be it an empty value. */
  has(path: Path): boolean;
  /** Where the value at a path begins; an empty value is found at its key. */
  valueAt(path: Path): Position;
  /** Where the key (or the list item) at a path begins. */
  keyAt(path: Path): Position;
  /** A scalar as it is written, such as `3.20` for the number 3.2. */
  textAt(path: Path): string | undefined;
}

/** Reads a catalog's text. Throws nothing: what is wrong is in the result. */
export function readSource(file: string, text: string): CatalogSource {
  const document = parseDocument(text, { prettyErrors: false, uniqueKeys: false });
  const position = positionsIn(text);
  const tree = new Tree((offset) => position(offset).line);
  const data = tree.plain(document.contents, [], 0);
  const place = (path: Path) => tree.places.get(pathKey(path));
  const problem = ({ offset, subject, message }: Mistake) => ({
    file,
    ...position(offset),
    subject,
    message,
  });
  const syntax = orderProblems(syntaxMistakes(document, text).map((one) => problem(one)));
  const broken = syntax.map(({ line }) => line);
  return {
    file,
    data,
    syntax,
    unclearLines: new Set(broken.flatMap((line) => blockAt(text, line))),
    structure: tree.mistakes.map((one) => problem(one)),
    has: (path) => place(path) !== undefined,
    valueAt: (path) => position(place(path)?.value ?? 0),
    keyAt: (path) => position(place(path)?.key ?? 0),
    textAt: (path) => place(path)?.text,
  };
}

/** Where in a text an offset is. (The parser's own count of lines is wrong behind some broken ones.) */
function positionsIn(text: string): (offset: number) => Position {
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  const lastCharacter = Math.max(text.trimEnd().length - 1, 0);
  return (offset) => {
    const within = Math.min(offset, lastCharacter);
    const line = starts.findLastIndex((start) => start <= within);
    return { line: line + 1, column: within - (starts[line] ?? 0) + 1 };
  };
}

interface Place {
  /** Offset of the key or list item. */
  readonly key: number;
  /** Offset of the value. */
  readonly value: number;
  readonly text: string | undefined;
}

function pathKey(path: Path): string {
  return JSON.stringify(path.map(String));
}

/** Goes through a YAML tree once: makes plain data of it and remembers where each value stood. */
class Tree {
  readonly places = new Map<string, Place>();
  readonly mistakes: Mistake[] = [];

  constructor(private readonly lineOf: (offset: number) => number) {}

  /** @param key offset of the key that the node is the value of */
  plain(node: unknown, path: Path, key: number): unknown {
    const text = isScalar(node) ? node.source : undefined;
    const value = isEmpty(node) ? key : startOf(node, key);
    this.places.set(pathKey(path), { key, value, text });
    if (isMap(node)) return this.mapping(node.items, path, value);
    if (isSeq(node)) {
      return node.items.map((item, index) => this.plain(item, [...path, index], startOf(item, value)));
    }
    if (isAlias(node)) {
      this.wrong(value, `*${node.source}`, "an alias; a catalog takes none: write out what it stands for");
    }
    return isScalar(node) ? node.value : undefined;
  }

  private mapping(pairs: readonly Pair[], path: Path, start: number): Record<string, unknown> {
    const entries = new Map<string, unknown>();
    for (const { key, value } of pairs) {
      if (!isScalar(key)) {
        this.wrong(start, "", "expected a key, found a bracket or an alias; a {{placeholder}} needs quotes");
        continue;
      }
      const keyStart = startOf(key, start);
      const name = key.source ?? String(key.value);
      if (typeof key.value !== "string") this.wrong(keyStart, name, notAString(name, key.value));
      const earlier = this.places.get(pathKey([...path, name]));
      if (earlier) {
        this.wrong(keyStart, name, `this key is there already, in line ${this.lineOf(earlier.key)}`);
        continue;
      }
      entries.set(name, this.plain(value, [...path, name], keyStart));
    }
    return Object.fromEntries(entries);
  }

  private wrong(offset: number, subject: string, message: string): void {
    this.mistakes.push({ offset, subject, message });
  }
}

function notAString(name: string, value: unknown): string {
  if (value === null) return "expected a key, found nothing";
  const read = typeof value === "number" ? `the number ${value}` : String(value);
  return `YAML reads this key as ${read}; write it in quotes: "${name}"`;
}

/** Nothing is written there, not even `""`. */
function isEmpty(node: unknown): boolean {
  return isScalar(node) && node.range?.[0] === node.range?.[1];
}

function startOf(node: unknown, otherwise: number): number {
  const range = isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range : undefined;
  return range?.[0] ?? otherwise;
}
