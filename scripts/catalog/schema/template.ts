import Handlebars from "handlebars";
import type { RunSummary, RunTarget } from "../../model/run.ts";
import { messageOf } from "../../system/errors.ts";

/** What a webhook's template sees: the summary of the run, and what most want to say of it. */
export interface NotifyView extends RunSummary {
  /** What became of the run, in one line. */
  readonly verdict: string;
  /** The same with what failed and what was fixed, in some lines. */
  readonly text: string;
  /** Of the targets those that failed. */
  readonly failed: readonly RunTarget[];
  /** What was fixed: `CVE-2024-9143`. */
  readonly cves: readonly string[];
}

/** A failure as bad as they come, with every optional part, and with what breaks the JSON of who does not mind it. */
const FAILED: RunTarget = {
  target: "node:22",
  status: "failed",
  reasons: [
    { kind: "packages", text: "libssl3 3.3.2-r0 → 3.3.2-r1 (CVE-2024-9143)", cves: ["CVE-2024-9143"] },
  ],
  failure: { stage: "build", message: 'no "such"\npackage: \\', repeat: "make build ONLY='node:22'" },
  failedRuns: 3,
  failingSince: "2026-11-23T03:00:00.000Z",
  digest: `sha256:${"a".repeat(64)}`,
  tags: ["22"],
  uploadedBytes: 1,
  platforms: [
    { platform: "linux/amd64", compressed: 1, unpacked: 2, before: { compressed: 1, unpacked: 2 } },
  ],
  seconds: { build: 1, smoke: 1, publish: 1 },
};

/** What templates are tried on: whatever a view may have, this one has. */
export const SAMPLE_VIEW: NotifyView = {
  id: "2026-11-25T030000Z-4711",
  started: "2026-11-25T03:00:00.000Z",
  ended: "2026-11-25T03:12:00.000Z",
  exitCode: 1,
  error: 'a "quoted"\nerror',
  version: "0.1.0",
  command: "npm run -s birdhouse -- rebuild",
  registry: "registry.example/base",
  profile: "catalog",
  engine: "buildah 1.28.2",
  targets: [FAILED],
  upToDate: 1,
  unavailable: 1,
  unknown: [{ problem: 'the "mirror"\nis away', targets: 1 }],
  notes: ['a "quoted"\nnote'],
  verdict: 'It ended early: "x" \\ y',
  text: 'It ended early: "x" \\ y\nnode:22',
  failed: [FAILED],
  cves: ["CVE-2024-9143"],
};

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
    const unknown = unknownWord(handlebars.parse(template));
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
function unknownWord(program: hbs.AST.Program): string | undefined {
  let found: string | undefined;
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
      found ??= `${place}, this template uses "${unknown}", which does not exist; a run has ${known}`;
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
    return `the result of this template is not JSON (${onOneLine(messageOf(error))}); write values as {{json text}}, without quotes around, or send something else with headers: { Content-Type: text/plain }`;
  }
}
