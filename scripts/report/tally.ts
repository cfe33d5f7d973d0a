import { type RunSummary, type RunTarget, STAGES } from "../model/run.ts";
import { sum } from "../system/sum.ts";

/** What is counted and added up of runs, for every account of them. All functions here are pure. */

/** How many targets came to what. */
export function countsOf({ targets }: Pick<RunSummary, "targets">): Record<RunTarget["status"], number> {
  const counts = { done: 0, failed: 0, held: 0, unstarted: 0 };
  for (const { status } of targets) counts[status]++;
  return counts;
}

/** `3 failed`, `1 held back`: what there is any of. @param counts by what each is called */
export function countedTexts(counts: Readonly<Record<string, number>>): string[] {
  return Object.entries(counts)
    .filter(([, number]) => number > 0)
    .map(([words, number]) => `${number} ${words}`);
}

/** Seconds that a run took; undefined where it has no end. */
export function secondsOfRun({ started, ended }: RunSummary): number | undefined {
  return ended === undefined ? undefined : (Date.parse(ended) - Date.parse(started)) / 1000;
}

/** Seconds of a target, all stages together. */
export function secondsOfTarget({ seconds }: RunTarget): number {
  return sum(STAGES.map((stage) => seconds[stage]));
}

/** Which vulnerabilities a run fixed, and in which targets: only what was published counts. */
export function fixedIn(targets: readonly RunTarget[]): ReadonlyMap<string, readonly string[]> {
  const fixed = new Map<string, string[]>();
  for (const { target, tags, reasons } of targets) {
    if (tags.length === 0) continue;
    for (const cve of new Set(reasons.flatMap(({ cves }) => cves))) {
      fixed.set(cve, [...(fixed.get(cve) ?? []), target]);
    }
  }
  return fixed;
}

/** The release that a target belongs to: `node:22` of both `node:22` and `node:22-dev`. */
export function releaseOf({ target }: RunTarget): string {
  return target.replace(/-(?:dev|debug)$/, "");
}
