import pLimit from "p-limit";
import type { Target } from "../catalog/target.ts";
import type { Published } from "../plan/published.ts";
import { readPublished } from "../plan/published.ts";
import { findHistory, historyIn } from "../publish/history.ts";
import { describeHold, holdAt } from "../publish/hold.ts";
import { repositoryIn } from "../registry/reference.ts";
import type { Session } from "./session.ts";

/** Requests at once. */
export const REQUESTS_AT_ONCE = 16;

/** What the registry has of each target, by the target's name; undefined where it is not published. */
export async function readRegistry(
  session: Session,
  targets: readonly Target[],
): Promise<ReadonlyMap<string, Published | undefined>> {
  const limit = pLimit(REQUESTS_AT_ONCE);
  const read = async (target: Target) => [target.name, await readTarget(session, target)] as const;
  return new Map(await Promise.all(targets.map((target) => limit(read, target))));
}

async function readTarget(session: Session, target: Target): Promise<Published | undefined> {
  const { registry, signal } = session;
  const [repository, tag] = tagOf(session, target);
  const published = await readPublished(registry, repository, tag, signal);
  if (!published || !dependsOnAge(target)) return published;
  // When it was published is no part of an image: two equal builds would differ by it.
  const [newest] = historyIn(await findHistory(registry, repository, tag, { signal })).entries;
  return newest?.image.digest === published.digest ? { ...published, at: newest.confirmed } : published;
}

/** What keeps tags where they are, in words, by the target's name: of those targets only that are held. */
export async function readHolds(
  session: Pick<Session, "registry" | "namespace" | "signal">,
  targets: readonly Target[],
): Promise<Map<string, string>> {
  const { registry, signal } = session;
  const limit = pLimit(REQUESTS_AT_ONCE);
  const read = async (target: Target): Promise<(readonly [string, string])[]> => {
    const { hold } = historyIn(await findHistory(registry, ...tagOf(session, target), { signal }));
    const held = holdAt(hold, new Date());
    return held ? [[target.name, describeHold(held)]] : [];
  };
  return new Map((await Promise.all(targets.map((target) => limit(read, target)))).flat());
}

function dependsOnAge({ policy }: Target): boolean {
  return policy.maxAge !== undefined || policy.notWithin !== undefined;
}

/** Repository and tag of a target: `node:22-dev` is `22-dev` in `NAMESPACE/node`. */
export function tagOf(
  { namespace }: Pick<Session, "namespace">,
  target: Target,
): [repository: string, tag: string] {
  return [repositoryIn(namespace, target.image), target.name.slice(target.image.length + 1)];
}
