import {
  Composer,
  type CST,
  type Document,
  isCollection,
  isScalar,
  Lexer,
  type ParsedNode,
  Parser,
  visit,
  type YAMLError,
  YAMLParseError,
} from "yaml";
import type { Mistake } from "./problems.ts";

/** How many mistakes of one kind are told of: more would be nothing to read. */
export const MOST_MISTAKES = 100;

/** What is wrong with a text as YAML, in words for someone who edits a catalog and not a parser. */
export function syntaxMistakes(document: Document.Parsed<ParsedNode>, text: string): Mistake[] {
  const errors = withoutConsequences(document.errors)
    .slice(0, MOST_MISTAKES)
    .map((error) => {
      const end = error.pos[0];
      const offset = isUnclosed(error) ? openingBefore(document, end) : end;
      return { offset, subject: "", message: `${explain(error, text[offset])}${braceHint(text, offset)}` };
    });
  const warnings = document.warnings.slice(0, MOST_MISTAKES).map(({ pos, message }) => ({
    offset: pos[0],
    subject: "",
    message: message.startsWith("Unresolved tag") ? "tags (!…) are not allowed in a catalog" : message,
  }));
  return [...errors, ...warnings];
}

/** Some lines, from 1, and those below each that are indented deeper: what belongs to it. */
export function linesOfBlocks(text: string, heads: readonly number[]): Set<number> {
  const found = new Set<number>();
  if (heads.length === 0) return found;
  const indents = text.split("\n").map((line) => (line.trim() === "" ? Infinity : line.search(/[^ ]/)));
  for (const head of heads) {
    const indent = indents[head - 1] === Infinity ? -1 : (indents[head - 1] ?? 0);
    found.add(head);
    for (let line = head + 1; line <= indents.length && (indents[line - 1] ?? 0) > indent; line++)
      found.add(line);
  }
  return found;
}

/** Once a line could not be read, those after it seem to be indented wrongly. */
function withoutConsequences(errors: readonly YAMLError[]): YAMLError[] {
  const first = errors.findIndex((error) => !isWrongIndentation(error));
  return errors.filter((error, index) => first === -1 || index <= first || !isWrongIndentation(error));
}

function isWrongIndentation(error: YAMLError): boolean {
  return error.code === "BAD_INDENT" && !isUnclosed(error);
}

/** The yaml package's errors that a hand-written catalog meets: code, what its words have in them, and ours. */
const WORDS: readonly (readonly [code: string, has: string, words: string])[] = [
  ["TAB_AS_INDENT", "", "a tab; YAML is indented with spaces only"],
  ["BAD_INDENT", "", "this line is not indented like the lines it belongs to"],
  ["MULTILINE_IMPLICIT_KEY", "", 'expected "key: value", with a colon and a space'],
  [
    "BLOCK_AS_IMPLICIT_KEY",
    "",
    'a second ": " in one line, or the next line is indented too far; a text with ": " in it needs quotes',
  ],
  ["MISSING_CHAR", "followed by map values", 'expected "key: value", found no colon'],
  ["MISSING_CHAR", "Missing , or :", "expected a comma between two items in brackets"],
  ["UNEXPECTED_TOKEN", "at node end", "expected nothing more behind this value"],
  ["MULTIPLE_DOCS", "", "a second document begins here (---); a catalog is one document"],
];

function explain(error: YAMLError, character = ""): string {
  if (isUnclosed(error)) return `the ${character} opened here is not closed`;
  if (error.code === "BAD_SCALAR_START") return `${character} cannot begin a text without quotes`;
  const [, , words] = WORDS.find(([code, has]) => code === error.code && error.message.includes(has)) ?? [];
  return words ?? error.message;
}

/** A quote or a bracket without its end. */
function isUnclosed({ message }: YAMLError): boolean {
  return message.startsWith("Missing closing") || /and end with a [\]}]$/.test(message);
}

/** The parser misses the end of a quote or bracket far behind its beginning; the mistake is found there. */
function openingBefore(document: Document.Parsed<ParsedNode>, end: number): number {
  let opened = end;
  visit(document, {
    Node(_, node) {
      const opens = (isScalar(node) && node.type?.startsWith("QUOTE")) || (isCollection(node) && node.flow);
      if (opens && node.range && node.range[0] < end && end <= node.range[2]) opened = node.range[0];
    },
  });
  return opened;
}

