import { z } from "zod";
import { isDay } from "../../model/end-of-life.ts";
import { bytesOf, daysOf, millisecondsOf } from "../../model/policy.ts";
import type { Format } from "./format.ts";
import { DATE, DURATION, SIZE, SOAK } from "./formats.ts";

/** What the schemas of a catalog are made of. */

/**
 * A string of one of the formats, with that format's advice as its error. A number that quotes would not put
 * right, such as a size without a unit, has the same.
 */
export function word({ pattern, advise }: Format) {
  return z
    .string({
      error: ({ input }) =>
        typeof input === "number" && !pattern.test(String(input)) ? advise(String(input)) : undefined,
    })
    .regex(pattern, { error: ({ input }) => advise(String(input)) });
}

/** A list of some of these words, each once. */
export function someOnce<Word extends string>(words: readonly Word[], what: string) {
  return z
    .array(z.enum(words))
    .min(1)
    .refine((list) => new Set(list).size === list.length, `expected each ${what} once`)
    .meta({ uniqueItems: true });
}

/** A mapping that may not be empty. */
export function someOf<Value extends z.ZodType>(key: z.ZodString, value: Value, what: string) {
  return z
    .record(key, value)
    .refine((entries) => Object.keys(entries).length > 0, `expected at least one ${what}, found none`)
    .meta({ minProperties: 1 });
}

/** What must be there unless it is taken over from what is extended: for editors; explain.ts says it to people. */
export function neededUnlessExtending(keys: readonly string[]) {
  return { anyOf: [{ required: ["extends"] }, { required: [...keys] }] };
}

/** What need not be there. @param what it is for: editors show that */
export function optional<Schema extends z.ZodType>(schema: Schema, what: string) {
  return schema.optional().describe(what);
}

/** What people read, in one line: it stands in headings, tables and comments of Dockerfiles. */
export const oneLine = z
  .string()
  .trim()
  .regex(/^[^\r\n]+$/, "expected one line of text");

export const date = word(DATE).refine(isDay, { error: "there is no such day" });

/** `7d`, read as 7. */
export const days = word(DURATION).transform(daysOf);

/** `30 MB`, read as 30,000,000. */
export const bytes = word(SIZE).transform(bytesOf);

/** `24h`, read as 86,400,000. */
export const soak = word(SOAK)
  .refine((text) => millisecondsOf(text) !== undefined, "expected a year at most")
  .transform((text) => millisecondsOf(text) ?? 0);
