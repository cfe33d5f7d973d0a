import { z } from "zod";
import { JUSTIFICATIONS } from "../../scripts/model/gate.ts";

/**
 * What OpenVEX 0.2.0 demands of a document, written down from its specification and its JSON schema
 * (openvex/spec, OPENVEX-SPEC.md and openvex_json_schema.json), which takes no key that it does not know.
 */
const iri = z.string().regex(/^[a-z][a-z0-9+.-]*:\S+$/i);
const text = z.string().min(1);
const vulnerability = z.strictObject({
  "@id": iri.optional(),
  name: text,
  description: text.optional(),
  aliases: z.array(text).optional(),
});
const part = { "@id": iri.optional(), identifiers: z.record(text, text).optional() };
const product = z.strictObject({ ...part, subcomponents: z.array(z.strictObject(part)).optional() });
const statement = z
  .strictObject({
    vulnerability,
    products: z.array(product).optional(),
    status: z.enum(["not_affected", "affected", "fixed", "under_investigation"]),
    status_notes: text.optional(),
    justification: z.enum(JUSTIFICATIONS).optional(),
    impact_statement: text.optional(),
    action_statement: text.optional(),
  })
  .refine(
    (one) =>
      one.status !== "not_affected" ||
      (one.justification === undefined) !== (one.impact_statement === undefined),
    "not_affected: either a justification or an impact statement",
  )
  .refine(
    (one) => one.status !== "affected" || one.action_statement !== undefined,
    "affected: what is to be done",
  );

export const openVexSchema = z.strictObject({
  "@context": z.literal("https://openvex.dev/ns/v0.2.0"),
  "@id": iri,
  author: text,
  timestamp: z.iso.datetime({ offset: true }),
  version: z.int().min(1),
  tooling: text.optional(),
  statements: z.array(statement).min(1),
});
