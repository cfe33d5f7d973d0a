import type { SessionOptions } from "../app/options.ts";
import { notePending } from "../app/pending.ts";
import { tagOf } from "../app/read-registry.ts";
import { printResult } from "../app/result.ts";
import { withSession } from "../app/session.ts";
import { selectTargets } from "../catalog/targets/select.ts";
import { findHistory, historyIn, holdAt } from "../publish/history.ts";
import { readPublished } from "../publish/published.ts";
import { type Past, pastJson, pastText } from "../report/past.ts";

/** Shows what tags pointed at, when, and what changed in between. */
export function history(patterns: string[], options: SessionOptions): Promise<void> {
  return withSession(options, async (session) => {
    await notePending(session);
    const { catalog, registry, signal } = session;
    const targets = selectTargets(catalog.targets, patterns);
    const pasts = await Promise.all(
      targets.map(async (target): Promise<Past> => {
        const [repository, tag] = tagOf(session, target);
        const now = await registry.headManifest(repository, tag, { signal });
        const found = await findHistory(registry, repository, tag, { signal });
        const { entries, hold } = historyIn(found);
        const images = entries.map(async (entry) => ({
          entry,
          published: await readPublished(registry, repository, entry.image.digest, signal),
        }));
        const foreign = found.kind === "foreign" ? found.content.digest : undefined;
        const held = holdAt(hold, new Date());
        return { target, now: now?.digest, images: await Promise.all(images), hold: held, foreign };
      }),
    );
    printResult(
      options,
      (width) => pasts.map((one) => pastText(one, width)).join("\n\n"),
      () => ({ history: pasts.map((one) => pastJson(one)) }),
    );
  });
}
