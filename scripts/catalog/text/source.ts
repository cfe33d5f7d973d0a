import { isAlias, isMap, isScalar, isSeq, LineCounter, type Pair } from "yaml";
import { z } from "zod";
import { type CatalogProblem, type Mistake, orderProblems } from "./problems.ts";
import { linesOfBlocks, MOST_MISTAKES, parseBounded, syntaxMistakes } from "./syntax.ts";

/** The way from the root to a value: keys of mappings and indexes of lists. */
export type Path = readonly (string | number)[];

/** Where something stands in the file. */
type Position = Pick<CatalogProblem, "line" | "column">;

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
  /** Where the key (or the list item) at a path begins; of what is not in this file, the nearest thing around it. */
  keyAt(path: Path): Position;
  /** Something wrong with the key (or the list item) at a path. */
  problemAt(path: Path, subject: string, message: string): CatalogProblem;
  /** A scalar as it is written, such as `3.20` for the number 3.2. */
  textAt(path: Path): string | undefined;
}

/** Reads a catalog's text. Throws nothing: what is wrong is in the result. */
export function readSource(file: string, text: string): CatalogSource {
  const { document, outOfBounds } = parseBounded(text);
  const position = positionsIn(text);
  const tree = new Tree((offset) => position(offset).line);
  const data = tree.plain(document?.contents, [], 0);
  const place = (path: Path) => tree.places.get(pathKey(path));
  const keyAt = (path: Path): Position => {
    const found = place(path);
    return found || path.length === 0 ? position(found?.key ?? 0) : keyAt(path.slice(0, -1));
  };
  const problem = ({ offset, ...words }: Mistake) => ({ file, ...position(offset), ...words });
  const mistakes = outOfBounds ? [outOfBounds] : syntaxMistakes(document, text);
  const syntax = orderProblems(mistakes.map((one) => problem(one)));
  const broken = syntax.map(({ line }) => line);
  return {
    file,
    data,
    syntax,
    // Of what was not read at all nothing else can be said, least of all that it is empty.
    unclearLines: outOfBounds ? new Set([1, ...broken]) : linesOfBlocks(text, broken),
    structure: tree.mistakes.slice(0, MOST_MISTAKES).map((one) => problem(one)),
    has: (path) => place(path) !== undefined,
    valueAt: (path) => position(place(path)?.value ?? 0),
    keyAt,
    problemAt: (path, subject, message) => ({ file, ...keyAt(path), subject, message }),
    textAt: (path) => place(path)?.text,
  };
}

/** Where in a text an offset is. (The parser's own count of lines is wrong behind some broken ones.) */
function positionsIn(text: string): (offset: number) => Position {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (const { index } of text.matchAll(/\n/g)) lines.addNewLine(index + 1);
  const lastCharacter = Math.max(text.trimEnd().length - 1, 0);
  return (offset) => {
    const { line, col: column } = lines.linePos(Math.min(offset, lastCharacter));
    return { line, column };
  };
}

const mapping = z.record(z.string(), z.unknown());

/** What YAML has made a mapping of; undefined of anything else. */
export function mappingOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return mapping.safeParse(value).data;
}

/** The images of a catalog's data, whatever is wrong with them. */
export function imagesIn(data: unknown): Readonly<Record<string, unknown>> {
  return mappingOf(mappingOf(data)?.images) ?? {};
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
    if (isScalar(node) && typeof node.value === "string") {
      const problem = characterProblem(node.value, isContent(path));
      if (problem !== undefined) this.wrong(value, nameOf(path), problem);
    }
    const anchor = isScalar(node) || isMap(node) || isSeq(node) ? node.anchor : undefined;
    if (anchor !== undefined) {
      const message = "anchors are not allowed in a catalog; write the value out in each place";
      this.wrong(value, `&${anchor}`, message);
    }
    if (isMap(node)) return this.mapping(node.items, path, value);
    if (isSeq(node)) {
      return node.items.map((item, index) => this.plain(item, [...path, index], startOf(item, value)));
    }
    if (isAlias(node)) {
      const message = "aliases are not allowed in a catalog; write out the value it stands for";
      this.wrong(value, `*${node.source}`, message);
    }
    return isScalar(node) ? node.value : undefined;
  }

  private mapping(pairs: readonly Pair[], path: Path, start: number): Record<string, unknown> {
    const entries = new Map<string, unknown>();
    /** Name → offset of the key. */
    const keys = new Map<string, number>();
    for (const { key, value } of pairs) {
      if (!isScalar(key)) {
        this.wrong(start, "", "expected a key, found a bracket or an alias; a {{placeholder}} needs quotes");
        continue;
      }
      const keyStart = startOf(key, start);
      const name = key.source ?? String(key.value);
      if (typeof key.value !== "string") this.wrong(keyStart, name, notAString(name, key.value));
      const problem = OF_OBJECTS.has(name)
        ? "this name is reserved by JavaScript; choose another"
        : characterProblem(name, false);
      if (problem !== undefined) this.wrong(keyStart, name, problem);
      const earlier = keys.get(name);
      if (earlier !== undefined) {
        this.wrong(keyStart, name, `this key is already set in line ${this.lineOf(earlier)}`);
        continue;
      }
      keys.set(name, keyStart);
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

/** Keys that would not come to be entries of an object, or are of every object already. */
const OF_OBJECTS = new Set(["__proto__", "constructor", "prototype"]);

/** Whether a text is what a file is to hold, and not a word that something else is made of. */
function isContent([first, , third, fourth, , last]: Path): boolean {
  return first === "images" && fourth === "files" && (third === "smoke" || last === "text");
}

/** The nearest key above. */
function nameOf(path: Path): string {
  return String(path.findLast((step) => typeof step === "string") ?? "");
}

/** Nothing is written there, not even `""`. */
function isEmpty(node: unknown): boolean {
  return isScalar(node) && node.range?.[0] === node.range?.[1];
}

function startOf(node: unknown, otherwise: number): number {
  const range = isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range : undefined;
  return range?.[0] ?? otherwise;
}

/**
 * What no text of a catalog may have: control characters other than a tab and a line's end, halves of a character
 * (lone surrogates), and what changes the direction of writing or has no width: a reader would see something other
 * than what is meant. Sources: Unicode 15, chapter 23, "Special Areas"; CVE-2021-42574.
 */
const STRANGE =
  /[\0-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** The longest text that is no file's content, in characters: Linux has no longer paths. */
const LONGEST = 4096;

/** What is wrong with the characters of a text, or undefined. @param isContent whether it is what a file is to hold */
function characterProblem(text: string, isContent: boolean): string | undefined {
  const found = STRANGE.exec(isContent ? text.replaceAll("\r\n", "\n") : text)?.[0];
  if (found !== undefined) {
    const code = found.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
    return `this text contains the invisible character U+${code}; remove it`;
  }
  if (isContent) return undefined;
  if (text.length > LONGEST) return `a text of ${text.length} characters, expected at most ${LONGEST}`;
  if (text.normalize("NFC") !== text) {
    return "a letter and its accent are two characters here; write them as one (NFC), as other tools do";
  }
  return undefined;
}
