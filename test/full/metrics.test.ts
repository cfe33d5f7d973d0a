import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { endingMetrics, metricsText } from "../../scripts/report/metrics.ts";
import { scanMetrics, statusMetrics } from "../../scripts/report/metrics-of.ts";
import { tryRun } from "../../scripts/system/process/process.ts";
import { samplePlan } from "../support/sample-plan.ts";
import { unpackDebian } from "../support/unpack-debian.ts";
import { temporaryDirectory } from "../unit/formats/oci/sample-image.ts";

it("Prometheus' own promtool has nothing to say against the metrics", async () => {
  const root = await unpackDebian("trixie", "promtool");
  const registry = 'ghcr.io/"birds"';
  const at = new Date("2026-11-29T03:00:00Z");
  const targets = samplePlan(true).map((planned) => {
    return { planned, vulnerabilities: [], at, isSigned: undefined };
  });
  const text = metricsText([
    ...endingMetrics({ command: "scan", registry, at, exitCode: 0 }, ""),
    ...statusMetrics({ targets, left: [], unknown: [] }, registry),
    ...scanMetrics({ targets: [] }, at, registry),
  ]);
  const file = join(await temporaryDirectory(), "birdhouse.prom");
  await writeFile(file, text);
  const check = `exec "$0" check metrics < "$1"`;
  const found = await tryRun(["sh", "-c", check, join(root, "usr/bin/promtool"), file]);
  expect(found.stdout + found.stderr).toBe("");
  expect(found.exitCode).toBe(0);
});
