import { join } from "node:path";
import { withMetrics } from "../app/metrics.ts";
import type { MetricsOption, SessionOptions } from "../app/options.ts";
import { TEMPLATES } from "../app/paths.ts";
import { notePending } from "../app/pending.ts";
import { printResult } from "../app/result.ts";
import { type Session, withSession } from "../app/session.ts";
import { readAffected, readStatus } from "../app/status.ts";
import { type Affected, affectedJson, affectedText } from "../report/affected.ts";
import { loadStatusPage } from "../report/html/status-page.ts";
import { statusMetrics } from "../report/metrics-of.ts";
import { type Status, statusMarkdown, statusText } from "../report/status.ts";
import { statusJson } from "../report/status-json.ts";
import { printDocument } from "../system/shown/output.ts";

interface StatusOptions extends SessionOptions, MetricsOption {
  readonly markdown: boolean;
  readonly html: boolean;
  readonly cve?: string;
}

/** Shows what the registry holds and how it stands; or which of it has a vulnerability. */
export function status(patterns: string[], options: StatusOptions): Promise<void> {
  const { cve } = options;
  return withSession(options, async (session) => {
    await notePending(session);
    if (cve === undefined) {
      await withMetrics(options, session, "status", async (tell) => {
        const found = await readStatus(session, patterns);
        tell(statusMetrics(found, session.catalog.registry));
        if (!isWhole(found)) process.exitCode = 1;
        await printStatus(found, options, session);
      });
      return;
    }
    const affected = await readAffected(session, patterns, cve);
    if (!isWhole(affected)) process.exitCode = 1;
    printResult(
      options,
      "status --cve",
      (width) => affectedText(affected, width),
      () => affectedJson(affected),
    );
  });
}

/** Whoever relies on the answer must see that it is not complete. */
function isWhole({ unknown, targets }: Pick<Status | Affected, "unknown" | "targets">): boolean {
  return unknown.length === 0 && targets.every(({ problem }) => problem === undefined);
}

async function printStatus(
  found: Status,
  options: StatusOptions,
  { catalog, profile, today }: Session,
): Promise<void> {
  if (options.html) {
    const page = await loadStatusPage(join(TEMPLATES, "report"));
    const place = { registry: catalog.registry, isSandbox: profile === "sandbox" };
    printDocument(page(found, today, place));
  } else if (options.markdown) {
    printDocument(statusMarkdown(found, today));
  } else {
    printResult(
      options,
      "status",
      (width) => statusText(found, today, width),
      () => statusJson(found, today),
    );
  }
}
