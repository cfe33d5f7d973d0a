import pLimit from "p-limit";
import type { Target } from "../catalog/target.ts";
import type { Published } from "../plan/plan.ts";
import { readPublished } from "../plan/published.ts";
import { repositoryIn } from "../registry/reference.ts";
import type { Session } from "./session.ts";

/** Requests at once. */
const CONCURRENCY = 16;

/** What the registry has of each target, by the target's name; undefined where it is not published. */
export async function readRegistry(
  session: Session,
  targets: readonly Target[],
): Promise<ReadonlyMap<string, Published | undefined>> {
  const limit = pLimit(CONCURRENCY);
  const read = async (target: Target) =>
    [target.name, await readPublished(session.registry, ...tagOf(session, target), session.signal)] as const;
  return new Map(await Promise.all(targets.map((target) => limit(read, target))));
}

/** Repository and tag of a target: `node:22-dev` is `22-dev` in `NAMESPACE/node`. */
function tagOf({ namespace }: Session, target: Target): [repository: string, tag: string] {
  return [repositoryIn(namespace, target.image), target.name.slice(target.image.length + 1)];
}
