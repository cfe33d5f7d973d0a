import { z } from "zod";
import { tryJson } from "../../system/json.ts";

/** Source: CycloneDX 1.6, "components" and "licenses": an id of SPDX's list, a name, or an expression */
const licence = z.union([
  z.looseObject({ expression: z.string() }).transform(({ expression }) => expression),
  z.looseObject({ license: z.looseObject({ id: z.string() }) }).transform((one) => one.license.id),
  z.looseObject({ license: z.looseObject({ name: z.string() }) }).transform((one) => one.license.name),
]);
const schema = z.looseObject({
  components: z.array(z.looseObject({ name: z.string(), licenses: z.array(licence).optional() })),
});

/** Package → licence, as a CycloneDX document has it; empty where it is none. */
export function readLicences(text: string): Map<string, string> {
  const components = schema.safeParse(tryJson(text)).data?.components ?? [];
  const told = components.filter(({ licenses = [] }) => licenses.length > 0);
  return new Map(told.map(({ name, licenses = [] }) => [name, licenses.join(" AND ")] as const));
}
