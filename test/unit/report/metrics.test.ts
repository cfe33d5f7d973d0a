import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { emptyLedger, type Finding, withLook } from "../../../scripts/model/ledger.ts";
import { endingMetrics, type Metric, metricsText } from "../../../scripts/report/metrics.ts";
import { rebuildMetrics, scanMetrics, statusMetrics } from "../../../scripts/report/metrics-of.ts";
import { seriesIn } from "../../support/exposition.ts";
import { samplePlan } from "../../support/sample-plan.ts";
import { digest, publishedTarget } from "./sample-outcomes.ts";

const REGISTRY = "ghcr.io/birds";
const AT = new Date("2026-11-29T03:00:00Z");
const read = (metrics: readonly Metric[]) => Object.fromEntries(seriesIn(metricsText(metrics)));

const status = {
  targets: samplePlan(true).map((planned) => ({
    planned,
    vulnerabilities: planned.published && [],
    at: planned.published && new Date("2026-11-20T03:10:00Z"),
    isSigned: undefined,
  })),
  left: [],
  unknown: [],
};
const finding: Finding = {
  ...{ id: "CVE-2026-1", package: "tar", installed: "1-r0", severity: "high", platforms: ["linux/amd64"] },
  sources: ["grype"],
};
const look = (day: number, letter: string, findings: readonly Finding[]) => ({
  ...{ at: new Date(Date.UTC(2026, 10, day)), digest: digest(letter), published: undefined },
  ...{ sources: ["grype"] as const, findings, before: [], installed: new Map() },
});
const ledger = [
  look(1, "a", [{ ...finding, fixed: "1-r1" }]),
  look(3, "b", []),
  look(4, "b", [{ ...finding, id: "CVE-2026-2" }]),
].reduce(withLook, emptyLedger("node:22"));
const scan = {
  targets: [
    { target: "node:22", digest: digest("b"), before: ledger, after: ledger, problems: ["grype failed"] },
  ],
};
const done = publishedTarget();

/** Made anew in each test, so that each sees what the functions do, and not what they did when this file was read. */
const ofCommands = () => ({
  rebuild: rebuildMetrics([done, { status: "held", target: "a", pair: "b" }], REGISTRY),
  status: statusMetrics(status, REGISTRY),
  scan: scanMetrics(scan, AT, REGISTRY),
});

