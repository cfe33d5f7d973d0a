import { describe, expect, it } from "vitest";
import { emptyLedger, type Finding, type Ledger, withLook } from "../../../scripts/model/ledger.ts";
import { metricsText } from "../../../scripts/report/metrics.ts";
import { rebuildMetrics, scanMetrics, statusMetrics } from "../../../scripts/report/metrics-of.ts";
import type { Status, TargetStatus } from "../../../scripts/report/status.ts";
import { samplePlan } from "../../support/sample-plan.ts";
import { digest, publishedTarget } from "./sample-outcomes.ts";

/** What stands in the files of the node exporter, to the letter: whoever draws or alerts by it relies on each line. */

const REGISTRY = "ghcr.io/birds";
const day = (number: number, hour = 0) => new Date(Date.UTC(2026, 10, number, hour));

describe("the metrics of a rebuild", () => {
  it("are its targets by what became of them, the seconds of all stages, and what was sent", () => {
    const done = publishedTarget();
    const slower = { ...done, seconds: { build: 10.5, smoke: 0.0004, publish: 0.5 } };
    const held = { status: "held", target: "node:22-dev", pair: "node:22" } as const;
    expect(metricsText(rebuildMetrics([done, slower, held], REGISTRY))).toBe(
      `# HELP birdhouse_rebuild_targets Targets that were due in the last rebuild, by what became of them.
# TYPE birdhouse_rebuild_targets gauge
birdhouse_rebuild_targets{registry="ghcr.io/birds",status="done"} 2
birdhouse_rebuild_targets{registry="ghcr.io/birds",status="failed"} 0
birdhouse_rebuild_targets{registry="ghcr.io/birds",status="held"} 1
birdhouse_rebuild_targets{registry="ghcr.io/birds",status="unstarted"} 0
# HELP birdhouse_rebuild_stage_seconds Seconds that a stage took in the last rebuild, of all published targets together.
# TYPE birdhouse_rebuild_stage_seconds gauge
birdhouse_rebuild_stage_seconds{registry="ghcr.io/birds",stage="build"} 85.75
birdhouse_rebuild_stage_seconds{registry="ghcr.io/birds",stage="smoke"} 3.21
birdhouse_rebuild_stage_seconds{registry="ghcr.io/birds",stage="publish"} 1
# HELP birdhouse_rebuild_uploaded_bytes Bytes that the last rebuild sent.
# TYPE birdhouse_rebuild_uploaded_bytes gauge
birdhouse_rebuild_uploaded_bytes{registry="ghcr.io/birds"} 2000000
`,
    );
  });
});

/** Of the plan's targets: one that is due, one that is not, and one that is not published and cannot be built. */
function statusOf(changes: Partial<TargetStatus> = {}): Status {
  const plan = samplePlan(true);
  const of = (name: string, rest: Omit<TargetStatus, "planned" | "isSigned">): TargetStatus => {
    const planned = plan.find(({ target }) => target.name === name);
    if (!planned) throw new Error(name);
    return { planned, isSigned: undefined, ...rest, ...changes };
  };
  const fixable = (name: string, packageName: string) => ({
    ...{ name, package: packageName, installed: "1-r0", fixed: "1-r1", platforms: ["linux/amd64"] as const },
  });
  const tls = [fixable("CVE-2026-1", "libssl3"), fixable("CVE-2026-1", "libcrypto3")];
  return {
    targets: [
      of("node:22", { vulnerabilities: [...tls, fixable("CVE-2026-2", "zlib")], at: day(20) }),
      of("go:1.24-dev", { vulnerabilities: tls, at: new Date(day(12).getTime() + 600) }),
      of("rust:1.99", { vulnerabilities: undefined, at: undefined }),
    ],
    left: [{ name: "node:18", reference: "r/node:18", digest: digest("e"), at: day(1) }],
    unknown: [],
  };
}

