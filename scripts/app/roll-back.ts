import { selectTargets } from "../catalog/targets/select.ts";
import { type Catalog, eachOf, type Release, releasesOf } from "../model/target.ts";
import type { Hold } from "../publish/history.ts";
import {
  planRollback,
  type Rollback,
  type RollbackTarget,
  releaseMove,
  rollbackMove,
} from "../publish/rollback.ts";
import { notePending } from "./pending.ts";
import { type DoorSession, type TagDoor, throughTagDoor } from "./tag-door.ts";

type RollbackSession = DoorSession & { readonly catalog: Catalog };

interface RollbackRequest {
  readonly patterns: readonly string[];
  readonly to: RollbackTarget;
  /** Keeps the tags where they are put. */
  readonly hold: Hold | undefined;
  readonly dryRun: boolean;
}

/**
 * Moves the tags of versions back, all variants of each together: the variant that was named first of each. All
 * images are looked for before the first tag moves.
 * @throws UserError where there is no such image; LockedError, RegistryError
 */
export async function rollBack(
  session: RollbackSession,
  { patterns, to, hold, dryRun }: RollbackRequest,
): Promise<Rollback[]> {
  const { catalog, registry, namespace } = session;
  const named = new Set(selectTargets(catalog.targets, patterns));
  const plan = () =>
    Promise.all(
      releasesIn(catalog, patterns).map((release) => {
        const members = eachOf(release);
        const [first = release.runtime] = members.filter((target) => named.has(target));
        const others = members.filter((target) => target !== first);
        return planRollback(first, others, to, registry, namespace);
      }),
    );
  if (dryRun) {
    await notePending(session);
    return (await plan()).flat();
  }
  return throughTagDoor(session, {
    plan,
    work: async (planned, door) => {
      const moves = await Promise.all(planned.map((pair) => rollbackMove(pair, registry, namespace, hold)));
      const moved: string[] = [];
      // Each version's tags move at once.
      for (const move of moves) {
        try {
          door.session.signal.throwIfAborted();
          await door.moveRelease(move);
        } catch (error) {
          const text = `moved back before that: ${moved.join(", ")}`;
          if (moved.length > 0) session.listener({ type: "note", text });
          throw error;
        }
        moved.push(move.name);
      }
      return planned.flat();
    },
  });
}

/**
 * Ends the holds of versions; no tag moves.
 * @returns the names of the versions
 */
export async function endHolds(
  session: RollbackSession,
  patterns: readonly string[],
  dryRun: boolean,
): Promise<string[]> {
  const releases = releasesIn(session.catalog, patterns);
  const work = async (planned: readonly Release[], { moveRelease }: TagDoor<RollbackSession>) => {
    for (const release of planned) await moveRelease(releaseMove(eachOf(release), session.namespace));
  };
  if (dryRun) await notePending(session);
  else await throughTagDoor(session, { plan: async () => releases, work });
  return releases.map(({ runtime }) => runtime.name);
}

function releasesIn({ targets }: Catalog, patterns: readonly string[]): Release[] {
  const named = new Set(selectTargets(targets, patterns));
  return releasesOf(targets).filter((release) => eachOf(release).some((target) => named.has(target)));
}
