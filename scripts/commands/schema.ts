import { join } from "node:path";
import { CATALOG_SCHEMA, OUTPUT_SCHEMAS } from "../app/paths.ts";
import { renderSchema } from "../catalog/schema/json-schema.ts";
import { outputSchemas, schemaText } from "../report/output/schemas.ts";
import { UserError } from "../system/errors.ts";
import { writeWhole } from "../system/files/files.ts";
import { printDocument } from "../system/shown/output.ts";

/**
 * Prints the JSON schema of the catalog, or of what a command prints with `--json`; or writes all of them to their files.
 * @param output as its file in docs/json is named: `status-cve`; undefined means the catalog
 * @throws UserError where there is no such output
 */
export async function schema(output: string | undefined, { write }: { write: boolean }): Promise<void> {
  if (write) {
    await writeWhole(CATALOG_SCHEMA, renderSchema());
    for (const [name, one] of outputSchemas) {
      await writeWhole(join(OUTPUT_SCHEMAS, `${name}.schema.json`), schemaText(one));
    }
    return;
  }
  if (output === undefined) return printDocument(renderSchema());
  const found = outputSchemas.get(output);
  if (!found) {
    const names = [...outputSchemas.keys()].sort().join(", ");
    throw new UserError(`no command's output is named "${output}"`, `name one of ${names}`);
  }
  printDocument(schemaText(found));
}