describe("the metrics of a status", () => {
  it("are how many targets there are of which kind, each vulnerability once, and the oldest tag", () => {
    expect(metricsText(statusMetrics(statusOf(), REGISTRY))).toBe(
      `# HELP birdhouse_targets Targets of the catalog.
# TYPE birdhouse_targets gauge
birdhouse_targets{registry="ghcr.io/birds"} 3
# HELP birdhouse_targets_published Targets that are published.
# TYPE birdhouse_targets_published gauge
birdhouse_targets_published{registry="ghcr.io/birds"} 2
# HELP birdhouse_targets_due Targets that the next rebuild would build.
# TYPE birdhouse_targets_due gauge
birdhouse_targets_due{registry="ghcr.io/birds"} 1
# HELP birdhouse_targets_left Published tags of versions that are no longer in the catalog.
# TYPE birdhouse_targets_left gauge
birdhouse_targets_left{registry="ghcr.io/birds"} 1
# HELP birdhouse_vulnerabilities_fixable Vulnerabilities in what is published that Alpine has fixed.
# TYPE birdhouse_vulnerabilities_fixable gauge
birdhouse_vulnerabilities_fixable{registry="ghcr.io/birds"} 2
# HELP birdhouse_oldest_tag_timestamp_seconds When the tag was moved that has stayed where it is for longest, in Unix time.
# TYPE birdhouse_oldest_tag_timestamp_seconds gauge
birdhouse_oldest_tag_timestamp_seconds{registry="ghcr.io/birds"} ${Date.parse("2026-11-12T00:00:01Z") / 1000}
`,
    );
  });

  it("know of no vulnerability where nothing is published, and of no time", () => {
    const [, , rust] = statusOf().targets;
    if (!rust) throw new Error("the sample has too few targets");
    const found = metricsText(statusMetrics({ targets: [rust], left: [], unknown: [] }, REGISTRY));
    expect(found.split("\n").filter((line) => !line.startsWith("#"))).toEqual([
      'birdhouse_targets{registry="ghcr.io/birds"} 1',
      'birdhouse_targets_published{registry="ghcr.io/birds"} 0',
      'birdhouse_targets_due{registry="ghcr.io/birds"} 0',
      'birdhouse_targets_left{registry="ghcr.io/birds"} 0',
      'birdhouse_vulnerabilities_fixable{registry="ghcr.io/birds"} 0',
      "",
    ]);
  });

  it("leave out what nobody can tell", () => {
    const unread = statusOf({ vulnerabilities: undefined, at: undefined });
    expect(metricsText(statusMetrics(unread, REGISTRY))).not.toMatch(/fixable|oldest/);
  });
});

const FOUND: Finding = {
  ...{ id: "CVE-2026-1", package: "tar", installed: "1-r0", severity: "high", platforms: ["linux/amd64"] },
  sources: ["grype"],
};
const EXCEPTION = { kind: "accepted", reason: "No way in.", until: "2027-01-01" } as const;

const looked = (before: Ledger, at: Date, letter: string, findings: readonly Finding[]) =>
  withLook(before, {
    ...{ at, digest: digest(letter), published: undefined, sources: ["grype"], findings, before: [] },
    installed: new Map(),
  });

/** What was published after two days and after four, what waits since the 5th, and three without a fix. */
function scanned() {
  const open = [
    { ...FOUND, id: "CVE-2026-3", severity: "critical" as const, exception: EXCEPTION },
    { ...FOUND, id: "CVE-2026-4", severity: undefined, fixed: "1-r1" },
    { ...FOUND, id: "CVE-2026-5" },
    { ...FOUND, id: "CVE-2026-6" },
  ];
  const first = looked(emptyLedger("node:22"), day(1), "a", [
    { ...FOUND, fixed: "1-r1" },
    { ...FOUND, id: "CVE-2026-2", package: "zlib", fixed: "1-r1" },
  ]);
  const second = looked(first, day(3), "b", [{ ...FOUND, id: "CVE-2026-2", package: "zlib", fixed: "1-r1" }]);
  const node = looked(second, day(5), "c", open);
  // The same again elsewhere, in another package too: none of these is counted twice.
  const more = { ...FOUND, id: "CVE-2026-5", package: "gzip" };
  const python = looked(emptyLedger("python:3.12"), day(6), "d", [...open, more]);
  return {
    targets: [
      { target: "node:22", digest: digest("c"), before: second, after: node, problems: [] },
      { target: "python:3.12", digest: digest("d"), after: python, problems: ["grype failed", "twice"] },
      { target: "go:1.24", problems: ["it cannot be read"] },
      { target: "lua:5.4", digest: digest("e"), after: emptyLedger("lua:5.4"), problems: [] },
    ],
  };
}

