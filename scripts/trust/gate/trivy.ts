import { z } from "zod";
import { parseDocument } from "../../formats/oci/types.ts";
import { severityOf, type Vulnerability } from "./finding.ts";

/** `trivy image --format json`, schema version 2 (aquasecurity/trivy, pkg/types/report.go). */
const reportSchema = z.looseObject({
  SchemaVersion: z.literal(2),
  Results: z
    .array(
      z.looseObject({
        /** `os-pkgs`, `lang-pkgs` */
        Class: z.string().optional(),
        /** Of os-pkgs the distribution: `alpine`. */
        Type: z.string().optional(),
        Vulnerabilities: z
          .array(
            z.looseObject({
              VulnerabilityID: z.string(),
              VendorIDs: z.array(z.string()).nullish(),
              PkgName: z.string(),
              InstalledVersion: z.string(),
              FixedVersion: z.string().optional(),
              Severity: z.string().optional(),
            }),
          )
          .nullish(),
      }),
    )
    .nullish(),
});

/** Scans the one image of an OCI layout, without anything but what vulnerabilities take. */
export function trivyArgv(layout: string): string[] {
  return ["trivy", "image", "--input", layout, "--scanners", "vuln", "--format", "json", "--quiet"];
}

/** The findings in trivy's report. @throws Error when it is not such a report */
export function parseTrivy(text: string): Vulnerability[] {
  const { Results } = parseDocument(reportSchema, Buffer.from(text), "trivy's report");
  return (Results ?? []).flatMap(({ Class, Type, Vulnerabilities }) =>
    (Vulnerabilities ?? []).map((one) => ({
      id: one.VulnerabilityID,
      aliases: one.VendorIDs ?? [],
      package: one.PkgName,
      version: one.InstalledVersion,
      severity: severityOf(one.Severity),
      isAlpine: Class === "os-pkgs" && Type === "alpine",
      // Without a fix it is left out, or empty.
      ...(one.FixedVersion && { fixed: one.FixedVersion }),
    })),
  );
}
