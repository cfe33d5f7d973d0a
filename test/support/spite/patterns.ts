import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "vite";
import { z } from "zod";
import { codeFiles, PROJECT } from "../code.ts";

/** A regular expression of the project. */
export interface FoundPattern {
  /** `scripts/catalog/schema/formats.ts:37` */
  readonly place: string;
  readonly pattern: RegExp;
}

/** A place where a pattern is put together while the program runs. */
export interface MadePlace {
  readonly file: string;
  readonly line: number;
  /** Whether that is done once, when the file is loaded. */
  readonly onLoad: boolean;
}

/**
 * Every regular expression that is written in our code, and every place where one is put together.
 * @param mentioned only of files that have this text: to take them all apart takes seconds
 */
export function writtenPatterns(mentioned = ""): { literals: FoundPattern[]; made: MadePlace[] } {
  const literals: FoundPattern[] = [];
  const made: MadePlace[] = [];
  for (const file of codeFiles()) {
    const source = readFileSync(join(PROJECT, file), "utf8");
    if (!source.includes(mentioned)) continue;
    const { program, errors } = parseSync(file, source);
    if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`);
    const lineOf = (offset: number) => source.slice(0, offset).split("\n").length;
    walk(program, false, (node, inFunction) => {
      const line = lineOf(Number(node.start));
      if (isRegex(node)) {
        const pattern = new RegExp(node.regex.pattern, node.regex.flags);
        literals.push({ place: `${file}:${line}`, pattern });
      } else if (isMade(node)) made.push({ file, line, onLoad: !inFunction });
    });
  }
  return { literals, made };
}

/** The patterns that files of ours put together as they are loaded. Each is imported for that, once. */
export async function patternsMadeOnLoad(files: readonly string[]): Promise<FoundPattern[]> {
  const found: FoundPattern[] = [];
  const Original = globalThis.RegExp;
  class Recording extends Original {
    constructor(source: string | RegExp, flags?: string) {
      super(source, flags);
      const caller = (new Error().stack ?? "").split("\n")[2] ?? "";
      const place = /(?:scripts|sandbox)\/[^):]+(?::\d+)?/.exec(caller)?.[0];
      if (place !== undefined) found.push({ place, pattern: new Original(source, flags) });
    }
  }
  globalThis.RegExp = Recording as RegExpConstructor;
  try {
    for (const file of files) await import(join(PROJECT, file));
  } finally {
    globalThis.RegExp = Original;
  }
  return found;
}

/** The patterns that editors run: those of catalog.schema.json. */
export function patternsOfSchema(): FoundPattern[] {
  const texts = new Set<string>();
  const schema: unknown = JSON.parse(readFileSync(join(PROJECT, "catalog.schema.json"), "utf8"));
  const collect = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if (key === "pattern" && typeof inner === "string") texts.add(inner);
      collect(inner);
    }
  };
  collect(schema);
  return [...texts].map((text) => ({ place: "catalog.schema.json", pattern: new RegExp(text) }));
}

type Node = Readonly<Record<string, unknown>>;

const FUNCTIONS = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"]);

function walk(value: unknown, inFunction: boolean, visit: (node: Node, inFunction: boolean) => void): void {
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) {
    for (const one of value) walk(one, inFunction, visit);
    return;
  }
  const node = value as Node;
  const within = inFunction || FUNCTIONS.has(String(node.type));
  if ("type" in node) visit(node, within);
  for (const inner of Object.values(node)) walk(inner, within, visit);
}

const regexShape = z.object({
  type: z.literal("Literal"),
  regex: z.object({ pattern: z.string(), flags: z.string() }),
});
const madeShape = z.object({
  type: z.enum(["NewExpression", "CallExpression"]),
  callee: z.object({ name: z.literal("RegExp") }),
});

function isRegex(node: Node): node is Node & z.infer<typeof regexShape> {
  return "regex" in node && regexShape.safeParse(node).success;
}

function isMade(node: Node): boolean {
  return "callee" in node && madeShape.safeParse(node).success;
}

/** `FILE NAME` of each function of ours that is exported and, by its name, reads or takes something apart. */
export function exportedReaders(): string[] {
  return codeFiles().flatMap((file) => {
    const source = readFileSync(join(PROJECT, file), "utf8");
    const names = source.matchAll(
      /^export (?:async )?(?:function\*? ?|const )((?:parse|read|decode)[A-Z]\w*)/gm,
    );
    return [...names].map(([, name]) => `${file} ${name}`);
  });
}
