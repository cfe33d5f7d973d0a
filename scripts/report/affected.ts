import { fixesOf } from "../formats/alpine/secdb.ts";
import type { LedgerEntry } from "../model/ledger.ts";
import type { Target } from "../model/target.ts";
import type { Vulnerability } from "../plan/vulnerable.ts";
import { formatDigest, formatProse, formatTable, oneLine } from "../system/shown/format.ts";
import type { Fixes } from "../upstream/upstream.ts";

/** Which images hold a vulnerability, and held it. */
export interface Affected {
  readonly name: string;
  /** Branch → Alpine's list of fixes. */
  readonly fixes: ReadonlyMap<string, Fixes>;
  readonly targets: readonly AffectedTarget[];
  /** What could not be asked. */
  readonly unknown: readonly string[];
}

/** What a target's tag points at and pointed at before, the newest first. */
export interface AffectedTarget {
  readonly target: Target;
  /** The digest that its tag points at now; undefined where there is none. */
  readonly now: string | undefined;
  /** What the last scan of what it points at found of it without a fix; undefined where nobody can tell. */
  readonly unfixed?: readonly LedgerEntry[] | undefined;
  /** Why it could not be read: then nothing else is known of it. */
  readonly problem?: string;
  readonly images: readonly {
    readonly digest: string;
    readonly created: Date;
    /** The packages in it that have the vulnerability; undefined where nobody knows what is installed. */
    readonly holds: readonly Vulnerability[] | undefined;
  }[];
}

/**
 * Who holds a vulnerability, who held it, and since when each is free of it, as a person reads it.
 * @param width of a line, in characters; undefined where there is no bound
 */
export function affectedText({ name, fixes, targets, unknown }: Affected, width?: number): string {
  const fixed = [...fixes].flatMap(([branch, list]) =>
    [...fixesOf(list, name)].map(([origin, version]) => `Alpine ${branch}: ${origin} ${version}`),
  );
  const heading =
    fixed.length > 0
      ? `${name} is fixed in:\n${fixed.join("\n")}`
      : fixes.size > 0
        ? `Alpine's lists of fixes do not name ${name}, so they cannot tell whether an image has it.`
        : `No list of Alpine's fixes could be read, so nobody can tell whether an image has ${name}.`;
  const touched = targets.filter(({ images }) => images.some(({ holds }) => (holds ?? []).length > 0));
  const rows = touched.map((one) => [
    one.target.name,
    nowText(one),
    one.images
      .filter(({ holds }) => (holds ?? []).length > 0)
      .map(({ digest }) => formatDigest(digest))
      .join(" "),
  ]);
  const sections = [
    formatProse(heading, width),
    rows.length > 0 ? formatTable([["TARGET", "NOW", "HELD BY"], ...rows], width) : "",
    unfixedText(targets, width),
    formatProse(unreadLines(targets).join("\n"), width),
    unknown.length > 0 ? formatProse(`Could not be found out:\n${unknown.join("\n")}`, width) : "",
    formatProse(tallyOf(targets, fixed.length > 0), width),
  ];
  return sections.filter((section) => section !== "").join("\n\n");
}

function unreadLines(targets: readonly AffectedTarget[]): string[] {
  return targets.flatMap(({ target, problem }) =>
    problem === undefined ? [] : [`✖ ${target.name}: could not be read: ${oneLine(problem)}`],
  );
}

/** Of what has no fix only a scanner tells. */
function unfixedText(targets: readonly AffectedTarget[], width: number | undefined): string {
  const rows = targets.flatMap(({ target, unfixed = [] }) =>
    unfixed.map(({ package: of, installed, firstSeen, exception }) => [
      target.name,
      `${of} ${installed}`,
      firstSeen.slice(0, 10),
      exception ? `${exception.kind.replace("_", " ")} until ${exception.until}` : "-",
    ]),
  );
  const heading = ["BY THE LAST SCAN, UNFIXED", "IN", "SINCE", "EXCEPTION"];
  return rows.length === 0 ? "" : formatTable([heading, ...rows], width);
}

function nowText(one: AffectedTarget): string {
  if (one.now === undefined) return "not published";
  const holding = holdingNow(one);
  if (holding === undefined) return "nobody knows";
  if (holding.length > 0) {
    return `holds it: ${holding.map(({ package: name, installed }) => `${name} ${installed}`).join(", ")}`;
  }
  const since = freeSince(one);
  return since ? `free of it since ${since.toISOString().slice(0, 10)}` : "free of it";
}

/** What the image under the tag has of it; undefined where nobody knows. */
function holdingNow({ now, images }: AffectedTarget): readonly Vulnerability[] | undefined {
  return images.find(({ digest }) => digest === now)?.holds;
}

/**
 * When the tag was moved to the first of the images without it that go up to what it points at; undefined where it was
 * never with it, or is. An image of which nobody knows counts as none without it.
 */
function freeSince({ now, images }: AffectedTarget): Date | undefined {
  const wasWithIt = images.some(({ holds }) => (holds ?? []).length > 0);
  const isNewest = images[0]?.digest === now;
  const free = images.findIndex(({ holds }) => holds?.length !== 0);
  return wasWithIt && isNewest ? images[free - 1]?.created : undefined;
}

function tallyOf(targets: readonly AffectedTarget[], isListed: boolean): string {
  const holding = targets.filter((one) => (holdingNow(one) ?? []).length > 0).length;
  if (!isListed) return "";
  const unread = targets.filter(
    ({ now, images }) => now !== undefined && !images.some((one) => one.digest === now && one.holds),
  );
  const doubt =
    unread.length === 0 ? "" : ` Of ${unread.length} nobody knows: they do not tell what is installed.`;
  return `${holding} of ${targets.length} tags hold it now.${doubt}`;
}

/** The same for scripts. */
export function affectedJson({ name, fixes, targets, unknown }: Affected) {
  return {
    vulnerability: name,
    fixes: [...fixes].flatMap(([branch, list]) =>
      [...fixesOf(list, name)].map(([origin, version]) => ({ branch, origin, version })),
    ),
    targets: targets.map((one) => ({
      target: one.target.name,
      digest: one.now ?? null,
      holds: holdingNow(one) ?? [],
      unfixed:
        one.unfixed?.map(({ package: of, installed, severity, firstSeen, exception }) => ({
          ...{ package: of, installed, severity: severity ?? null, firstSeen },
          exception: exception ?? null,
        })) ?? null,
      freeSince: freeSince(one)?.toISOString() ?? null,
      ...(one.problem !== undefined && { problem: one.problem }),
      images: one.images.map(({ digest, created, holds }) => ({
        digest,
        created: created.toISOString(),
        holds: holds ? holds.length > 0 : null,
      })),
    })),
    unknown,
  };
}
