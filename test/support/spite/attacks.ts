import { parseRegex, type RegexNode } from "./regex-tree.ts";

/** A long text: a beginning, one unit again and again, an end. */
export interface Attack {
  readonly start: string;
  readonly unit: string;
  readonly end: string;
}

/** What no repetition goes on with, and what a pattern may end at. */
const ENDS = ["", "\0", "\n", "!", " "];

/** The text of an attack, of about so many characters. */
export function textOf({ start, unit, end }: Attack, length: number): string {
  return start + unit.repeat(Math.ceil((length - start.length) / unit.length)) + end;
}

/**
 * What a pattern likes least, made of its own parts: what each of its repetitions takes, behind what stands before
 * it; each of its beginnings, again and again; and floods of each of its characters. All with ends that fit
 * and that do not.
 */
export function attacksOn(pattern: RegExp): Attack[] {
  const found = new Map<string, Attack>();
  const add = (start: string, unit: string) => {
    if (unit === "") return;
    for (const end of ENDS) found.set(JSON.stringify([start, unit, end]), { start, unit, end });
  };
  visit(parseRegex(pattern), "", add);
  return [...found.values()];
}

function visit(node: RegexNode, before: string, add: (start: string, unit: string) => void): void {
  switch (node.kind) {
    case "character":
      for (const sample of node.samples) add("", sample);
      break;
    case "look":
      visit(node.item, before, add);
      break;
    case "choice":
      for (const option of node.options) visit(option, before, add);
      break;
    case "repeat":
      for (const unit of examplesOf(node.item)) {
        if (node.max > 20) add(before, unit);
        add("", before + unit);
      }
      visit(node.item, before, add);
      break;
    case "sequence": {
      let sofar = before;
      for (const item of node.items) {
        visit(item, sofar, add);
        for (const example of examplesOf(item)) add("", sofar + example);
        sofar += examplesOf(item)[0] ?? "";
      }
    }
  }
}

/** Some texts that a part of a pattern matches: with what may be left out and without, each choice once. */
function examplesOf(node: RegexNode): string[] {
  switch (node.kind) {
    case "character":
      return [...node.samples];
    case "look":
      return [""];
    case "choice":
      return few(node.options.flatMap((option) => examplesOf(option).slice(0, 2)));
    case "repeat": {
      const once = examplesOf(node.item);
      const least = once.map((one) => one.repeat(Math.max(node.min, 1)));
      return few(node.min === 0 ? [...least, ""] : least);
    }
    case "sequence": {
      const parts = node.items.map((item) => examplesOf(item));
      const most = Math.max(1, ...parts.map((part) => part.length));
      return few(
        Array.from({ length: most }, (_, which) =>
          parts.map((part) => part[which] ?? part.at(-1) ?? "").join(""),
        ),
      );
    }
  }
}

function few(texts: readonly string[]): string[] {
  return [...new Set(texts)].slice(0, 6);
}
