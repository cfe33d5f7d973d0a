import { z } from "zod";
import { cleanLine } from "../system/shown/clean-text.ts";

/**
 * A promise that a tag stays where it was put: recorded in the registry, in the annotations of the tag's history, so
 * that every machine keeps it.
 */
export interface Hold {
  readonly until: Date;
  readonly by: string;
  readonly reason: string;
}

const UNTIL = "birdhouse.hold.until";
const BY = "birdhouse.hold.by";
const REASON = "birdhouse.hold.reason";

const annotationsSchema = z.looseObject({
  [UNTIL]: z.iso.datetime(),
  [BY]: z.string().default(""),
  [REASON]: z.string().default(""),
});

/** A hold as annotations; none is no annotation. */
export function holdAnnotations(hold: Hold | undefined): Record<string, string> {
  return hold ? { [UNTIL]: hold.until.toISOString(), [BY]: hold.by, [REASON]: hold.reason } : {};
}

/** The hold that annotations tell of; undefined where there is none, or none that says until when. */
export function readHold(annotations: unknown): Hold | undefined {
  const found = annotationsSchema.safeParse(annotations).data;
  if (!found) return undefined;
  return {
    until: new Date(found[UNTIL] as string),
    by: found[BY] as string,
    reason: found[REASON] as string,
  };
}

/** The hold, if it holds at a time. */
export function holdAt(hold: Hold | undefined, now: Date): Hold | undefined {
  return hold && hold.until.getTime() > now.getTime() ? hold : undefined;
}

/** `held until 2026-12-05 21:15 UTC by ann@buildhost: broken TLS`, cleaned of what a terminal would obey. */
export function describeHold({ until, by, reason }: Hold): string {
  const time = `${until.toISOString().slice(0, 16).replace("T", " ")} UTC`;
  const who = by === "" ? "" : ` by ${cleanLine(by, MOST_NAME)}`;
  const why = reason === "" ? "" : `: ${cleanLine(reason, LONGEST_REASON)}`;
  return `held until ${time}${who}${why}`;
}

/** Characters. */
const MOST_NAME = 200;
export const LONGEST_REASON = 300;
