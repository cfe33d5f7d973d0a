import { z } from "zod";
import { quoted } from "../schema/format.ts";
import { schemaAt } from "../schema/json-schema.ts";
import { type CatalogProblem, didYouMean, nearest } from "../text/problems.ts";
import type { CatalogSource, Path } from "../text/source.ts";

/** One thing that zod finds wrong. */
export type Issue = z.core.$ZodIssue;

/** Puts zod's issues into words, each at its place in the file. */
export function explainIssues(source: CatalogSource, issues: readonly Issue[]): CatalogProblem[] {
  const unknown = issues.filter((issue) => issue.code === "unrecognized_keys");
  const missing = issues.filter((issue) => isMissing(source, issue));
  const isOfMissing = new Set(missing);
  const others = issues.filter((issue) => issue.code !== "unrecognized_keys" && !isOfMissing.has(issue));
  const unknownKeys = unknown.flatMap((issue) => issue.keys.map((key) => ({ parent: pathOf(issue), key })));
  return [
    ...unknownKeys.map(({ parent, key }) => unknownKey(source, parent, key)),
    ...missingKeys(
      source,
      missing.map((one) => pathOf(one)),
      unknownKeys,
    ),
    ...others.map((issue) => wrongValue(source, issue)),
  ];
}

/** Whether the mistake is that a key is not there, rather than what stands behind it. */
export function isMissing(source: CatalogSource, issue: Issue): boolean {
  return issue.code === "invalid_type" && !source.has(pathOf(issue));
}

function pathOf(issue: Issue): Path {
  return issue.path.map((step) => (typeof step === "number" ? step : String(step)));
}

interface UnknownKey {
  readonly parent: Path;
  readonly key: string;
}

function unknownKey(source: CatalogSource, parent: Path, key: string): CatalogProblem {
  const expected = keysAt(parent);
  const free = expected.filter((name) => !source.has([...parent, name]));
  const advice = didYouMean(key, free) || rightPlace(parent, key);
  return {
    file: source.file,
    ...source.keyAt([...parent, key]),
    subject: key,
    message: `unknown key, expected one of ${expected.join(", ")}${advice}`,
  };
}

/** Where a key belongs that stands one level too high or too deep. */
function rightPlace(parent: Path, key: string): string {
  const below = keysAt(parent).filter((name) => keysAt([...parent, name]).includes(key));
  if (below.length > 0) return `; move it into ${below.join(" or ")}`;
  const isOneUp = parent.length > 0 && keysAt(parent.slice(0, -1)).includes(key);
  return isOneUp ? `; move it one level up, beside ${parent.at(-1)}` : "";
}

function keysAt(path: Path): string[] {
  return Object.keys(schemaAt(path)?.properties ?? {});
}

/** One problem for all keys that a mapping lacks, without those that are there but misspelt. */
function missingKeys(source: CatalogSource, paths: readonly Path[], unknown: readonly UnknownKey[]) {
  const byParent = new Map<string, { parent: Path; keys: string[] }>();
  const unknownIn = new Map<string, string[]>();
  for (const { parent, key } of unknown) {
    const id = JSON.stringify(parent);
    const keys = unknownIn.get(id);
    if (keys) keys.push(key);
    else unknownIn.set(id, [key]);
  }
  for (const path of paths) {
    const parent = path.slice(0, -1);
    const key = String(path.at(-1));
    const id = JSON.stringify(parent);
    const misspelt = (unknownIn.get(id) ?? []).some((other) => nearest(other, [key]).length > 0);
    if (misspelt) continue;
    const group = byParent.get(id) ?? { parent, keys: [] };
    group.keys.push(key);
    byParent.set(id, group);
  }
  return [...byParent.values()].map(({ parent, keys }) => {
    const inOrder = keysAt(parent).filter((key) => keys.includes(key));
    return {
      file: source.file,
      ...source.keyAt(parent),
      subject: subjectOf(parent),
      message: `${inOrder.join(", ")} ${keys.length === 1 ? "is" : "are"} missing${whatFor(parent, inOrder)}`,
    };
  });
}

/** An exception without these would stand for ever, and nobody would know why. */
const OF_EXCEPTIONS: Readonly<Record<string, string>> = {
  reason: "say why the vulnerability may stand",
  until: "say until which day, as in until: 2027-05-01",
};

/** What to write, where the names of the missing keys alone do not tell. */
function whatFor([first, second]: Path, keys: readonly string[]): string {
  if (first !== "gate" || second !== "exceptions") return "";
  const advice = keys.flatMap((key) => OF_EXCEPTIONS[key] ?? []);
  return advice.length > 0 ? `; ${advice.join(", and ")}` : "";
}

