import type { SessionOptions } from "../app/options.ts";
import { readPast } from "../app/past.ts";
import { notePending } from "../app/pending.ts";
import { printResult } from "../app/result.ts";
import { withSession } from "../app/session.ts";
import { selectTargets } from "../catalog/targets/select.ts";
import { pastJson, pastText } from "../report/past.ts";

/** Shows what tags pointed at, when, and what changed in between. */
export function history(patterns: string[], options: SessionOptions): Promise<void> {
  return withSession(options, async (session) => {
    await notePending(session);
    const targets = selectTargets(session.catalog.targets, patterns);
    const pasts = await Promise.all(targets.map((target) => readPast(session, target)));
    printResult(
      options,
      "history",
      (width) => pasts.map((one) => pastText(one, width)).join("\n\n"),
      () => ({ history: pasts.map((one) => pastJson(one)) }),
    );
  });
}
