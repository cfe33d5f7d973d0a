import { z } from "zod";
import { parseDocument } from "../../formats/oci/types.ts";
import { severityOf, type Vulnerability } from "./finding.ts";

/** `grype -o json` (anchore/grype, grype/presenter/models/document.go). */
const documentSchema = z.looseObject({
  matches: z
    .array(
      z.looseObject({
        vulnerability: z.looseObject({
          id: z.string(),
          severity: z.string().optional(),
          fix: z
            .looseObject({
              versions: z.array(z.string()).nullish(),
              /** `fixed`, `not-fixed`, `wont-fix`, `unknown` */
              state: z.string().optional(),
            })
            .optional(),
        }),
        relatedVulnerabilities: z.array(z.looseObject({ id: z.string() })).nullish(),
        artifact: z.looseObject({ name: z.string(), version: z.string(), type: z.string() }),
      }),
    )
    .nullable(),
});

/** Scans the one image of an OCI layout. */
export function grypeArgv(layout: string): string[] {
  return ["grype", `oci-dir:${layout}`, "--output", "json", "--quiet"];
}

/** The findings in grype's document. @throws Error when it is not such a document */
export function parseGrype(text: string): Vulnerability[] {
  const { matches } = parseDocument(documentSchema, Buffer.from(text), "grype's document");
  return (matches ?? []).map(({ vulnerability, relatedVulnerabilities, artifact }) => {
    const { id, severity, fix } = vulnerability;
    const fixed = fix?.state === "fixed" ? fix.versions?.[0] : undefined;
    const related = (relatedVulnerabilities ?? []).map((one) => one.id);
    return {
      id,
      aliases: [...new Set(related)].filter((alias) => alias !== id),
      package: artifact.name,
      version: artifact.version,
      severity: severityOf(severity),
      isAlpine: artifact.type === "apk",
      ...(fixed && { fixed }),
    };
  });
}
