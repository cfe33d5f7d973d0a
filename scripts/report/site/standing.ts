import { daysUntil } from "../../model/end-of-life.ts";
import { isDue } from "../../plan/plan.ts";
import { count, formatDigest } from "../../system/shown/format.ts";
import type { SiteTarget } from "./site.ts";
import { dayOf } from "./words.ts";

/** How a tag stands, in a word and in full. */
export interface Standing {
  readonly kind: "supported" | "ending" | "archived" | "absent" | "odd";
  /** Short: `supported`, `moved by hand`. */
  readonly word: string;
  /** What is to be said of it, each a sentence. */
  readonly told: readonly string[];
}

/**
 * How a tag stands, by what the registry answers and what its history says. That somebody deleted it, moved it past
 * Birdhouse, or put something else in its place comes before all else. Pure.
 * @param today decides how far its end is
 */
export function standingOf(one: SiteTarget, today: Date): Standing {
  return oddStanding(one) ?? ownStanding(one, today);
}

/** What is not as a publish left it; undefined where all is. */
function oddStanding({ status: { planned }, past, problem }: SiteTarget): Standing | undefined {
  const odd = (word: string, told: string): Standing => ({ kind: "odd", word, told: [told] });
  const { published } = planned;
  if (problem !== undefined && (!published || past.problem !== undefined)) {
    return odd("unreadable", `The registry did not show it: ${problem}`);
  }
  const [newest] = past.images;
  if (past.foreign !== undefined) {
    return odd("no history", `Something else is in the place of its history: ${past.foreign}.`);
  }
  if (!published) {
    if (!newest) return undefined;
    const was = `${newest.entry.image.digest} was published on ${dayOf(newest.entry.created)}`;
    return odd("deleted", `Somebody deleted the tag: ${was}, and its history is still there.`);
  }
  if (newest && newest.entry.image.digest !== published.digest) {
    const known = past.images.find(({ entry }) => entry.image.digest === published.digest);
    const what = known
      ? `the build of ${dayOf(known.entry.created)}`
      : `${formatDigest(published.digest)}, which no history knows`;
    return odd(
      "moved by hand",
      `Somebody moved the tag: it points at ${what}. What was published last is ${newest.entry.image.digest} of ${dayOf(newest.entry.created)}.`,
    );
  }
  if (!published.inputs) {
    return odd("foreign", "Not made by this Birdhouse: nobody can tell what it was made from.");
  }
  if (!newest) return odd("no history", "Nobody recorded when it was published: it has no history.");
  return problem === undefined ? undefined : odd("unreadable", `Not all of it could be read: ${problem}`);
}

function ownStanding({ status: { planned, isSigned } }: SiteTarget, today: Date): Standing {
  const { target, published, support, obstacle, held } = planned;
  if (!published) {
    const why = obstacle ? `Not published: ${obstacle.text}.` : "Not published.";
    return { kind: "absent", word: "not published", told: [why] };
  }
  const lacking = target.platforms.filter((one) => published.platforms?.includes(one) === false);
  const days = daysUntil(target.endOfLife ?? "", today);
  const told = [
    support === "ending" ? `Ends in ${count(days, "day")}, on ${target.endOfLife}.` : "",
    support === "archived" ? `Ended on ${target.endOfLife}: it gets no more fixes.` : "",
    isDue(planned) ? "Due: the next run rebuilds it." : "",
    ...held.map(({ because }) => `Waits: ${because}.`),
    lacking.length > 0 ? `Without ${lacking.join(", ")}, which the catalog wants.` : "",
    isSigned === false ? "Not signed, though the catalog wants it." : "",
  ];
  return { kind: support, word: support, told: told.filter((text) => text !== "") };
}