describe("metrics", () => {
  it("tell what a rebuild did", () => {
    expect(read(ofCommands().rebuild)).toMatchObject({
      'birdhouse_rebuild_targets{registry="ghcr.io/birds",status="done"}': 1,
      'birdhouse_rebuild_targets{registry="ghcr.io/birds",status="failed"}': 0,
      'birdhouse_rebuild_targets{registry="ghcr.io/birds",status="held"}': 1,
      'birdhouse_rebuild_stage_seconds{registry="ghcr.io/birds",stage="build"}': 75.25,
      'birdhouse_rebuild_uploaded_bytes{registry="ghcr.io/birds"}': 1_000_000,
    });
  });

  it("tell how what is published stands", () => {
    const found = read(ofCommands().status);
    expect(found).toMatchObject({
      'birdhouse_targets{registry="ghcr.io/birds"}': status.targets.length,
      'birdhouse_vulnerabilities_fixable{registry="ghcr.io/birds"}': 0,
      'birdhouse_oldest_tag_timestamp_seconds{registry="ghcr.io/birds"}':
        Date.parse("2026-11-20T03:10:00Z") / 1000,
    });
    expect(found['birdhouse_targets_due{registry="ghcr.io/birds"}']).toBeGreaterThan(0);
  });

  it("have no nought where nobody knows", () => {
    const unread = status.targets.map((one) => ({ ...one, vulnerabilities: undefined, at: undefined }));
    const found = metricsText(statusMetrics({ ...status, targets: unread }, REGISTRY));
    expect(found).not.toMatch(/fixable|oldest/);
    expect(metricsText(scanMetrics({ targets: [] }, AT, REGISTRY))).not.toContain("fix_latency");
  });

  it("tell of vulnerabilities and of how long fixes take", () => {
    expect(read(ofCommands().scan)).toMatchObject({
      'birdhouse_vulnerabilities_open{registry="ghcr.io/birds",severity="high",fix="no"}': 1,
      'birdhouse_vulnerabilities_open{registry="ghcr.io/birds",severity="high",fix="yes"}': 0,
      'birdhouse_fix_latency_seconds{registry="ghcr.io/birds",quantile="0.5"}': 2 * 86_400,
      'birdhouse_fix_latency_seconds{registry="ghcr.io/birds",quantile="0.95"}': 2 * 86_400,
      'birdhouse_fixes_published{registry="ghcr.io/birds"}': 1,
      'birdhouse_scan_problems{registry="ghcr.io/birds"}': 1,
    });
  });

  it("of two commands never have a series in common, as their files lie side by side", () => {
    const ending = (command: string) =>
      endingMetrics({ command, registry: REGISTRY, at: AT, exitCode: 0 }, "");
    const all = Object.entries(ofCommands()).flatMap(([command, metrics]) => [
      ...seriesIn(metricsText([...ending(command), ...metrics])).keys(),
    ]);
    expect(new Set(all).size).toBe(all.length);
  });

  it("keep the time of the last success through failures", () => {
    const ending = (exitCode: number, at: Date, before: string) =>
      metricsText(endingMetrics({ command: "scan", registry: REGISTRY, at, exitCode }, before));
    const first = ending(0, AT, "");
    const later = ending(1, new Date("2026-11-30T03:00:00Z"), first);
    const success = 'birdhouse_last_success_timestamp_seconds{registry="ghcr.io/birds",command="scan"}';
    expect(seriesIn(later).get(success)).toBe(AT.getTime() / 1000);
    expect(seriesIn(ending(1, AT, later)).get(success)).toBe(AT.getTime() / 1000);
    expect(ending(1, AT, "nothing of ours")).not.toContain("last_success");
  });

  it("escape what others wrote", () => {
    const samples = [{ labels: { a: 'x"} 1\n# TYPE y\\ \u001b[31m' }, value: 1 }];
    const text = metricsText([{ name: "birdhouse_x", help: "a\\b\nc", samples }]);
    expect(seriesIn(text).size).toBe(1);
    expect(text).not.toContain("\u001b");
  });

  it("escape backslashes, quotes and ends of lines as the format has it, in help and in labels", () => {
    const samples = [{ labels: { a: 'C:\\x "y"', b: "1" }, value: 2 }];
    expect(metricsText([{ name: "birdhouse_x", help: "a\\b\nc", samples }])).toBe(
      [
        String.raw`# HELP birdhouse_x a\\b\nc`,
        "# TYPE birdhouse_x gauge",
        String.raw`birdhouse_x{a="C:\\x \"y\"",b="1"} 2`,
        "",
      ].join("\n"),
    );
  });

  it("have no braces where there are no labels, and no line where there is no value", () => {
    const metric = { name: "birdhouse_x", help: "X.", samples: [{ labels: {}, value: 1 }] };
    expect(metricsText([metric])).toBe("# HELP birdhouse_x X.\n# TYPE birdhouse_x gauge\nbirdhouse_x 1\n");
    expect(metricsText([{ ...metric, samples: [] }])).toBe("");
    expect(metricsText([])).toBe("");
  });

  it("tell how a command ended, in whole seconds", () => {
    const at = new Date("2026-11-29T03:00:00.600Z");
    const seconds = AT.getTime() / 1000 + 1;
    const labels = '{registry="ghcr.io/birds",command="scan"}';
    const ending = { command: "scan", registry: REGISTRY, at, exitCode: 0 };
    expect(metricsText(endingMetrics(ending, ""))).toBe(
      `# HELP birdhouse_last_success_timestamp_seconds When the command last ended with 0, in Unix time.
# TYPE birdhouse_last_success_timestamp_seconds gauge
birdhouse_last_success_timestamp_seconds${labels} ${seconds}
# HELP birdhouse_last_run_timestamp_seconds When the command last ended, in Unix time.
# TYPE birdhouse_last_run_timestamp_seconds gauge
birdhouse_last_run_timestamp_seconds${labels} ${seconds}
# HELP birdhouse_last_exit_code The exit code that the command last ended with.
# TYPE birdhouse_last_exit_code gauge
birdhouse_last_exit_code${labels} 0
`,
    );
    const broken = `birdhouse_last_success_timestamp_seconds${labels} soon\n`;
    expect(metricsText(endingMetrics({ ...ending, exitCode: 1 }, broken))).not.toContain("last_success");
  });
});

describe("the dashboard", () => {
  const file = new URL("../../../schedule/grafana/dashboard.json", import.meta.url);
  const dashboard = readFileSync(file, "utf8");

  it("asks for what there is only, and for all of it", () => {
    const asked = new Set(dashboard.match(/birdhouse_\w+/g));
    const ending = endingMetrics({ command: "scan", registry: REGISTRY, at: AT, exitCode: 0 }, "");
    const there = new Set([...ending, ...Object.values(ofCommands()).flat()].map(({ name }) => name));
    expect([...asked].filter((name) => !there.has(name))).toEqual([]);
    expect([...there].filter((name) => !asked.has(name))).toEqual([]);
  });

  it("has panels with numbers of their own, each with a question and a place in the grid", () => {
    const { panels, templating, uid } = JSON.parse(dashboard) as {
      uid: string;
      templating: { list: { name: string }[] };
      panels: {
        id: number;
        title: string;
        gridPos: { x: number; w: number };
        targets?: { expr: string }[];
      }[];
    };
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(templating.list.map(({ name }) => name)).toEqual(["datasource", "registry"]);
    expect(uid).toBe("birdhouse");
    for (const { title, gridPos, targets = [] } of panels) {
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
      expect(targets.length, title).toBeGreaterThan(0);
      for (const { expr } of targets) expect(expr, title).toContain('registry=~"$registry"');
    }
  });
});
