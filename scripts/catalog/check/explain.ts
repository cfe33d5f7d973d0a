import type { z } from "zod";
import { VARIANTS } from "../../model/target.ts";
import { groupBy } from "../../system/group.ts";
import { quoted } from "../schema/format.ts";
import { schemaAt } from "../schema/json-schema.ts";
import { type CatalogProblem, didYouMean, nearest } from "../text/problems.ts";
import { type CatalogSource, imagesIn, mappingOf, type Path } from "../text/source.ts";

type Issue = z.core.$ZodIssue;

interface UnknownKey {
  readonly parent: Path;
  readonly key: string;
}

/**
 * Puts zod's issues into words, each at its place in the file, and tells of what is missing.
 *
 * @param issues with `reportInput`
 */
export function explainIssues(source: CatalogSource, issues: readonly Issue[]): CatalogProblem[] {
  const isMissing = (issue: Issue) => issue.code === "invalid_type" && !source.has(pathOf(issue));
  const unknown = issues.flatMap((issue) =>
    issue.code === "unrecognized_keys" ? issue.keys.map((key) => ({ parent: pathOf(issue), key })) : [],
  );
  const missing = [...issues.filter((one) => isMissing(one)).map((one) => pathOf(one)), ...lackingIn(source)];
  const wrong = issues.filter((issue) => issue.code !== "unrecognized_keys" && !isMissing(issue));
  return [
    ...unknown.map((one) => unknownKey(source, one)),
    // In broken YAML what seems to be missing may only be unreadable.
    ...(source.syntax.length === 0 ? missingKeys(source, missing, unknown) : []),
    ...wrong.map((issue) => wrongValue(source, issue)),
  ];
}

function pathOf(issue: Issue): Path {
  return issue.path.map((step) => (typeof step === "number" ? step : String(step)));
}

function unknownKey(source: CatalogSource, { parent, key }: UnknownKey): CatalogProblem {
  const expected = keysAt(parent);
  const free = expected.filter((name) => !source.has([...parent, name]));
  const advice = didYouMean(key, free) || rightPlace(parent, key);
  const message = `unknown key, expected one of ${expected.join(", ")}${advice}`;
  return source.problemAt([...parent, key], key, message);
}

/** Where a key belongs that stands one level too high or too deep. */
function rightPlace(parent: Path, key: string): string {
  const below = keysAt(parent).filter((name) => keysAt([...parent, name]).includes(key));
  if (below.length > 0) return `; move it into ${below.join(" or ")}`;
  const isOneUp = parent.length > 0 && keysAt(parent.slice(0, -1)).includes(key);
  if (isOneUp) return `; move it one level up, beside ${parent.at(-1)}`;
  // `shell` in a version, or in the defaults: it is for an image as a whole.
  const variant = VARIANTS.find((one) => one === parent.at(-1));
  const [, image = "NAME"] = parent[0] === "images" ? parent : [];
  if (variant === undefined || !keysAt(["images", image, variant]).includes(key)) return "";
  const path = ["images", image, variant];
  return String(parent) === String(path)
    ? ""
    : `; it is for all versions of an image: move it into ${path.join(".")}`;
}

function keysAt(path: Path): string[] {
  return Object.keys(schemaAt(path)?.properties ?? {});
}

/** One problem for all keys that a mapping lacks, without those that are there but misspelt. */
function missingKeys(source: CatalogSource, paths: readonly Path[], unknown: readonly UnknownKey[]) {
  const unknownIn = groupBy(unknown, ({ parent }) => JSON.stringify(parent));
  const missingIn = groupBy(paths, (path) => JSON.stringify(path.slice(0, -1)));
  return [...missingIn].flatMap(([id, missing]) => {
    const others = unknownIn.get(id) ?? [];
    const isMisspelt = (name: string) => others.some(({ key }) => nearest(key, [name]).length > 0);
    const names = missing.map((path) => String(path.at(-1))).filter((name) => !isMisspelt(name));
    if (names.length === 0) return [];
    const parent = missing[0].slice(0, -1);
    const inOrder = keysAt(parent).filter((key) => names.includes(key));
    const verb = names.length === 1 ? "is" : "are";
    const message = `${inOrder.join(", ")} ${verb} missing${whatFor(parent, inOrder)}`;
    return [source.problemAt(parent, subjectOf(parent), message)];
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
  const message = explain(source, issue, path);
  if (issue.code === "invalid_key") return source.problemAt(path, subjectOf(path), message);
  return { file: source.file, ...source.valueAt(path), subject: subjectOf(path), message };
}

/** `branch` for a key, `packages[2]` for an item, nothing for the file itself. */
function subjectOf(path: Path): string {
  const last = path.at(-1);
  if (typeof last !== "number") return last ?? "";
  return `${subjectOf(path.slice(0, -1))}[${last}]`;
}

function explain({ data, textAt }: CatalogSource, issue: Issue, path: Path): string {
  if (path.length === 0 && (data === undefined || data === null)) {
    return `the catalog is empty, expected some of ${keysAt([]).join(", ")}`;
  }
  const { input } = issue;
  const text = textAt(path);
  switch (issue.code) {
    case "invalid_type": {
      // Zod's own words begin so; any others are the schema's.
      if (!issue.message.startsWith("Invalid input")) return issue.message;
      const expected = KINDS[issue.expected] ?? issue.expected;
      return `expected ${expected}, found ${found(input, text)}${typeAdvice(issue.expected, input, text)}`;
    }
    case "invalid_value": {
      const words = issue.values.map(String);
      const advice = typeof input === "string" ? didYouMean(input, words) : "";
      return `expected ${words.join(" or ")}, found ${found(input, text)}${advice}`;
    }
    case "too_small":
      if (typeof input === "number") return `expected at least ${issue.minimum}, found ${input}`;
      return "expected at least one item, found an empty list";
    case "too_big":
      return `expected at most ${issue.maximum}, found ${found(input, text)}`;
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

/** What must be said unless it is taken over from what is extended, by where it belongs. */
const NEEDED = {
  catalog: ["registry", "platforms", "sources"],
  image: ["description", "package", "versions", "smoke"],
  version: ["branch"],
};

/**
 * The keys that lack where nothing is extended. The schema cannot demand them: whether they are needed depends
 * on the `extends` beside them.
 */
function lackingIn(source: CatalogSource): Path[] {
  const lacking = (value: unknown, path: Path, keys: readonly string[]): Path[] => {
    if (!mappingOf(value) || source.has([...path, "extends"])) return [];
    return keys.map((key) => [...path, key]).filter((one) => !source.has(one));
  };
  const ofImages = Object.entries(imagesIn(source.data)).flatMap(([name, image]) => {
    const path = ["images", name];
    if (source.has([...path, "extends"])) return [];
    const versions = Object.entries(mappingOf(mappingOf(image)?.versions) ?? {}).flatMap(([version, entry]) =>
      lacking(entry, [...path, "versions", version], NEEDED.version),
    );
    return [...lacking(image, path, NEEDED.image), ...versions];
  });
  return [...lacking(source.data, [], NEEDED.catalog), ...ofImages];
}
