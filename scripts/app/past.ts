import type { Target } from "../model/target.ts";
import { findHistory, historyIn, holdAt } from "../publish/history.ts";
import { readPublished } from "../publish/published.ts";
import type { Past } from "../report/past.ts";
import { type RegistryPlace, tagOf } from "./read-registry.ts";

/** Reads what a target's tag points at, and pointed at before. @throws RegistryError */
export async function readPast(place: RegistryPlace, target: Target): Promise<Past> {
  const { registry, signal } = place;
  const [repository, tag] = tagOf(place, target);
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
}
