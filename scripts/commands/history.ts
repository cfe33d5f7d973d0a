import type { SessionOptions } from "../app/options.ts";
import { notePending } from "../app/pending.ts";
import { printResult } from "../app/result.ts";
import { withSession } from "../app/session.ts";
import { selectTargets } from "../catalog/targets/select.ts";
import { tagFor } from "../model/target.ts";
import { findHistory, historyIn, holdAt } from "../publish/history.ts";
import { readPublished } from "../publish/published.ts";
import { repositoryIn } from "../registry/reference.ts";
import { type Past, pastJson, pastText } from "../report/past.ts";

/** Shows what tags pointed at, when, and what changed in between. */
export function history(patterns: string[], options: SessionOptions): Promise<void> {
  return withSession(options, async (session) => {
    await notePending(session);
    const { catalog, registry, namespace, signal } = session;
    const targets = selectTargets(catalog.targets, patterns);
    const pasts = await Promise.all(
      targets.map(async (target): Promise<Past> => {
        const repository = repositoryIn(namespace, target.image);
        const tag = tagFor(target.variant, target.version);
        const now = await registry.headManifest(repository, tag, { signal });
        const found = await findHistory(registry, repository, tag, { signal });
        const { entries, hold } = historyIn(found);
        const images = entries.map(async (entry) => ({
          entry,
          published: await readPublished(registry, repository, entry.image.digest, signal),
        }));
        return {
          target,
          now: now?.digest,
          images: await Promise.all(images),
          hold: holdAt(hold, new Date()),
          foreign: found.kind === "foreign" ? found.content.digest : undefined,
        };
      }),
    );
    printResult(
      options,
      (width) => pasts.map((one) => pastText(one, width)).join("\n\n"),
      () => ({ history: pasts.map((one) => pastJson(one)) }),
    );
  });
}
