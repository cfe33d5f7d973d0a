import pLimit from "p-limit";
import type { Target } from "../model/target.ts";
import { findHistory, historyIn, holdAt } from "../publish/history.ts";
import { readPublished } from "../publish/published.ts";
import type { Past } from "../report/past.ts";
import { messageOf } from "../system/errors.ts";
import { REQUESTS_AT_ONCE, type RegistryPlace, tagOf } from "./read-registry.ts";

/**
 * Reads what tags point at, and pointed at before. What cannot be read of one says so, and the others are as they are.
 * @throws RegistryError where none can be read
 */
export async function readPasts(place: RegistryPlace, targets: readonly Target[]): Promise<Past[]> {
  const limit = pLimit(REQUESTS_AT_ONCE);
  const errors: unknown[] = [];
  const read = async (target: Target): Promise<Past> => {
    try {
      return await readPast(place, target);
    } catch (error) {
      place.signal.throwIfAborted();
      errors.push(error);
      return { target, now: undefined, images: [], problem: messageOf(error) };
    }
  };
  const pasts = await Promise.all(targets.map((target) => limit(read, target)));
  if (errors.length > 0 && errors.length === targets.length) throw errors[0];
  return pasts;
}

/** Reads what a target's tag points at, and pointed at before. @throws RegistryError */
async function readPast(place: RegistryPlace, target: Target): Promise<Past> {
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
