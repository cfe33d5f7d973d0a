import { PLATFORMS } from "../model/platform.ts";
import type { Policy } from "../model/policy.ts";
import { isDue, isUncompared, type PlannedTarget } from "../plan/plan.ts";
import { describePackage, describeReason, type Reason } from "../plan/reasons.ts";
import { count, formatFacts, oneLine, wrap } from "../system/shown/format.ts";
import { SOURCE_AWAY } from "./names.ts";

type Fact = readonly [name: string, text: string];

/**
 * The full story of a target: what it was compared with, and what came of it, also where nothing did.
 * @param width of a line, in characters; undefined where there is no bound
 */
export function explanation(planned: PlannedTarget, width?: number): string {
  const { target, skipped = [], offered, obstacle, notes = [] } = planned;
  const unknown = offered?.unknown ?? [];
  const facts: Fact[] = [
    ["published", publishedFact(planned)],
    ["inputs", inputsFact(planned)],
    ["base", baseFact(planned)],
    ...packageFacts(planned),
    ...skipped.map(({ platform, because, isUnknown }): Fact => {
      return [platform, isUnknown ? "could not be asked" : `unavailable: ${because}`];
    }),
    ["policy", policyFact(target.policy)],
    ["support", supportFact(planned)],
    ...unknown.map((problem): Fact => ["unknown", problem]),
    // A cause is told once.
    ...(obstacle && !unknown.includes(obstacle.text) ? [["obstacle", obstacle.text] as const] : []),
    ...notes.map((note): Fact => ["note", note]),
  ];
  const reasons = reasonLines(planned).flatMap((line) => wrap(line, width, 2));
  return [`${target.name}: ${verdict(planned)}`, ...formatFacts(facts, width), ...reasons].join("\n");
}

function verdict(planned: PlannedTarget): string {
  if (planned.obstacle?.isUnknown) return `not started: ${SOURCE_AWAY}`;
  if (planned.obstacle) return planned.obstacle.excused ? "unavailable" : "cannot be built";
  if (isDue(planned)) return "to be rebuilt";
  if (planned.leftOut === "archived") {
    return "archived and not published: built where its version is named, or where the catalog says archived: true";
  }
  if (planned.support === "archived") return "archived: not rebuilt any more";
  if (isUncompared(planned)) return "nothing to do, but not everything could be compared";
  return "nothing to do";
}

function publishedFact({ published }: PlannedTarget): string {
  if (!published) return "not yet";
  const when = published.at ? `, since ${published.at.toISOString().slice(0, 10)}` : "";
  return `${published.digest}${when}`;
}

function inputsFact({ published, inputs, reasons }: PlannedTarget): string {
  if (!published?.inputs) return "nothing to compare with";
  if (reasons.some(({ kind }) => kind === "inputs")) return "changed";
  return `as published: ${Object.keys(inputs).join(", ")}`;
}

function baseFact({ published, offered, target }: PlannedTarget): string {
  if (target.variant !== "dev") return "none (FROM scratch)";
  if (!published) return "nothing to compare with";
  if (published.base === undefined) return "unknown for what is published";
  if (offered?.base === undefined) return `${published.base}, not compared`;
  return published.base === offered.base
    ? `${published.base}, as it is now`
    : `${published.base}, now ${offered.base}`;
}

function packageFacts({ published, offered, target, support }: PlannedTarget): Fact[] {
  return PLATFORMS.flatMap((platform): Fact[] => {
    const packages = published?.sizes?.get(platform)?.packages;
    if (!packages) return [];
    const offer = offered?.packages.get(platform);
    const held = count(packages.size, "package");
    if (support === "archived") return [[platform, `${held}, not compared: archived`]];
    if (!offer) return [[platform, `${held}, not compared`]];
    const known = [...packages.keys()].filter((name) => offer.has(name)).length;
    return [[platform, `${held}, ${known} of them in the indexes of v${target.branch}`]];
  });
}

function policyFact({ for: counts, notWithin, maxAge }: Policy): string {
  return [
    counts === "security" ? "rebuilt for security fixes" : "rebuilt for any change",
    ...(notWithin === undefined ? [] : [`at most every ${count(notWithin, "day")}`]),
    ...(maxAge === undefined ? [] : [`at least every ${count(maxAge, "day")}`]),
  ].join(", ");
}

function supportFact({ support, target: { endOfLife } }: PlannedTarget): string {
  if (endOfLife === undefined) return support;
  if (support === "archived") return `ended on ${endOfLife}`;
  return support === "ending" ? `ends on ${endOfLife}` : `supported until ${endOfLife}`;
}

function reasonLines({ reasons, held }: PlannedTarget): string[] {
  return [
    ...reasons.flatMap((reason) => linesOf(reason, "because")),
    ...held.flatMap(({ reason, because }) => linesOf(reason, `held (${because})`)),
  ];
}

/** One line, and of packages one for each. */
function linesOf(reason: Reason, label: string): string[] {
  const lines =
    reason.kind === "packages" ? reason.moved.map((one) => describePackage(one)) : [describeReason(reason)];
  return lines.map((line) => `  ${label}: ${oneLine(line)}`);
}
