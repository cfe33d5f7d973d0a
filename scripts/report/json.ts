import type { Done, Outcome } from "../pipeline/events.ts";
import { isDue, type PlannedTarget } from "../plan/plan.ts";
import { describeReason } from "../plan/reasons.ts";
import type { Streak } from "./runs/summarize.ts";

/**
 * What `--json` prints. Apart from the types inside, so that those can change and scripts that read this
 * need not.
 */
export function planJson(planned: readonly PlannedTarget[]) {
  return planned.map(
    ({ target, platforms, reasons, held, published, support, obstacle, offered, leftOut, ...rest }) => ({
      target: target.name,
      rebuild: isDue({ reasons, ...(obstacle && { obstacle }), ...(leftOut && { leftOut }) }),
      platforms,
      unavailablePlatforms: (rest.skipped ?? []).map(({ isUnknown: _, ...why }) => why),
      support,
      endOfLife: target.endOfLife ?? null,
      unavailable: obstacle?.excused ? obstacle.text : null,
      mistake:
        obstacle && !obstacle.excused && !obstacle.isUnknown
          ? { text: obstacle.text, place: target.place }
          : null,
      reasons: reasons.map((reason) => ({ ...reason, text: describeReason(reason) })),
      held: held.map(({ reason, because }) => ({ ...reason, text: describeReason(reason), because })),
      ...(obstacle?.isUnknown && { notBegun: obstacle.text }),
      ...(leftOut && { leftOut }),
      ...(rest.notes && { notes: rest.notes }),
      unknown: offered?.unknown ?? [],
      digest: published?.digest ?? null,
    }),
  );
}

/**
 * The outcome of each target. Sizes are in bytes, times in seconds.
 * @param streaks in how many runs what failed now has failed in a row
 */
export function outcomesJson(outcomes: readonly Outcome[], streaks: ReadonlyMap<string, Streak> = new Map()) {
  return outcomes.map((outcome) => {
    if (outcome.status === "done") return doneJson(outcome);
    const streak = streaks.get(outcome.target);
    return streak ? { ...outcome, failedRuns: streak.runs, failingSince: streak.since } : outcome;
  });
}

function doneJson({ status, target, built, published, seconds }: Done) {
  return {
    status,
    target,
    digest: built.index.digest,
    repository: published?.repository ?? null,
    tags: published?.tags ?? [],
    uploadedBytes: published?.uploadedBytes ?? 0,
    seconds,
    platforms: built.platforms.map(({ platform, manifest, compressedSize, unpackedSize, installed }) => ({
      platform,
      digest: manifest.digest,
      compressedSize,
      unpackedSize,
      packages: installed.map(({ name, version }) => `${name}-${version}`),
    })),
  };
}
