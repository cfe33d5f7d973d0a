import { importTargets } from "../app/import.ts";
import type { DryRunOption, SessionOptions } from "../app/options.ts";
import { printResult } from "../app/result.ts";
import { withSession } from "../app/session.ts";
import { importText } from "../transfer/text.ts";

/** Publishes what was exported elsewhere, as it was there. */
export async function importImages(
  from: string,
  patterns: string[],
  options: SessionOptions & DryRunOption,
): Promise<void> {
  await withSession(options, async (session) => {
    const imported = await importTargets(session, from, patterns, options.dryRun);
    printResult(
      options,
      "import",
      (width) => importText(imported, options.dryRun, width),
      () => ({ imported }),
    );
  });
}
