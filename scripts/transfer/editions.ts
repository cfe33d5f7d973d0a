import type { LeftBecause } from "../model/promotion.ts";
import type { Target } from "../model/target.ts";
import type { HistoryEntry } from "../publish/history.ts";
import { formatDigest } from "../system/shown/format.ts";

/** What a registry says of one variant of a version. */
export interface VariantState {
  readonly target: Target;
  /** Digest that its own tag points at. */
  readonly now: string | undefined;
  /** The newest first. */
  readonly history: readonly HistoryEntry[];
}

/** All variants of a version as they were published together. */
export interface Edition {
  /** Since when its tags pointed at all of it; undefined where the registry keeps no history. */
  readonly since: Date | undefined;
  /** Digest of each variant by its target's name. Debug may be younger than the pair. */
  readonly digests: ReadonlyMap<string, string>;
}

/**
 * What a version was from time to time, the newest first. Pure. Variants are published at one time, but one that came
 * out the same has no entry of that time: it stays what it was.
 */
function editionsOf(variants: readonly VariantState[]): Edition[] {
  const times = variants.flatMap(({ history }) => history.map(({ created }) => created.getTime()));
  const distinct = [...new Set(times)].sort((one, other) => other - one);
  return distinct.flatMap((time) => {
    const digests = new Map(
      variants.flatMap(({ target, history }) => {
        const entry = history.find(({ created }) => created.getTime() <= time);
        return entry ? [[target.name, entry.image.digest] as const] : [];
      }),
    );
    const lacks = ({ target }: VariantState) => target.variant !== "debug" && !digests.has(target.name);
    return variants.some((one) => lacks(one)) ? [] : [{ since: new Date(time), digests }];
  });
}

/** A version that is not promoted, and why. */
export interface Left {
  /** As its runtime variant is named: `node:22`. */
  readonly release: string;
  readonly because: LeftBecause;
  readonly text: string;
  /** When it has soaked. */
  readonly until?: Date | undefined;
}

/** What is to become of a version: an edition may go on, unless it is there already, or it stays. */
export type Choice =
  | {
      readonly edition: Edition;
      /** Whether the other registry has it. */
      readonly isThere: boolean;
      /** What to say where that is so. */
      readonly otherwise: Omit<Left, "release">;
    }
  | { readonly left: Omit<Left, "release"> };

/** Both registries, as they are named to people, and the rule. */
export interface ChoiceRule {
  readonly from: string;
  readonly to: string;
  /** Milliseconds. */
  readonly soak: number;
  readonly now: Date;
}

/**
 * Chooses which edition of a version may go on: the newest that has soaked, of those that were not rolled back where
 * they come from. One that was replaced before it had soaked for long enough counts from when it came all the same: else
 * nothing of a catalog that is rebuilt each night would ever go on. Nothing goes back: what is to be had again is had by
 * a rollback. Pure.
 * @param staged what the registry has that it comes from
 * @param there what the registry has that it is to go to
 */
export function chooseEdition(
  staged: readonly VariantState[],
  there: readonly VariantState[],
  { from, to, soak, now }: ChoiceRule,
): Choice {
  const left = (because: Left["because"], text: string, until?: Date): Choice => ({
    left: { because, text, until },
  });
  if (staged.some(({ target, now: tag }) => tag === undefined && target.variant !== "debug")) {
    return left("unpublished", `${from} does not have it`);
  }
  const editions = withoutHistory(staged) ?? editionsOf(staged);
  const current = editions.findIndex((one) => isAt(one, staged));
  if (current < 0) return left("moved", `its tags in ${from} were moved by somebody else than Birdhouse`);
  const due = now.getTime() - soak;
  const at = editions.findIndex(({ since }, index) => index >= current && (since?.getTime() ?? due) <= due);
  const edition = editions[at];
  const isUndated = editions[current]?.since === undefined;
  if (isUndated && soak > 0) {
    return left("undated", `${from} keeps no history, so nobody knows for how long it has stood there`);
  }
  const next = editions[(at < 0 ? editions.length : at) - 1];
  const isSoaking = next !== undefined && editions.indexOf(next) >= current;
  const until = isSoaking && next.since ? new Date(next.since.getTime() + soak) : undefined;
  const soaking = until && ({ because: "soaking", text: `soaks until ${timeText(until)}`, until } as const);
  if (!edition) return { left: soaking ?? { because: "moved", text: `${from} does not have it` } };
  const position = editions.findIndex((one) => isAt(one, there));
  if (position >= 0 && position < current) {
    const digest = formatDigest(editions[position]?.digests.get(staged[0]?.target.name ?? "") ?? "");
    return left(
      "withdrawn",
      `${to} has ${digest}, which was rolled back in ${from}: roll it back there too, or wait for what comes next`,
    );
  }
  if (position >= 0 && position < at) return left("newer", `${to} has a newer one already`);
  if (there.some((one) => wasRolledBack(one, edition))) {
    return left("withdrawn", `it was rolled back in ${to}: what comes next goes on`);
  }
  const back = current > 0 ? ` (what came after it was rolled back in ${from})` : "";
  return {
    edition,
    isThere: isAt(edition, there),
    otherwise: soaking ?? { because: "in place", text: `${to} has it${back}` },
  };
}

/** What is published now, as the only edition of a registry that keeps no histories; undefined where it keeps them. */
function withoutHistory(variants: readonly VariantState[]): Edition[] | undefined {
  if (variants.some(({ history }) => history.length > 0)) return undefined;
  const digests = variants.flatMap(({ target, now }) =>
    now === undefined ? [] : [[target.name, now] as const],
  );
  return [{ since: undefined, digests: new Map(digests) }];
}

/** Whether tags point at all of an edition. */
function isAt({ digests }: Edition, variants: readonly VariantState[]): boolean {
  return variants.every(({ target, now }) => {
    const digest = digests.get(target.name);
    // Debug that is younger than the edition stays where it is when the pair goes back.
    return digest === undefined || digest === now;
  });
}

/** Whether a tag pointed at an edition's image, and at an older one after that. */
function wasRolledBack({ target, now, history }: VariantState, { digests }: Edition): boolean {
  const digest = digests.get(target.name);
  const at = history.findIndex(({ image }) => image.digest === digest);
  const position = history.findIndex(({ image }) => image.digest === now);
  return at >= 0 && position > at;
}

/** `2026-12-05 21:15 UTC` */
function timeText(time: Date): string {
  return `${time.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
