import Handlebars from "handlebars";
import { type CatalogProblem, didYouMean } from "../catalog/text/problems.ts";
import { messageOf } from "../system/errors.ts";

/** What is wrong with a template of a catalog's own: Handlebars itself says it late, or not at all. */

/** A template or a partial. */
export interface TemplateFile {
  readonly file: string;
  readonly text: string;
}

/** Helpers that Handlebars has by itself. */
const BUILT_IN = ["if", "unless", "each", "with", "lookup", "log"];

interface Known {
  readonly partials: readonly string[];
  readonly helpers: readonly string[];
}

/** A word in a template, and where it stands: the line from 1, the column from 0. */
interface Word {
  readonly name: string;
  readonly line: number;
  readonly column: number;
}

/** The partials that a template names; none where it cannot be read, which `problemsOfTemplate` tells of. */
export function partialsNamedIn(text: string): string[] {
  try {
    return wordsOf(Handlebars.parse(text)).partials.map(({ name }) => name);
  } catch {
    return [];
  }
}

/** All that is wrong with a template, each at its place. */
export function problemsOfTemplate({ file, text }: TemplateFile, known: Known): CatalogProblem[] {
  let words: ReturnType<typeof wordsOf>;
  try {
    words = wordsOf(Handlebars.parse(text));
  } catch (error) {
    return [{ file, ...placeOf(error, text), subject: "", message: reasonOf(error) }];
  }
  const helpers = [...known.helpers, ...BUILT_IN];
  const wrong = (kind: string, found: readonly Word[], names: readonly string[]) =>
    found
      .filter(({ name }) => !names.includes(name))
      .map(({ name, line, column }) => {
        const message = `there is no ${kind} "${name}"${didYouMean(name, names)}`;
        return { file, line, column: column + 1, subject: name, message };
      });
  return [...wrong("partial", words.partials, known.partials), ...wrong("helper", words.helpers, helpers)];
}

function wordsOf(program: hbs.AST.Program) {
  const partials: Word[] = [];
  const helpers: Word[] = [];
  const add = (to: Word[], node: hbs.AST.Expression) => {
    // A partial may be named by an expression: which one it is shows only when it is rendered.
    if (!("original" in node)) return;
    to.push({ name: String(node.original), line: node.loc.start.line, column: node.loc.start.column });
  };
  class Words extends Handlebars.Visitor {
    override PartialStatement(partial: hbs.AST.PartialStatement): void {
      add(partials, partial.name);
      super.PartialStatement(partial);
    }
    override MustacheStatement(statement: hbs.AST.MustacheStatement): void {
      if (statement.params.length > 0) add(helpers, statement.path);
      super.MustacheStatement(statement);
    }
    override BlockStatement(statement: hbs.AST.BlockStatement): void {
      if (statement.params.length > 0) add(helpers, statement.path);
      super.BlockStatement(statement);
    }
    override SubExpression(expression: hbs.AST.SubExpression): void {
      add(helpers, expression.path);
      super.SubExpression(expression);
    }
  }
  new Words().accept(program);
  return { partials, helpers };
}

/** `Parse error on line 2:`, the text around, and below it a line of dashes that points into it. */
const EXCERPT = /^(?:Parse|Lexical) error on line (\d+)(?:\D[^\n]*)?\n([^\n]*)\n(-*)\^/;

function placeOf(error: unknown, text: string): { line: number; column: number } {
  if (error instanceof Error && "lineNumber" in error && "column" in error) {
    return { line: Number(error.lineNumber), column: Number(error.column) + 1 };
  }
  const [, number = "1", excerpt = "", dashes = ""] = EXCERPT.exec(messageOf(error)) ?? [];
  const line = Number(number);
  // What follows the place, without line ends; the excerpt is cut to twenty characters and dots.
  const rest = excerpt
    .slice(dashes.length)
    .replace(/\.\.\.$/, "")
    .slice(0, 8);
  const column = (text.split("\n")[line - 1] ?? "").indexOf(rest);
  return { line, column: rest !== "" && column >= 0 ? column + 1 : 1 };
}

function reasonOf(error: unknown): string {
  const message = messageOf(error);
  const got = /got '([^']*)'/.exec(message)?.[1];
  if (!message.includes("Expecting "))
    return `this template cannot be read: ${message.replace(/ - \d+:\d+$/, "").split("\n")[0]}`;
  const ending =
    got === "EOF" ? "it ends before all that was opened is closed" : "this was not expected here";
  return `this template cannot be read: ${ending}`;
}
