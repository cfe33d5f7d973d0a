import Handlebars from "handlebars";
import { messageOf } from "../system/errors.ts";
import { type NotifyView, SAMPLE_VIEW } from "./notify-view.ts";

const handlebars = Handlebars.create();
/** A value as JSON, in its quotes: no value can break what is around it. */
handlebars.registerHelper("json", (value: unknown) => JSON.stringify(value ?? null));

/** Fills in a template. What a run has nothing of, such as an error, is empty. @throws Error where it is no template */
export function fillTemplate(template: string, view: NotifyView): string {
  // It is text or JSON, and no page: `&` stays as it is.
  return handlebars.compile<NotifyView>(template, { noEscape: true })(view);
}

/**
 * What is wrong with a template, with line and column in it; undefined where nothing is. It is tried on a summary that
 * has everything, quotes and line ends too.
 * @param mustBeJson whether what comes of it is sent as JSON
 */
export function templateProblem(template: string, mustBeJson: boolean): string | undefined {
  let filled: string;
  try {
    const unknown = unknownWords(handlebars.parse(template))[0];
    if (unknown !== undefined) return unknown;
    filled = fillTemplate(template, SAMPLE_VIEW);
  } catch (error) {
    return `this template does not compile: ${explain(messageOf(error))}`;
  }
  return mustBeJson ? jsonProblem(filled) : undefined;
}

/** `Parse error on line 2:` is followed by the text, and by a line of dashes that points into it. */
function explain(message: string): string {
  const line = onOneLine(message.replace(/^-+\^$/m, ""));
  const [head = line] = line.split(/ Expecting '/);
  return line.endsWith("'CLOSE_UNESCAPED'") ? `${head}: put a space between }} and the } behind it` : head;
}

function onOneLine(message: string): string {
  return message.replace(/(?<!\s)\s*\n\s*/g, " ").trim();
}

/** All that templates may name: what a summary has anywhere in it, and helpers. */
const WORDS: ReadonlySet<string> = new Set([...keysIn(SAMPLE_VIEW), ...Object.keys(handlebars.helpers)]);

function keysIn(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  const own = Array.isArray(value) ? ["length"] : Object.keys(value);
  return [...own, ...Object.values(value).flatMap((one) => keysIn(one))];
}

/** Handlebars takes what it does not know for empty: here it is a mistake, such as a word misspelt. */
function unknownWords(program: hbs.AST.Program): string[] {
  const found: string[] = [];
  const named = new Set<string>();
  class Words extends Handlebars.Visitor {
    /** `{{#each failed as |one|}}` names one. */
    override Program(block: hbs.AST.Program): void {
      for (const name of block.blockParams ?? []) named.add(name);
      super.Program(block);
    }
    override PathExpression({ parts, data, loc }: hbs.AST.PathExpression): void {
      const isKnown = (part: string) => WORDS.has(part) || named.has(part) || /^\d+$/.test(part);
      const unknown = parts.find((part) => !isKnown(part));
      // What begins with @ is the language's own.
      if (data || unknown === undefined) return;
      const place = `in its line ${loc.start.line}, column ${loc.start.column + 1}`;
      const known = Object.keys(SAMPLE_VIEW).join(", ");
      found.push(`${place}, this template names "${unknown}", which there is not; a run has ${known}`);
    }
  }
  new Words().accept(program);
  return found;
}

function jsonProblem(filled: string): string | undefined {
  try {
    JSON.parse(filled);
    return undefined;
  } catch (error) {
    return `what comes of this template is no JSON (${onOneLine(messageOf(error))}); write values as {{json text}}, without quotes around, or send something else with headers: { Content-Type: text/plain }`;
  }
}