describe("the metrics of a scan", () => {
  it("are what is open by severity and fix, each vulnerability once, and how long fixes take", () => {
    expect(metricsText(scanMetrics(scanned(), day(8, 12), REGISTRY))).toBe(
      `# HELP birdhouse_vulnerabilities_open Vulnerabilities in what is published, by severity and by whether Alpine has a fix.
# TYPE birdhouse_vulnerabilities_open gauge
birdhouse_vulnerabilities_open{registry="ghcr.io/birds",severity="critical",fix="yes"} 0
birdhouse_vulnerabilities_open{registry="ghcr.io/birds",severity="critical",fix="no"} 1
birdhouse_vulnerabilities_open{registry="ghcr.io/birds",severity="high",fix="yes"} 0
birdhouse_vulnerabilities_open{registry="ghcr.io/birds",severity="high",fix="no"} 2
birdhouse_vulnerabilities_open{registry="ghcr.io/birds",severity="medium",fix="yes"} 0
birdhouse_vulnerabilities_open{registry="ghcr.io/birds",severity="medium",fix="no"} 0
birdhouse_vulnerabilities_open{registry="ghcr.io/birds",severity="low",fix="yes"} 0
birdhouse_vulnerabilities_open{registry="ghcr.io/birds",severity="low",fix="no"} 0
birdhouse_vulnerabilities_open{registry="ghcr.io/birds",severity="unknown",fix="yes"} 1
birdhouse_vulnerabilities_open{registry="ghcr.io/birds",severity="unknown",fix="no"} 0
# HELP birdhouse_fix_latency_seconds Seconds from a fix of Alpine's to the image with it, by quantile, over all ledgers.
# TYPE birdhouse_fix_latency_seconds gauge
birdhouse_fix_latency_seconds{registry="ghcr.io/birds",quantile="0.5"} ${2 * 86_400}
birdhouse_fix_latency_seconds{registry="ghcr.io/birds",quantile="0.95"} ${4 * 86_400}
# HELP birdhouse_vulnerabilities_excepted Vulnerabilities in what is published that the catalog lets through.
# TYPE birdhouse_vulnerabilities_excepted gauge
birdhouse_vulnerabilities_excepted{registry="ghcr.io/birds"} 1
# HELP birdhouse_fixes_published Fixes that the latency is counted of.
# TYPE birdhouse_fixes_published gauge
birdhouse_fixes_published{registry="ghcr.io/birds"} 2
# HELP birdhouse_fixes_waiting Fixes of Alpine's that are not published yet.
# TYPE birdhouse_fixes_waiting gauge
birdhouse_fixes_waiting{registry="ghcr.io/birds"} 2
# HELP birdhouse_fix_longest_wait_seconds Seconds for which the longest of these waits.
# TYPE birdhouse_fix_longest_wait_seconds gauge
birdhouse_fix_longest_wait_seconds{registry="ghcr.io/birds"} ${3.5 * 86_400}
# HELP birdhouse_scan_problems Targets of which the last scan could not find out all.
# TYPE birdhouse_scan_problems gauge
birdhouse_scan_problems{registry="ghcr.io/birds"} 2
`,
    );
  });

  it("say of no vulnerability that there is none where nobody looked", () => {
    const targets = [{ target: "lua:5.4", after: emptyLedger("lua:5.4"), problems: [] }];
    const text = metricsText(scanMetrics({ targets }, day(8), REGISTRY));
    expect(text.split("\n").filter((line) => !line.startsWith("#"))).toEqual([
      'birdhouse_fixes_published{registry="ghcr.io/birds"} 0',
      'birdhouse_fixes_waiting{registry="ghcr.io/birds"} 0',
      'birdhouse_fix_longest_wait_seconds{registry="ghcr.io/birds"} 0',
      'birdhouse_scan_problems{registry="ghcr.io/birds"} 0',
      "",
    ]);
  });
});
