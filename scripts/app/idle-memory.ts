import pLimit from "p-limit";
import { runnableState } from "../engine/runnable.ts";
import type { Target } from "../model/target.ts";
import { maybeIdle, rememberIdle } from "../plan/idle.ts";
import type { PlannedTarget } from "../plan/plan.ts";
import { hashOf } from "../system/memory.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { REQUESTS_AT_ONCE, tagOf } from "./read-registry.ts";
import { keepIdle, recallIdle, worldsOf } from "./remembered.ts";
import type { Session } from "./session.ts";

/** What earlier plans found with nothing to do, as far as it still holds. */
export interface IdleMemory {
  readonly idle: readonly { readonly target: Target; readonly digest: string }[];
  /** Keeps what this plan found of the others. */
  keep(compared: readonly PlannedTarget[]): Promise<void>;
}

/**
 * Asks the registry whether the tags point where they did, and the mirror whether its indexes are the same: the
 * one request each that reading them would have cost too, with less to read.
 * @returns undefined where nothing can be remembered
 */
export async function openIdleMemory(
  session: Session,
  targets: readonly Target[],
  upstream: Upstream,
): Promise<IdleMemory | undefined> {
  const { identity, today, options, catalog } = session;
  if (identity === undefined) return undefined;
  const [known, worlds] = await Promise.all([
    recallIdle(options.catalog, options.state),
    worldsOf(hashOf([identity, await runnableState()]), targets, upstream, today),
  ]);
  const candidates = maybeIdle(targets, known, worlds.before);
  const same = await stillThere(session, candidates, (target) => known.get(target.name)?.digest ?? "");
  // Once more in pairs: of some versions one tag may have been moved.
  const idle = maybeIdle(same, known, worlds.before);
  return {
    idle: idle.map((target) => ({ target, digest: known.get(target.name)?.digest ?? "" })),
    async keep(compared) {
      if (compared.length === 0) return;
      const names = new Set(catalog.targets.map(({ name }) => name));
      const kept = [...rememberIdle(known, compared, worlds.after)].filter(([name]) => names.has(name));
      await keepIdle(options.catalog, options.state, new Map(kept));
    },
  };
}

async function stillThere(
  session: Session,
  targets: readonly Target[],
  digestOf: (target: Target) => string,
): Promise<Target[]> {
  const { registry, signal } = session;
  const limit = pLimit(REQUESTS_AT_ONCE);
  // What is refused is read anew, and judged there.
  const options = { signal, refusedIsAbsent: true };
  const answers = targets.map((target) =>
    limit(() => registry.pointsAt(...tagOf(session, target), digestOf(target), options)),
  );
  const same = await Promise.all(answers);
  return targets.filter((_, index) => same[index]);
}
