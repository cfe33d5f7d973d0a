import type { SessionOptions } from "../app/options.ts";
import { notePending } from "../app/pending.ts";
import { printResult } from "../app/result.ts";
import { withSession } from "../app/session.ts";
import { writeSite } from "../app/site/write.ts";
import { count, formatProse } from "../system/shown/format.ts";

interface SiteOptions extends SessionOptions {
  readonly output: string;
}

/** Writes static pages of what the registry holds. What could not be asked is told there as unknown. */
export function site(patterns: string[], options: SiteOptions): Promise<void> {
  return withSession(options, async (session) => {
    await notePending(session);
    const { files, images, targets, unknown } = await writeSite(session, patterns, options.output);
    if (unknown.length > 0) process.exitCode = 1;
    const made = `${options.output}/index.html: ${count(images, "image")}, ${count(targets, "target")}, ${count(files, "file")}`;
    const doubt = unknown.length > 0 ? ["Could not be found out:", ...unknown] : [];
    printResult(
      options,
      "site",
      (width) => formatProse([made, ...doubt].join("\n"), width),
      () => ({ site: { output: options.output, files, images, targets, unknown } }),
    );
  });
}
