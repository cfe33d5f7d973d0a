import { writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { renderSchema } from "../catalog/json-schema.ts";
import { CATALOG_SCHEMA } from "./paths.ts";

export function addSchema(program: Command): void {
  program
    .command("schema")
    .description("print the catalog's JSON schema, which editors read")
    .option("--write", "write it to catalog.schema.json instead", false)
    .action(schema);
}

async function schema({ write }: { write: boolean }): Promise<void> {
  if (write) await writeFile(CATALOG_SCHEMA, renderSchema());
  else process.stdout.write(renderSchema());
}
