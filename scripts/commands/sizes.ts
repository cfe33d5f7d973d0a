import type { SessionOptions } from "../app/options.ts";
import { readContents } from "../app/read-registry.ts";
import { printResult } from "../app/result.ts";
import { withSession } from "../app/session.ts";
import { selectTargets } from "../catalog/targets/select.ts";
import { sizesJson, sizesText } from "../report/sizes.ts";

/** Shows what published images spend their bytes on. Reads one document of each, and no layers. */
export function sizes(patterns: string[], options: SessionOptions): Promise<void> {
  return withSession(options, async (session) => {
    const targets = selectTargets(session.catalog.targets, patterns);
    const { published } = await readContents(session, targets);
    const found = targets.map((target) => ({ target, published: published.get(target.name) }));
    printResult(
      options,
      "sizes",
      (width) => sizesText(found, width),
      () => ({ sizes: sizesJson(found) }),
    );
  });
}
