import { daysSince } from "../model/end-of-life.ts";
import { isDue } from "../plan/plan.ts";
import { describeReason } from "../plan/reasons.ts";
import { latencyJson } from "./latency-text.ts";
import { ledgersOf, type Status, type TargetStatus, versionOf } from "./status.ts";
import { latencyIn, unfixedOf } from "./status-ledger.ts";

/** The same for scripts. Sizes are in bytes, times as ISO 8601 has them; null where something is not known. */
export function statusJson({ targets, left, unknown }: Status, today: Date) {
  return {
    status: targets.map((one) => {
      const { planned, vulnerabilities, at, isSigned } = one;
      const { target, published, support, reasons, held, obstacle } = planned;
      return {
        target: target.name,
        digest: published?.digest ?? null,
        version: versionOf(one) ?? null,
        published: at?.toISOString() ?? null,
        age: at ? daysSince(at, today) : null,
        budget: target.budget ?? null,
        platforms: [...(published?.sizes ?? [])].map(([platform, { compressed, unpacked }]) => {
          return { platform, compressedSize: compressed, unpackedSize: unpacked };
        }),
        wantedPlatforms: target.platforms,
        endOfLife: target.endOfLife ?? null,
        support,
        signed: isSigned ?? null,
        due: isDue(planned),
        reasons: reasons.map((reason) => ({ kind: reason.kind, text: describeReason(reason) })),
        held: held.map(({ reason, because }) => ({ text: describeReason(reason), because })),
        obstacle: obstacle?.text ?? null,
        unknown: planned.offered?.unknown ?? [],
        vulnerabilities: vulnerabilities ?? null,
        scanned: one.ledger?.looked ?? null,
        unfixed: unfixedJson(one),
        ...(one.problem !== undefined && { problem: one.problem }),
      };
    }),
    left: left.map(({ name, reference, digest, at }) => {
      return { name, reference, digest: digest ?? null, published: at?.toISOString() ?? null };
    }),
    latency: latencyJson(latencyIn(ledgersOf(targets), today)),
    unknown,
  };
}

/** Those without a fix, by the last scan; null where nobody can tell. */
function unfixedJson(one: TargetStatus) {
  const [ledger] = ledgersOf([one]);
  const found = ledger && unfixedOf(ledger);
  if (!found) return null;
  return found.map(({ id, package: of, installed, severity, firstSeen, exception }) => {
    return {
      id,
      package: of,
      installed,
      severity: severity ?? null,
      firstSeen,
      exception: exception ?? null,
    };
  });
}
