import { z } from "zod";
import { once } from "../../system/once.ts";
import { catalogSchema } from "./schema.ts";

/** A JSON schema, as far as the catalog's makes use of it. */
export interface JsonSchema {
  readonly title?: string;
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | false;
  readonly items?: JsonSchema;
  readonly required?: readonly string[];
  readonly default?: unknown;
}

/** What editors read, in the draft that the YAML language server knows best. Made once: it takes a while. */
export const catalogJsonSchema = once((): JsonSchema => {
  const schema = z.toJSONSchema(catalogSchema, { target: "draft-7", io: "input" }) as JsonSchema;
  return { title: "Birdhouse catalog", ...schema };
});

/** The text of `catalog.schema.json`. */
export function renderSchema(): string {
  return `${JSON.stringify(catalogJsonSchema(), null, 2)}\n`;
}

/** The schema of the value at a path, or undefined where the schema knows no such place. */
export function schemaAt(path: readonly PropertyKey[]): JsonSchema | undefined {
  return path.reduce<JsonSchema | undefined>((schema, step) => {
    if (typeof step === "number") return schema?.items;
    const property = schema?.properties?.[String(step)];
    return property ?? (schema?.additionalProperties || undefined);
  }, catalogJsonSchema());
}
