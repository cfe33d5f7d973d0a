import { CATALOG_SCHEMA } from "../app/paths.ts";
import { renderSchema } from "../catalog/schema/json-schema.ts";
import { writeWhole } from "../system/files/files.ts";
import { printDocument } from "../system/shown/output.ts";

/** Prints the catalog's JSON schema, or writes it to its file. */
export async function schema({ write }: { write: boolean }): Promise<void> {
  if (write) await writeWhole(CATALOG_SCHEMA, renderSchema());
  else printDocument(renderSchema());
}
