import { z } from "zod";
import { ofRegistry } from "./of-registry.ts";
import { ofRuns } from "./of-runs.ts";
import { problem } from "./parts.ts";
import { OUTPUT_VERSION } from "./version.ts";

/** What commands print with `--json`, without the envelope, by the name of the command. */
const contents = { ...ofRegistry, ...ofRuns };

/** A command that prints JSON: `plan`; with what makes its output another: `status --cve`. */
export type OutputName = keyof typeof contents;

type Json = string | number | boolean | null | undefined;
/** A value that is only read. */
type Read<T> = T extends Json ? T : { readonly [Key in keyof T]: Read<T[Key]> };

/** What each command prints, without the envelope. */
export type Output = { readonly [Name in OutputName]: Read<z.infer<(typeof contents)[Name]>> };

const version = z.literal(OUTPUT_VERSION).describe("Of this format");

/** What is printed in place of its output where a command fails. */
const errorSchema = z.strictObject({
  version,
  command: z.string().nullable().describe("null: what was typed names none"),
  error: z.strictObject({
    message: z.string(),
    hint: z.string().nullable().describe("What to do about it"),
    exitCode: z
      .int()
      .describe("1: it failed; 2: the user can mend it; 3: somebody else is publishing; 130: interrupted"),
    problems: z.array(problem).optional().describe("Of a catalog with mistakes in it: each of them"),
  }),
});

/** That a command failed. */
export type ErrorOutput = Read<z.infer<typeof errorSchema>>;

/** The schema of each output, the envelope with it, by the name of its file in `docs/json/`. */
export const outputSchemas: ReadonlyMap<string, z.ZodType> = new Map<string, z.ZodType>([
  ...Object.entries(contents).map(
    ([command, content]) =>
      [
        command.replace(/[^a-z]+/g, "-"),
        z.strictObject({ version, command: z.literal(command), ...content.shape }),
      ] as const,
  ),
  ["error", errorSchema],
]);

/** A schema's text, as it stands in its file. */
export function schemaText(schema: z.ZodType): string {
  const json = z.toJSONSchema(schema, {
    // A format says the same, in one word.
    override: ({ jsonSchema }) => {
      if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
    },
  });
  return `${JSON.stringify(json, null, 2)}\n`;
}
