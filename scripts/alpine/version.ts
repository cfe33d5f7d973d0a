/**
 * Alpine's version order, as apk-tools 2 has it:
 *
 *     NUMBER{.NUMBER}[LETTER[NUMBER]]{_SUFFIX[NUMBER]}[~HASH][-rNUMBER]
 *
 * Source: https://wiki.alpinelinux.org/wiki/APKBUILD_Reference#pkgver and the behaviour of apk itself,
 * which the tests ask. Two rules surprise. A number after a dot that begins with zeros is compared by how
 * many zeros there are, fewer being more, and then by what follows: 1.0 > 1.00, 1.01 < 1.1. And when two
 * versions are alike until one ends, the longer is newer, unless it goes on with a suffix of the kind
 * that comes before a release: 1.0_rc1 < 1.0 < 1.0_p1.
 *
 * The hash is new in apk-tools 3 (Alpine 3.23). Numbers are exact up to fifteen digits.
 */

/** How a dependency compares a version with the wanted one; `~` is true when it begins with the wanted one. */
export type Operator = "=" | "~" | "<" | "<=" | ">" | ">=" | "<~" | ">~";

export type Order = -1 | 0 | 1;

/** The kinds of token. Where two versions differ in kind, the lower number is the newer version. */
const KIND = {
  /** A number after a dot, or the zeros it begins with. */
  field: 0,
  /** The first number, one after leading zeros, or one after a letter. */
  number: 1,
  letter: 2,
  suffix: 3,
  suffixNumber: 4,
  hash: 5,
  revision: 6,
  end: 7,
} as const;

type Kind = (typeof KIND)[keyof typeof KIND];

interface Token {
  readonly kind: Kind;
  readonly value: number;
}

/** Suffixes with their weights. Those below zero come before the release, the others after it. */
const SUFFIXES: Readonly<Record<string, number>> = {
  alpha: -4,
  beta: -3,
  pre: -2,
  rc: -1,
  cvs: 0,
  svn: 1,
  git: 2,
  hg: 3,
  p: 4,
};

const VERSION =
  /^(?<numbers>\d+(?:\.\d+)*)(?<letter>[a-z]\d*)?(?<suffixes>(?:_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p)\d*)*)(?:~(?<hash>[0-9a-f]+))?(?:-r(?<revision>\d+))?$/;

/** Whether a text is a version that Alpine can order. */
export function isVersion(text: string): boolean {
  return VERSION.test(text);
}

/**
 * Which of two versions is newer: -1 when `a` is older than `b`, 1 when it is newer, 0 when apk sees no difference.
 *
 * @throws Error when one of them is not a version
 */
export function compareVersions(a: string, b: string): Order {
  return compareTokens(tokensOf(a), tokensOf(b)).order;
}

/**
 * Whether a version is one that a dependency asks for: `satisfies("22.16.0-r2", "~", "22")`.
 *
 * Something that is not a version satisfies `=` with its equal and nothing else.
 */
export function satisfies(version: string, operator: Operator, wanted: string): boolean {
  if (!isVersion(version) || !isVersion(wanted)) return operator === "=" && version === wanted;
  const { order, prefix } = compareTokens(tokensOf(version), tokensOf(wanted));
  switch (operator) {
    case "=":
      return order === 0;
    case "~":
      return prefix;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
    case "<~":
      return prefix || order < 0;
    case ">~":
      return prefix || order > 0;
  }
}

function tokensOf(version: string): Token[] {
  const parts = VERSION.exec(version)?.groups;
  if (!parts) throw new Error(`not a version as Alpine orders them: ${JSON.stringify(version)}`);
  const { numbers = "", letter = "", suffixes = "", hash, revision } = parts;
  return [
    ...numberTokens(numbers),
    ...letterTokens(letter),
    ...suffixes.split("_").slice(1).flatMap(suffixTokens),
    // Hashes have no order: that one is there is all that counts.
    ...(hash === undefined ? [] : [{ kind: KIND.hash, value: 0 }]),
    ...(revision === undefined ? [] : [{ kind: KIND.revision, value: Number(revision) }]),
    { kind: KIND.end, value: 0 },
  ];
}

function numberTokens(numbers: string): Token[] {
  const [first = "", ...fields] = numbers.split(".");
  const last = fields.length - 1;
  return [
    { kind: KIND.number, value: Number(first) },
    ...fields.flatMap((field, position) => fieldTokens(field, position === last)),
  ];
}

/** Leading zeros are a token of their own, and what follows them another. */
function fieldTokens(field: string, isLast: boolean): Token[] {
  const zeros = field.length - field.replace(/^0+/, "").length;
  if (zeros === 0) return [{ kind: KIND.field, value: Number(field) }];
  const rest = field.slice(zeros);
  const leading = { kind: KIND.field, value: -zeros };
  return rest === "" && isLast ? [leading] : [leading, { kind: KIND.number, value: Number(rest) }];
}

function letterTokens(letter: string): Token[] {
  if (letter === "") return [];
  const token = { kind: KIND.letter, value: letter.charCodeAt(0) };
  return letter.length === 1 ? [token] : [token, { kind: KIND.number, value: Number(letter.slice(1)) }];
}

function suffixTokens(text: string): Token[] {
  const word = text.replace(/\d+$/, "");
  const token = { kind: KIND.suffix, value: SUFFIXES[word] ?? 0 };
  if (word === text) return [token];
  return [token, { kind: KIND.suffixNumber, value: Number(text.slice(word.length)) }];
}

/** `prefix` tells that all the two have in common is equal, up to where one of them goes on in another way. */
function compareTokens(a: readonly Token[], b: readonly Token[]): { order: Order; prefix: boolean } {
  const length = Math.min(a.length, b.length);
  for (let position = 0; position < length; position++) {
    const left = a[position];
    const right = b[position];
    if (left === undefined || right === undefined) break;
    if (left.kind !== right.kind) return { order: orderOfKinds(left, right), prefix: true };
    if (left.value !== right.value) return { order: left.value < right.value ? -1 : 1, prefix: false };
  }
  return { order: 0, prefix: true };
}

function orderOfKinds(left: Token, right: Token): Order {
  if (isPreRelease(left)) return -1;
  if (isPreRelease(right)) return 1;
  return left.kind > right.kind ? -1 : 1;
}

function isPreRelease(token: Token): boolean {
  return token.kind === KIND.suffix && token.value < 0;
}
