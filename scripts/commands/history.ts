import type { SessionOptions } from "../app/options.ts";
import { readPasts } from "../app/past.ts";
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
    const pasts = await readPasts(session, targets);
    if (pasts.some(({ problem }) => problem !== undefined)) process.exitCode = 1;
    printResult(
      options,
      "history",
      (width) => pasts.map((one) => pastText(one, width)).join("\n\n"),
      () => ({ history: pasts.map((one) => pastJson(one)) }),
    );
  });
}
