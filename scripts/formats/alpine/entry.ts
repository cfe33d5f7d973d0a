import type { Package } from "../../model/package.ts";
import { quotedStart } from "../../system/shown/clean-text.ts";

/** A package that is being read. */
export type PackageDraft = { -readonly [Key in keyof Package]: Package[Key] };

/** Of most packages; one for all, as an index has tens of thousands. */
const NO_FIELDS: Package["other"] = {};

/** A draft in which nothing has been said yet. Every field is there, so that all drafts have one shape in memory. */
export function emptyDraft(): PackageDraft {
  return {
    name: "",
    version: "",
    architecture: "",
    checksum: "",
    size: 0,
    installedSize: 0,
    description: "",
    url: "",
    license: "",
    origin: "",
    maintainer: "",
    buildTime: 0,
    commit: "",
    providerPriority: 0,
    dependencies: "",
    provides: "",
    installIf: "",
    replaces: "",
    replacesPriority: 0,
    other: NO_FIELDS,
  };
}

/** The fields that are texts, by their letters. Source: apk-index(5). */
const TEXTS = new Map([
  ["P", "name"],
  ["V", "version"],
  ["A", "architecture"],
  ["C", "checksum"],
  ["T", "description"],
  ["U", "url"],
  ["L", "license"],
  ["o", "origin"],
  ["m", "maintainer"],
  ["c", "commit"],
  ["D", "dependencies"],
  ["p", "provides"],
  ["i", "installIf"],
  ["r", "replaces"],
] as const);

/** Those that are whole numbers. */
const NUMBERS = new Map([
  ["S", "size"],
  ["I", "installedSize"],
  ["k", "providerPriority"],
  ["q", "replacesPriority"],
] as const);

/**
 * Puts the field `X:value`, which stands in `text` from `start` to `end`, into a draft. An index has
 * tens of thousands: numbers are read where they stand, without a string made for each.
 *
 * @throws Error when it is not a field, or should be a number and is none
 */
export function setField(draft: PackageDraft, text: string, start: number, end: number): void {
  if (text[start + 1] !== ":") throw new Error(`not a field: ${quotedStart(text.slice(start, end))}`);
  const from = start + 2;
  const letter = text[start] ?? "";
  const ofText = TEXTS.get(letter as "P");
  const ofNumber = NUMBERS.get(letter as "S");
  if (ofText !== undefined) draft[ofText] = text.slice(from, end);
  else if (ofNumber !== undefined) draft[ofNumber] = wholeNumber(text, from, end);
  else if (letter === "t") draft.buildTime = buildTime(text, from, end);
  else draft.other = { ...draft.other, [letter]: text.slice(from, end) };
}

/**
 * The package that a draft has become.
 *
 * A name, version and architecture are parts of a path and of a URL, so anything that could lead
 * elsewhere is refused.
 *
 * @throws Error when the name, version or architecture is missing or could not be one
 */
export function finish<Draft extends PackageDraft>(draft: Draft): Draft {
  const { name, version, architecture } = draft;
  if (!SAFE.test(name)) throw new Error(`not a package name: ${quotedStart(name)}`);
  if (!SAFE.test(version)) throw new Error(`${name}: not a version: ${quotedStart(version)}`);
  if (!SAFE.test(architecture)) throw new Error(`${name}: not an architecture: ${quotedStart(architecture)}`);
  if (draft.origin === "") draft.origin = draft.name;
  return draft;
}

/** Letters, digits and the signs that Alpine's names and versions have, of which none has more than 100. A name of apk's own may begin with a dot. */
const SAFE = /^\.?[A-Za-z0-9_][A-Za-z0-9_.+~-]{0,200}$/;

/** Seconds since 1970. What lies before comes of a build that knew no time, such as Go's zero: not said. */
function buildTime(text: string, from: number, end: number): number {
  const isEarlier = text[from] === "-";
  const time = wholeNumber(text, isEarlier ? from + 1 : from, end);
  if (isEarlier) return 0;
  if (time > LATEST) throw new Error(`not a time: ${quotedStart(text.slice(from - 2, end))}`);
  return time;
}

/** The last second that has a date of four digits for its year. */
const LATEST = 253_402_300_799;

function wholeNumber(text: string, from: number, end: number): number {
  let number = from === end ? Number.NaN : 0;
  for (let position = from; position < end; position++) {
    const digit = text.charCodeAt(position) - ZERO;
    number = digit >= 0 && digit <= 9 ? number * 10 + digit : Number.NaN;
  }
  if (!Number.isSafeInteger(number))
    throw new Error(`not a whole number: ${quotedStart(text.slice(from - 2, end))}`);
  return number;
}

const ZERO = "0".charCodeAt(0);
