import { SEVERITIES } from "../model/gate.ts";
import { latencyOf } from "../model/latency.ts";
import { isOpen, type LedgerEntry } from "../model/ledger.ts";
import { STAGES } from "../model/run.ts";
import type { Outcome } from "../pipeline/events.ts";
import { isDue } from "../plan/plan.ts";
import { sum } from "../system/sum.ts";
import type { Metric, Sample } from "./metrics.ts";
import type { Scan } from "./scan.ts";
import type { Status } from "./status.ts";

/** What each command tells of, as metrics: no two tell of the same, so that their files may lie side by side. Pure. */

/** @param registry `HOST/NAMESPACE` */
export function rebuildMetrics(outcomes: readonly Outcome[], registry: string): Metric[] {
  const done = outcomes.flatMap((one) => (one.status === "done" ? [one] : []));
  const statuses = ["done", "failed", "held", "unstarted"] as const;
  const sent = sum(done.map(({ published }) => published?.uploadedBytes ?? 0));
  return [
    {
      name: "birdhouse_rebuild_targets",
      help: "Targets that were due in the last rebuild, by what became of them.",
      samples: statuses.map((status) => ({
        labels: { registry, status },
        value: outcomes.filter((one) => one.status === status).length,
      })),
    },
    {
      name: "birdhouse_rebuild_stage_seconds",
      help: "Seconds that a stage took in the last rebuild, of all published targets together.",
      samples: STAGES.map((stage) => ({
        labels: { registry, stage },
        value: rounded(sum(done.map(({ seconds }) => seconds[stage]))),
      })),
    },
    ...gauges(registry, [["birdhouse_rebuild_uploaded_bytes", "Bytes that the last rebuild sent.", sent]]),
  ];
}

/** @param registry `HOST/NAMESPACE` */
export function statusMetrics({ targets, left }: Status, registry: string): Metric[] {
  const published = targets.filter(({ planned }) => planned.published);
  const known = published.flatMap(({ vulnerabilities }) => (vulnerabilities ? [vulnerabilities] : []));
  const names = new Set(known.flat().map(({ name }) => name));
  const times = targets.flatMap(({ at }) => (at ? [at.getTime() / 1000] : []));
  const due = targets.filter(({ planned }) => isDue(planned));
  // Where no list could be read nobody knows.
  const fixable = known.length === 0 && published.length > 0 ? undefined : names.size;
  const oldest = times.length === 0 ? undefined : Math.round(Math.min(...times));
  return gauges(registry, [
    ["birdhouse_targets", "Targets of the catalog.", targets.length],
    ["birdhouse_targets_published", "Targets that are published.", published.length],
    ["birdhouse_targets_due", "Targets that the next rebuild would build.", due.length],
    ["birdhouse_targets_left", "Published tags of versions that are no longer in the catalog.", left.length],
    [
      "birdhouse_vulnerabilities_fixable",
      "Vulnerabilities in what is published that Alpine has fixed.",
      fixable,
    ],
    [
      "birdhouse_oldest_tag_timestamp_seconds",
      "When the tag was moved that has stayed where it is for longest, in Unix time.",
      oldest,
    ],
  ]);
}

/** @param registry `HOST/NAMESPACE` */
export function scanMetrics({ targets }: Pick<Scan, "targets">, now: Date, registry: string): Metric[] {
  const ledgers = targets.flatMap(({ after }) => (after?.looked ? [after] : []));
  const entries = ledgers.flatMap((ledger) => ledger.entries);
  // Where nobody ever looked, nobody knows of any, and not of none.
  const known = (value: number) => (ledgers.length === 0 ? undefined : value);
  const open = entries.filter((entry) => isOpen(entry));
  const { published, p50, p95, waiting, longestWaiting } = latencyOf(entries, now);
  const excepted = open.filter(({ exception }) => exception);
  const problematic = targets.filter(({ problems }) => problems.length > 0);
  const quantile = (name: string, ms: number | undefined): Sample[] =>
    ms === undefined ? [] : [{ labels: { registry, quantile: name }, value: rounded(ms / 1000) }];
  return [
    ...(ledgers.length === 0 ? [] : [openMetric(open, registry)]),
    {
      name: "birdhouse_fix_latency_seconds",
      help: "Seconds from a fix of Alpine's to the image with it, by quantile, over all ledgers.",
      samples: [...quantile("0.5", p50), ...quantile("0.95", p95)],
    },
    ...gauges(registry, [
      [
        "birdhouse_vulnerabilities_excepted",
        "Vulnerabilities in what is published that the catalog lets through.",
        known(namesIn(excepted)),
      ],
      ["birdhouse_fixes_published", "Fixes that the latency is counted of.", published],
      ["birdhouse_fixes_waiting", "Fixes of Alpine's that are not published yet.", waiting],
      [
        "birdhouse_fix_longest_wait_seconds",
        "Seconds for which the longest of these waits.",
        rounded((longestWaiting ?? 0) / 1000),
      ],
      [
        "birdhouse_scan_problems",
        "Targets of which the last scan could not find out all.",
        problematic.length,
      ],
    ]),
  ];
}

function openMetric(open: readonly LedgerEntry[], registry: string): Metric {
  const countOf = (severity: string, fix: string) => {
    const those = open.filter(
      (one) =>
        (one.severity ?? "unknown") === severity && (one.fixedByAlpine !== undefined) === (fix === "yes"),
    );
    return { labels: { registry, severity, fix }, value: namesIn(those) };
  };
  return {
    name: "birdhouse_vulnerabilities_open",
    help: "Vulnerabilities in what is published, by severity and by whether Alpine has a fix.",
    samples: [...SEVERITIES, "unknown"].flatMap((severity) => [
      countOf(severity, "yes"),
      countOf(severity, "no"),
    ]),
  };
}

/** How many vulnerabilities: each once, however many images and packages have it. */
function namesIn(entries: readonly LedgerEntry[]): number {
  return new Set(entries.map(({ id }) => id)).size;
}

/** Gauges of one value each, which is undefined where nobody knows. */
function gauges(registry: string, values: readonly (readonly [string, string, number | undefined])[]) {
  return values.map(
    ([name, help, value]): Metric => ({
      ...{ name, help },
      samples: value === undefined ? [] : [{ labels: { registry }, value }],
    }),
  );
}

/** To milliseconds: what is left of it is the clock's. */
function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