/** In YAML's lists in brackets a brace opens a mapping: the trap of `[nodejs~{{version}}]`. */
function braceHint(text: string, offset: number): string {
  const start = text.lastIndexOf("\n", offset - 1) + 1;
  const line = text.slice(start).split("\n", 1)[0] ?? "";
  return line.includes("{{") ? '; what holds a {{placeholder}} needs quotes: "nodejs~{{version}}"' : "";
}

/** The longest catalog that is read, in characters: forty times what 20,000 targets take. */
const LONGEST = 16 * 1024 * 1024;

/** How deep a catalog may be nested; it needs eight. A parser goes down as deep as a text says, until it falls over. */
const DEEPEST = 32;

/** What the lexer tells of without its being in the text: the beginnings of documents and scalars, ends of collections. */
const MARKS = new Set(["\x02", "\x18", "\x1f"]);

/** A text as YAML; or why it is none that may be read: it is too long, or nested too deep. */
export type Parsed =
  | { readonly document: Document.Parsed<ParsedNode>; readonly outOfBounds?: undefined }
  | { readonly document?: undefined; readonly outOfBounds: Mistake };

/**
 * Parses a text as `parseDocument` of the yaml package does, in the same three steps: words, tokens, nodes. Between the
 * first and the second stands what must not come further.
 */
export function parseBounded(text: string): Parsed {
  if (text.length > LONGEST) {
    const message = `this file has ${text.length} characters; a catalog may have at most ${LONGEST}`;
    return { outOfBounds: { offset: 0, subject: "", message } };
  }
  const words = new BoundedWords(text);
  const documents = new Composer<ParsedNode>({ prettyErrors: false, uniqueKeys: false });
  const [first, second] = documents.compose(words.tokens(), true, text.length) as Iterable<
    Document.Parsed<ParsedNode>
  >;
  if (words.tooDeep !== undefined || !first) {
    const message = `nested more than ${DEEPEST} levels deep; a catalog needs eight`;
    return { outOfBounds: { offset: words.tooDeep ?? 0, subject: "", message } };
  }
  if (second) first.errors.push(new YAMLParseError([second.range[0], second.range[1]], "MULTIPLE_DOCS", ""));
  return { document: first };
}

/** The tokens of a text, up to where it is nested too deep. */
class BoundedWords {
  /** The offset of what is too deep; undefined as long as nothing is. */
  tooDeep: number | undefined;

  constructor(private readonly text: string) {}

  *tokens(): Generator<CST.Token> {
    const parser = new Parser();
    const nesting = new Nesting();
    let offset = 0;
    for (const word of new Lexer().lex(this.text)) {
      if (!MARKS.has(word)) {
        if (nesting.add(word) > DEEPEST) {
          this.tooDeep = offset;
          return;
        }
        offset += word.length;
      }
      yield* parser.next(word);
    }
    yield* parser.end();
  }
}

/** How deep one is in a text, by brackets, by indentation, and by `- - -` and `a: b: c:` in one line. */
class Nesting {
  /** Brackets that are open. */
  #open = 0;
  /** The indentations of the lines that the present one is within. */
  readonly #indents: number[] = [];
  #inLine = 0;
  #isLineStart = true;

  /** @returns how deep it is behind a token */
  add(token: string): number {
    if (token === "[" || token === "{") this.#open++;
    else if (token === "]" || token === "}") this.#open = Math.max(0, this.#open - 1);
    else if (token === "\n" || token === "\r\n") this.#startLine();
    else if (this.#open === 0 && (token === "-" || token === "?" || token === ":")) this.#inLine++;
    if (this.#isLineStart && token.trim() !== "") this.#indentTo(0);
    else if (this.#isLineStart && token.trim() === "" && !token.includes("\n")) this.#indentTo(token.length);
    return this.#open + this.#indents.length + this.#inLine;
  }

  #startLine(): void {
    this.#isLineStart = true;
    this.#inLine = 0;
  }

  #indentTo(indent: number): void {
    this.#isLineStart = false;
    if (this.#open > 0) return;
    while ((this.#indents.at(-1) ?? -1) >= indent) this.#indents.pop();
    this.#indents.push(indent);
  }
}
