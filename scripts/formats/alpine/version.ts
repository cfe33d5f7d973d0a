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
 * Alpine's indexes hold a few versions that break the grammar, such as v3.0.17-r1. apk orders these too, with
 * a missing number for 0, and so does this. The hash is new in apk-tools 3 (Alpine 3.23), which compares
 * two as texts: that says nothing of which is newer, but the same is said everywhere. Numbers are exact up to
 * fifteen digits.
 *
 * Source of that: https://gitlab.alpinelinux.org/alpine/apk-tools, src/version.c.
 */

/** How a dependency compares a version with the wanted one; `~` is true when it begins with the wanted one. */
export type Operator = keyof typeof OPERATORS;

type Order = -1 | 0 | 1;

/** What each operator wants of the order of the two, and of whether one begins with the other. */
const OPERATORS = {
  "=": (order: Order) => order === 0,
  "~": (_: Order, prefix: boolean) => prefix,
  "<": (order: Order) => order < 0,
  "<=": (order: Order) => order <= 0,
  ">": (order: Order) => order > 0,
  ">=": (order: Order) => order >= 0,
  "<~": (order: Order, prefix: boolean) => prefix || order < 0,
  ">~": (order: Order, prefix: boolean) => prefix || order > 0,
};

/** Whether a text is an operator, in its usual spelling. */
export function isOperator(text: string): text is Operator {
  return Object.hasOwn(OPERATORS, text);
}

/** The kinds of token. Where two versions differ in kind, the lower number is the newer version. */
const KIND = {
  /** Something that no version has. */
  unknown: -1,
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
};

interface Token {
  readonly kind: number;
  /** The text of a hash; anything else is a number. */
  readonly value: number | string;
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

/** A version, forgiving: numbers may be missing, and whatever cannot be understood is the rest. */
const PARTS =
  /^(?<body>\d*(?:\.\d*)*(?:[a-z]\d+(?:\.\d*)*)*[a-z]?)(?<suffixes>(?:_(?:alpha|beta|pre|rc|cvs|svn|git|hg|p)\d*)*)(?:~(?<hash>[0-9a-f]+))?(?:-r(?<revision>\d*))?(?<rest>.*)$/s;

/** Which of two versions is newer: -1 when `a` is the older, 1 when it is the newer, 0 when apk sees no difference. */
export function compareVersions(a: string, b: string): Order {
  return compareTokens(tokensOf(a), tokensOf(b)).order;
}

/** Versions from the oldest to the newest, in a list of its own. Each is taken apart once, however many there are. */
export function sortVersions(versions: readonly string[]): string[] {
  return versions
    .map((version) => ({ version, tokens: tokensOf(version) }))
    .sort((a, b) => compareTokens(a.tokens, b.tokens).order)
    .map(({ version }) => version);
}

/** Whether a version is one that a dependency asks for: `satisfies("22.16.0-r2", "~", "22")`. */
export function satisfies(version: string, operator: Operator, wanted: string): boolean {
  const { order, prefix } = compareTokens(tokensOf(version), tokensOf(wanted));
  return OPERATORS[operator](order, prefix);
}

function tokensOf(version: string): Token[] {
  const { body = "", suffixes = "", hash, revision, rest = "" } = PARTS.exec(version)?.groups ?? {};
  return [
    ...bodyTokens(body),
    ...[...suffixes.matchAll(/([a-z]+)(\d*)/g)].flatMap(([, word = "", digits = ""]) =>
      withNumber({ kind: KIND.suffix, value: SUFFIXES[word] ?? 0 }, KIND.suffixNumber, digits),
    ),
    ...(hash === undefined ? [] : [{ kind: KIND.hash, value: hash }]),
    ...(revision === undefined ? [] : [{ kind: KIND.revision, value: Number(revision) }]),
    { kind: rest === "" ? KIND.end : KIND.unknown, value: 0 },
  ];
}

/** The numbers and letters: everything up to the suffixes. */
function bodyTokens(body: string): Token[] {
  const first = /^\d*/.exec(body)?.[0] ?? "";
  const pieces = body.slice(first.length).match(/[.a-z]\d*/g) ?? [];
  return [
    { kind: KIND.number, value: Number(first) },
    ...pieces.flatMap((piece, position) =>
      piece.startsWith(".")
        ? fieldTokens(piece.slice(1), pieces[position + 1]?.startsWith(".") ?? false)
        : withNumber({ kind: KIND.letter, value: piece.charCodeAt(0) }, KIND.number, piece.slice(1)),
    ),
  ];
}

/** Leading zeros are a token of their own, and what follows them another. */
function fieldTokens(field: string, anotherFollows: boolean): Token[] {
  const zeros = field.length - field.replace(/^0+/, "").length;
  if (zeros === 0) return [{ kind: KIND.field, value: Number(field) }];
  const leading = { kind: KIND.field, value: -zeros };
  const rest = field.slice(zeros);
  return rest === "" && !anotherFollows ? [leading] : [leading, { kind: KIND.number, value: Number(rest) }];
}

/** A token, and another for the number behind it, where there is one. */
function withNumber(token: Token, kind: number, digits: string): Token[] {
  return digits === "" ? [token] : [token, { kind, value: Number(digits) }];
}

/** `prefix` tells that all the two have in common is equal, up to where one of them goes on in another way. */
function compareTokens(a: readonly Token[], b: readonly Token[]): { order: Order; prefix: boolean } {
  for (const [position, left] of a.entries()) {
    const right = b[position];
    if (right === undefined) break;
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
  return token.kind === KIND.suffix && Number(token.value) < 0;
}
