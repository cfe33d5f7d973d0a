import { Lexer } from "yaml";
import type { Mistake } from "./problems.ts";

/** The longest catalog that is read, in characters: forty times what 20,000 targets take. */
const LONGEST = 16 * 1024 * 1024;

/** How deep a catalog may be nested; it needs eight. A parser goes down as deep as a text says, until it falls over. */
const DEEPEST = 32;

/** What the lexer tells of without its being in the text: the beginnings of documents and scalars, ends of collections. */
const MARKS = new Set(["\x02", "\x18", "\x1f"]);

/** What in a text must not come before a parser, or undefined: one that is too long, or nested too deep. */
export function boundsMistake(text: string): Mistake | undefined {
  if (text.length > LONGEST) {
    const message = `this is ${text.length} characters long, and a catalog has at most ${LONGEST}`;
    return { offset: 0, subject: "", message };
  }
  const nesting = new Nesting();
  let offset = 0;
  for (const token of new Lexer().lex(text)) {
    if (MARKS.has(token)) continue;
    if (nesting.add(token) > DEEPEST) {
      return { offset, subject: "", message: `nested more than ${DEEPEST} deep; a catalog needs eight` };
    }
    offset += token.length;
  }
  return undefined;
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
