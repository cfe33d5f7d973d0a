import type { SessionOptions } from "../app/options.ts";
import { notePending } from "../app/pending.ts";
import { printResult } from "../app/result.ts";
import { withSession } from "../app/session.ts";
import { readAffected, readStatus } from "../app/status.ts";
import { affectedJson, affectedText } from "../report/affected.ts";
import { statusJson, statusMarkdown, statusText } from "../report/status.ts";
import { printDocument } from "../system/shown/output.ts";

interface StatusOptions extends SessionOptions {
  readonly markdown: boolean;
  readonly cve?: string;
}

/** Shows what the registry holds and how it stands; or which of it has a vulnerability. */
export function status(patterns: string[], options: StatusOptions): Promise<void> {
  const { cve, markdown } = options;
  return withSession(options, async (session) => {
    await notePending(session);
    const { today } = session;
    if (cve !== undefined) {
      const affected = await readAffected(session, patterns, cve);
      if (affected.unknown.length > 0) process.exitCode = 1;
      printResult(
        options,
        (width) => affectedText(affected, width),
        () => affectedJson(affected),
      );
      return;
    }
    const found = await readStatus(session, patterns);
    if (found.unknown.length > 0) process.exitCode = 1;
    if (markdown) printDocument(statusMarkdown(found, today));
    else
      printResult(
        options,
        (width) => statusText(found, today, width),
        () => statusJson(found, today),
      );
  });
}
