import type { DryRunOption, SessionOptions } from "../app/options.ts";
import { findOldBuilds, removeOldBuilds } from "../app/prune.ts";
import { printResult } from "../app/result.ts";
import { withSession } from "../app/session.ts";
import { pruneText } from "../report/tag-texts.ts";

/** Removes builds that are older than what the catalog says to keep, image by image. */
export async function prune(patterns: string[], options: SessionOptions & DryRunOption): Promise<void> {
  await withSession(options, async (session) => {
    const pruned = await (options.dryRun ? findOldBuilds : removeOldBuilds)(session, patterns);
    printResult(
      options,
      "prune",
      (width) => pruneText(pruned, options.dryRun, width),
      () => ({ pruned }),
    );
  });
}
