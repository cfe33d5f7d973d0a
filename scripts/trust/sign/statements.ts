import { z } from "zod";
import { canonicalJson, isPlainObject } from "../../formats/oci/digest.ts";
import { parseDocument } from "../../formats/oci/types.ts";
import { PREDICATE_TYPES, type PredicateType } from "./cosign.ts";

/** What `cosign verify-attestation` prints for each statement (secure-systems-lab/dsse, envelope.md). */
const envelopeSchema = z.looseObject({ payload: z.base64() });

/** in-toto/attestation, spec/v1/statement.md */
const statementSchema = z.looseObject({ predicateType: z.string(), predicate: z.unknown() });

/** The predicates of a type in what cosign printed. @throws Error when these are no statements */
export function predicatesIn(printed: string, type: PredicateType): unknown[] {
  return printed
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const { payload } = parseDocument(envelopeSchema, Buffer.from(line), "cosign's envelope");
      return parseDocument(statementSchema, Buffer.from(payload, "base64"), "cosign's statement");
    })
    .filter(({ predicateType }) => predicateType === PREDICATE_TYPES[type])
    .map(({ predicate }) => predicate);
}

/** Whether two lists of predicates say the same, whatever their order. */
export function saySame(type: PredicateType, some: readonly unknown[], others: readonly unknown[]): boolean {
  const texts = (list: readonly unknown[]) => list.map((predicate) => gist(type, predicate)).sort();
  return JSON.stringify(texts(some)) === JSON.stringify(texts(others));
}

/**
 * A predicate without what differs each time that it is made: of the same image a second build has nothing
 * new to say but when it was.
 */
function gist(type: PredicateType, predicate: unknown): string {
  const document = asObject(predicate);
  if (type === "slsaprovenance1") {
    const { metadata: _, ...runDetails } = asObject(document.runDetails);
    return canonicalJson({ ...document, runDetails });
  }
  const { serialNumber: _, ...bom } = document;
  const { timestamp: __, ...metadata } = asObject(document.metadata);
  return canonicalJson({ ...bom, metadata });
}

function asObject(value: unknown): Record<string, unknown> {
  return isPlainObject(value) ? value : {};
}
