import { personName } from "../app/lock-owner.ts";
import type { SessionOptions } from "../app/options.ts";
import { notePending } from "../app/pending.ts";
import { printResult } from "../app/print-result.ts";
import { type Session, withSession } from "../app/session.ts";
import { BRIEF_LEASE, type TagDoor, throughTagDoor } from "../app/tag-door.ts";
import { selectTargets } from "../catalog/targets/select.ts";
import { type Release, releasesOf } from "../model/release.ts";
import { describeHold, type Hold, LONGEST_REASON } from "../publish/history.ts";
import {
  parseRollbackTarget,
  planRollback,
  type Rollback,
  type RollbackTarget,
  releaseMove,
  rollbackMove,
} from "../publish/rollback.ts";
import { UserError } from "../system/errors.ts";
import { cleanLine } from "../system/shown/clean-text.ts";
import { formatDigest, formatProse, formatTable } from "../system/shown/format.ts";

export interface RollbackOptions extends SessionOptions {
  readonly to?: string;
  readonly dryRun: boolean;
  /** Milliseconds that the tags stay where they are put. */
  readonly hold?: number;
  readonly reason?: string;
  /** End a hold, and move nothing. */
  readonly release: boolean;
}

/** Moves the tags of versions back, both variants of each together; holds them there, or ends a hold. */
export async function rollback(patterns: string[], options: RollbackOptions): Promise<void> {
  checkOptions(options);
  const rollbackTarget = parseRollbackTarget(options.to);
  await withSession(options, (session) =>
    options.release
      ? release(session, patterns, options)
      : moveBack(session, patterns, rollbackTarget, options),
  );
}

function checkOptions({ hold, reason, release: ends, to }: RollbackOptions): void {
  if (ends && (hold !== undefined || to !== undefined)) {
    throw new UserError("--release ends a hold and moves nothing: it goes with neither --hold nor --to");
  }
  if (reason !== undefined && hold === undefined) {
    throw new UserError("--reason says why tags are held, and nothing is to be held", "add --hold 7d");
  }
}

async function moveBack(
  session: Session,
  patterns: string[],
  rollbackTarget: RollbackTarget,
  options: RollbackOptions,
): Promise<void> {
  const { catalog, registry, namespace } = session;
  const named = new Set(selectTargets(catalog.targets, patterns));
  const plan = () =>
    Promise.all(
      pairsOf(session, patterns).map(({ runtime, dev }) => {
        const [first, second] = named.has(runtime) ? [runtime, dev] : [dev, runtime];
        return planRollback(first, second, rollbackTarget, registry, namespace);
      }),
    );
  const hold = holdOf(options, new Date());
  const rollbacks = options.dryRun
    ? await notePending(session).then(plan)
    : await throughTagDoor(session, {
        lease: BRIEF_LEASE,
        plan,
        work: (planned, door) => moveAll(planned, door, hold),
      });
  printResult(
    options,
    (width) => rollbackText(rollbacks.flat(), options.dryRun, hold, width),
    () => ({
      rollback: rollbacks.flat().map(({ target, ...rest }) => ({ target: target.name, ...rest })),
      hold: hold ?? null,
    }),
  );
}

function pairsOf({ catalog }: Session, patterns: string[]): Release[] {
  const named = new Set(selectTargets(catalog.targets, patterns));
  return releasesOf(catalog.targets).filter(({ runtime, dev }) => named.has(runtime) || named.has(dev));
}

/** All images are looked for before the first tag moves; each version's tags move at once. */
async function moveAll(
  planned: readonly Rollback[][],
  { session, moveRelease }: TagDoor<Session>,
  hold: Hold | undefined,
): Promise<readonly Rollback[][]> {
  const moves = await Promise.all(
    planned.map((pair) => rollbackMove(pair, session.registry, session.namespace, hold)),
  );
  const moved: string[] = [];
  for (const move of moves) {
    try {
      session.signal.throwIfAborted();
      await moveRelease(move);
    } catch (error) {
      if (moved.length > 0) {
        session.listener({ type: "note", text: `moved back before that: ${moved.join(", ")}` });
      }
      throw error;
    }
    moved.push(move.name);
  }
  return planned;
}

async function release(session: Session, patterns: string[], options: RollbackOptions): Promise<void> {
  const pairs = pairsOf(session, patterns);
  const names = pairs.map(({ runtime }) => runtime.name);
  if (options.dryRun) {
    await notePending(session);
  } else {
    await throughTagDoor(session, {
      lease: BRIEF_LEASE,
      plan: async () => pairs,
      work: async (planned, { moveRelease }) => {
        for (const { runtime, dev } of planned) {
          await moveRelease(releaseMove([runtime, dev], session.namespace));
        }
      },
    });
  }
  printResult(
    options,
    () =>
      options.dryRun
        ? `Dry run: no hold was ended. It would be of ${names.join(", ")}.`
        : `Held no longer: ${names.join(", ")}. The next rebuild moves their tags as far as there is reason to.`,
    () => ({ released: names }),
  );
}

/** Who holds it says so by the machine or the CI run that it is said from. */
function holdOf({ hold, reason = "" }: RollbackOptions, now: Date): Hold | undefined {
  if (hold === undefined) return undefined;
  return {
    until: new Date(now.getTime() + hold),
    by: personName(process.env),
    reason: cleanLine(reason, LONGEST_REASON).trim(),
  };
}

/** What was, or would be, moved. @param width of a line, in characters */
export function rollbackText(
  rollbacks: readonly Rollback[],
  dryRun: boolean,
  hold?: Hold,
  width?: number,
): string {
  const rows = rollbacks.map(({ target, from, to, tags }) => [
    target.name,
    from === "" ? "nothing" : formatDigest(from),
    formatDigest(to.image.digest),
    to.created.toISOString().slice(0, 10),
    from === to.image.digest ? "already in place" : tags.join(" "),
  ]);
  const earlier = rollbacks.find((one) => one.hold)?.hold;
  const end = endText(dryRun, hold ?? earlier);
  return `${formatTable([["TARGET", "FROM", "TO", "OF", "TAGS"], ...rows], width)}\n\n${formatProse(end, width)}`;
}

/** @param hold the new one, or one that was there before and goes on */
function endText(dryRun: boolean, hold: Hold | undefined): string {
  if (dryRun) return "Dry run: no tags were moved.";
  if (!hold) return "The next rebuild moves them on again, as far as there is reason to.";
  return `They are ${describeHold(hold)}.\nTo end that earlier: make rollback ONLY=… ARGS=--release`;
}
