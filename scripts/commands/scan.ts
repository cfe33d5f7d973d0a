import { withMetrics } from "../app/metrics.ts";
import type { DryRunOption, MetricsOption, SessionOptions } from "../app/options.ts";
import { notePending } from "../app/pending.ts";
import { printResult } from "../app/result.ts";
import { type ScannerChoice, scanTargets } from "../app/scan.ts";
import { withSession } from "../app/session.ts";
import { scanMetrics } from "../report/metrics-of.ts";
import { scanJson, scanText } from "../report/scan.ts";

interface ScanOptions extends SessionOptions, DryRunOption, MetricsOption {
  readonly scanner?: NonNullable<ScannerChoice>;
}

/** Looks for vulnerabilities in what is published, and writes down what became of each. */
export function scan(patterns: string[], options: ScanOptions): Promise<void> {
  return withSession(options, (session) =>
    withMetrics(options, session, "scan", async (tell) => {
      await notePending(session);
      const now = new Date();
      const request = { choice: options.scanner, isDry: options.dryRun, now };
      const found = await scanTargets(session, patterns, request);
      tell(scanMetrics(found, now, session.catalog.registry));
      const isWhole =
        found.unknown.length === 0 && found.targets.every(({ problems }) => problems.length === 0);
      if (!isWhole) process.exitCode = 1;
      printResult(
        options,
        "scan",
        (width) => scanText(found, now, width),
        () => scanJson(found, now),
      );
    }),
  );
}