function wrongValue(source: CatalogSource, issue: Issue): CatalogProblem {
  const path = pathOf(issue);
  const position = issue.code === "invalid_key" ? source.keyAt(path) : source.valueAt(path);
  return { file: source.file, ...position, subject: subjectOf(path), message: explain(source, issue, path) };
}

/** `branch` for a key, `packages[2]` for an item, nothing for the file itself. */
function subjectOf(path: Path): string {
  const last = path.at(-1);
  if (typeof last !== "number") return last ?? "";
  return `${subjectOf(path.slice(0, -1))}[${last}]`;
}

function explain(source: CatalogSource, issue: Issue, path: Path): string {
  const value = valueAt(source.data, path);
  if (path.length === 0 && (value === undefined || value === null)) {
    return `the catalog is empty, expected some of ${keysAt([]).join(", ")}`;
  }
  switch (issue.code) {
    case "invalid_type":
      // Zod's own words begin so; any others are the schema's.
      if (!issue.message.startsWith("Invalid input")) return issue.message;
      return `expected ${KINDS[issue.expected] ?? issue.expected}, found ${found(value, source.textAt(path))}${typeAdvice(issue.expected, value, source.textAt(path))}`;
    case "invalid_value": {
      const words = issue.values.map(String);
      const advice = typeof value === "string" ? didYouMean(value, words) : "";
      return `expected ${words.join(" or ")}, found ${found(value, source.textAt(path))}${advice}`;
    }
    case "too_small":
      return "expected at least one item, found an empty list";
    case "invalid_key":
      return issue.issues.map(({ message }) => message).join("; ");
    default:
      return issue.message;
  }
}

const KINDS: Readonly<Record<string, string>> = {
  string: "a string",
  boolean: "true or false",
  array: "a list",
  object: "a mapping (key: value)",
  record: "a mapping (key: value)",
};

function found(value: unknown, text: string | undefined): string {
  if (value === null || value === undefined) return text ? text : "nothing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a mapping";
  if (typeof value === "string") return quoted(value);
  if (typeof value !== "number") return String(value);
  const read = text === String(value) ? "" : `, which YAML reads as ${value}`;
  return `the number ${text ?? value}${read}`;
}

/** How to write what was meant. */
function typeAdvice(expected: string, value: unknown, text: string | undefined): string {
  const empty = value === null || value === undefined;
  if (expected === "string" && text && typeof value !== "string")
    return ` (write it as ${JSON.stringify(text)})`;
  if (expected === "string" && empty) return ' (write "" for an empty text)';
  if (expected === "boolean" && /^(yes|on|y)$/i.test(String(value))) return " (write it as true)";
  if (expected === "boolean" && /^(no|off|n)$/i.test(String(value))) return " (write it as false)";
  if (expected === "array" && typeof value === "string") return ` (write it as [${text ?? value}])`;
  if (expected === "array" && empty) return " (write [] for an empty list)";
  if ((expected === "object" || expected === "record") && empty) return " (write {} for an empty mapping)";
  return "";
}

function valueAt(data: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      typeof value === "object" && value !== null ? (value as Record<string, unknown>)[step] : undefined,
    data,
  );
}

/** What must be said unless it is taken over from what is extended, by where it belongs. */
const NEEDED = {
  catalog: ["registry", "platforms", "sources"],
  image: ["description", "package", "versions", "smoke"],
  version: ["branch"],
} as const;

const imagesShape = z.object({ images: z.record(z.string(), z.unknown()) });
const versionsShape = z.object({ versions: z.record(z.string(), z.unknown()) });

/**
 * The keys that lack where nothing is extended, in the form of zod's own issues. The schema cannot demand
 * them: whether they are needed depends on the `extends` beside them.
 */
export function missingIssues(source: CatalogSource): Issue[] {
  if (!isMapping(source.data)) return [];
  const images = imagesShape.safeParse(source.data).data?.images ?? {};
  return [
    ...lacking(source, [], NEEDED.catalog),
    ...Object.entries(images)
      .filter(([name, image]) => isMapping(image) && !source.has(["images", name, "extends"]))
      .flatMap(([name, image]) => [
        ...lacking(source, ["images", name], NEEDED.image),
        ...Object.entries(versionsShape.safeParse(image).data?.versions ?? {})
          .filter(([, version]) => isMapping(version))
          .flatMap(([version]) => lacking(source, ["images", name, "versions", version], NEEDED.version)),
      ]),
  ];
}

function lacking(source: CatalogSource, path: Path, keys: readonly string[]): Issue[] {
  if (source.has([...path, "extends"])) return [];
  return keys
    .filter((key) => !source.has([...path, key]))
    .map((key) => ({
      code: "invalid_type",
      expected: "string",
      input: undefined,
      path: [...path, key],
      message: "",
    }));
}

function isMapping(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
