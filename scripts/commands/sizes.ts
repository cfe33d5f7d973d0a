import type { SessionOptions } from "../app/options.ts";
import { readContents } from "../app/read-registry.ts";
import { printResult } from "../app/result.ts";
import { withSession } from "../app/session.ts";
import { requireAlpine, writePublishedSizes } from "../app/write-sizes.ts";
import { selectTargets } from "../catalog/targets/select.ts";
import { sizesJson, sizesText } from "../report/sizes.ts";

interface SizesOptions extends SessionOptions {
  /** Write sizes into a file beside the catalog, for READMEs. */
  readonly write: boolean;
}

/** Shows what published images spend their bytes on. Reads one document of each, and no layers. */
export function sizes(patterns: string[], options: SizesOptions): Promise<void> {
  return withSession(options, async (session) => {
    if (options.write) requireAlpine(session);
    const targets = selectTargets(session.catalog.targets, patterns);
    const { published } = await readContents(session, targets);
    const found = targets.map((target) => ({ target, published: published.get(target.name) }));
    const file = options.write ? await writePublishedSizes(session, published) : undefined;
    printResult(
      options,
      "sizes",
      (width) => [sizesText(found, width), ...(file === undefined ? [] : [`written: ${file}`])].join("\n\n"),
      () => ({ sizes: sizesJson(found), ...(file !== undefined && { written: file }) }),
    );
  });
}
