import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { parseDocument } from "../../formats/oci/types.ts";
import type { OtherImage } from "../../report/site/site.ts";
import { TEMPLATES } from "../paths.ts";

const schema = z.record(
  z.string(),
  z.array(
    z.strictObject({
      name: z.string(),
      sources: z.array(z.url()).min(1),
      facts: z.record(z.string(), z.string()),
      changes: z.array(z.string()),
    }),
  ),
);

/** How others' images differ from those here, by the image that stands in their place. @throws Error where our own file is wrong */
export async function readMoving(): Promise<Record<string, OtherImage[]>> {
  const file = join(TEMPLATES, "site", "moving.json");
  return parseDocument(schema, await readFile(file), file);
}
