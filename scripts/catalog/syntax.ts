import { type Document, type ParsedNode, visit, type YAMLError } from "yaml";
import type { Mistake } from "./source.ts";

/** What is wrong with a text as YAML, in words for someone who edits a catalog and not a parser. */
export function syntaxMistakes(document: Document.Parsed<ParsedNode>, text: string): Mistake[] {
  const errors = document.errors.map((error) => {
    const offset = isUnclosedQuote(error) ? openQuote(document, error.pos[0]) : error.pos[0];
    return { offset, subject: "", message: `${explain(error)}${braceHint(text, offset)}` };
  });
  const warnings = document.warnings.map(({ pos, message }) => ({
    offset: pos[0],
    subject: "",
    message: message.startsWith("Unresolved tag") ? "a tag (!…) that a catalog does not know" : message,
  }));
  return [...errors, ...warnings];
}

/** The yaml package's errors that a hand-written catalog meets, by code; any other keeps its own words. */
function explain(error: YAMLError): string {
  switch (error.code) {
    case "TAB_AS_INDENT":
      return "a tab; YAML is indented with spaces only";
    case "BAD_INDENT":
      return isUnclosedBracket(error)
        ? `the ${error.message.endsWith("}") ? "{" : "["} opened before this line is not closed`
        : "this line is not indented as the lines that it belongs to";
    case "MULTILINE_IMPLICIT_KEY":
      return 'expected "key: value", with a colon and a space';
    case "BLOCK_AS_IMPLICIT_KEY":
      return 'a second ": " in one line, or the next line is indented too far; a text with ": " in it needs quotes';
    case "MISSING_CHAR":
      if (isUnclosedQuote(error)) return "the quote opened here is not closed";
      if (error.message.includes("followed by map values")) return 'expected "key: value", found no colon';
      if (error.message.startsWith("Missing , or :")) return "expected a comma between two items in brackets";
      return error.message;
    case "BAD_SCALAR_START":
      return `${error.message.at(-1)} cannot begin a text without quotes`;
    case "MULTIPLE_DOCS":
      return "a second document begins here (---); a catalog is one document";
    default:
      return error.message;
  }
}

function isUnclosedBracket(error: YAMLError): boolean {
  return /and end with a [\]}]$/.test(error.message);
}

function isUnclosedQuote(error: YAMLError): boolean {
  return error.code === "MISSING_CHAR" && error.message.startsWith("Missing closing");
}

/** The parser misses a closing quote only where the text ends; the mistake is where it was opened. */
function openQuote(document: Document.Parsed<ParsedNode>, end: number): number {
  let opened = end;
  visit(document, {
    Scalar(_, { type, range }) {
      if (type?.startsWith("QUOTE") && range && range[0] < end && end <= range[2]) opened = range[0];
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
