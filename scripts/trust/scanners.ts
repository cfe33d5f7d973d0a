import { join } from "node:path";
import { z } from "zod";
import { OciLayout } from "../formats/oci/layout.ts";
import { type Descriptor, parseDocument } from "../formats/oci/types.ts";
import { type Gate, SCANNERS, type Scanner, SEVERITIES, type Severity } from "../model/gate.ts";
import { makeScratch, removeTree, writeWhole } from "../system/files/files.ts";
import { run as runProcess } from "../system/process/process.ts";
import { isInstalled } from "../system/process/tools.ts";

/** A known vulnerability that a scanner finds in an image. */
export interface Vulnerability {
  /** Such as `CVE-2024-9143`. */
  readonly id: string;
  /** Other names of the same vulnerability. */
  readonly aliases: readonly string[];
  readonly package: string;
  /** The version that is in the image. */
  readonly version: string;
  /** Undefined where the scanner cannot say. */
  readonly severity: Severity | undefined;
  /** Whether it is in a package of Alpine's, rather than in something inside one. */
  readonly isAlpine: boolean;
  /** The scanner's name for the package, such as `pkg:npm/tar@6.0.0`, where it has one. Source: package-url/purl-spec */
  readonly purl?: string;
  /** The version that has the fix, where there is one. */
  readonly fixed?: string;
}

/** A severity by a scanner's word for it. */
function severityOf(word = ""): Severity | undefined {
  const lower = word.toLowerCase();
  // grype's word for what is milder than low.
  return lower === "negligible" ? "low" : SEVERITIES.find((one) => one === lower);
}

/** How each scans the one image of an OCI layout, and what a list of contents in CycloneDX names. */
const PROGRAMS = {
  trivy: {
    // Without anything but what vulnerabilities take.
    flags: (path: string) => ["image", "--input", path, "--scanners", "vuln", "--format", "json", "--quiet"],
    sbomFlags: (path: string) => ["sbom", "--scanners", "vuln", "--format", "json", "--quiet", path],
    parse: parseTrivy,
  },
  grype: {
    flags: (path: string) => [`oci-dir:${path}`, "--output", "json", "--quiet"],
    sbomFlags: (path: string) => [`sbom:${path}`, "--output", "json", "--quiet"],
    parse: parseGrype,
  },
} as const;

/** The scanner to use, if it is on this machine. */
export async function findScanner(wanted: Gate["scanner"]): Promise<Scanner | undefined> {
  const choices = wanted === "auto" ? SCANNERS : [wanted];
  for (const scanner of choices) if (await isInstalled(scanner)) return scanner;
  return undefined;
}

export interface ScanOptions {
  /** A directory for what only a scan needs. */
  readonly scratch: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Has a scanner look at one platform of an image.
 * @param layout the directory of the OCI layout that holds it
 * @throws CommandError when the scanner fails; Error when its report is not in the form that we know
 */
export async function scan(
  scanner: Scanner,
  layout: string,
  manifest: Descriptor,
  { scratch, signal }: ScanOptions,
): Promise<Vulnerability[]> {
  const { flags, parse } = PROGRAMS[scanner];
  const directory = await makeScratch(scratch, "scan-");
  try {
    // Scanners take the first platform of an index, so each is given to them alone.
    const alone = await OciLayout.create(directory);
    await alone.importFrom(await OciLayout.open(layout), manifest);
    await alone.writeIndex([manifest]);
    const { stdout } = await runProcess([scanner, ...flags(directory)], { signal });
    return parse(stdout);
  } finally {
    await removeTree(directory);
  }
}

/**
 * Has a scanner look up what is in an image by its list of contents: nothing is pulled but that.
 * @param sbom in CycloneDX
 * @throws CommandError when the scanner fails; Error when its report is not in the form that we know
 */
export async function scanSbom(
  scanner: Scanner,
  sbom: string,
  { scratch, signal }: ScanOptions,
): Promise<Vulnerability[]> {
  const { sbomFlags, parse } = PROGRAMS[scanner];
  const directory = await makeScratch(scratch, "scan-");
  try {
    const path = join(directory, "sbom.cdx.json");
    await writeWhole(path, sbom);
    const { stdout } = await runProcess([scanner, ...sbomFlags(path)], { signal });
    return parse(stdout);
  } finally {
    await removeTree(directory);
  }
}

/** `trivy image --format json`, schema version 2 (aquasecurity/trivy, pkg/types/report.go). */
const trivyFindingSchema = z.looseObject({
  VulnerabilityID: z.string(),
  VendorIDs: z.array(z.string()).nullish(),
  PkgName: z.string(),
  PkgIdentifier: z.looseObject({ PURL: z.string().optional() }).optional(),
  InstalledVersion: z.string(),
  FixedVersion: z.string().optional(),
  Severity: z.string().optional(),
});

const trivyResultSchema = z.looseObject({
  /** `os-pkgs`, `lang-pkgs` */
  Class: z.string().optional(),
  /** Of os-pkgs the distribution: `alpine`. */
  Type: z.string().optional(),
  Vulnerabilities: z.array(trivyFindingSchema).nullish(),
});

const trivyReportSchema = z.looseObject({
  SchemaVersion: z.literal(2),
  Results: z.array(trivyResultSchema).nullish(),
});

/** The findings in trivy's report. @throws Error when it is not such a report */
export function parseTrivy(text: string): Vulnerability[] {
  const { Results } = parseDocument(trivyReportSchema, Buffer.from(text), "trivy's report");
  return (Results ?? []).flatMap(({ Class, Type, Vulnerabilities }) =>
    (Vulnerabilities ?? []).map((one) => ({
      id: one.VulnerabilityID,
      aliases: one.VendorIDs ?? [],
      package: one.PkgName,
      version: one.InstalledVersion,
      severity: severityOf(one.Severity),
      isAlpine: Class === "os-pkgs" && Type === "alpine",
      ...(one.PkgIdentifier?.PURL && { purl: one.PkgIdentifier.PURL }),
      // Without a fix it is left out, or empty.
      ...(one.FixedVersion && { fixed: one.FixedVersion }),
    })),
  );
}

/** `grype -o json` (anchore/grype, grype/presenter/models/document.go). */
const grypeVulnerabilitySchema = z.looseObject({
  id: z.string(),
  severity: z.string().optional(),
  /** `state` is `fixed`, `not-fixed`, `wont-fix` or `unknown`. */
  fix: z.looseObject({ versions: z.array(z.string()).nullish(), state: z.string().optional() }).optional(),
});

const grypeMatchSchema = z.looseObject({
  vulnerability: grypeVulnerabilitySchema,
  relatedVulnerabilities: z.array(z.looseObject({ id: z.string() })).nullish(),
  artifact: z.looseObject({
    ...{ name: z.string(), version: z.string(), type: z.string() },
    purl: z.string().optional(),
  }),
});

const grypeDocumentSchema = z.looseObject({ matches: z.array(grypeMatchSchema).nullable() });

/** The findings in grype's document. @throws Error when it is not such a document */
export function parseGrype(text: string): Vulnerability[] {
  const { matches } = parseDocument(grypeDocumentSchema, Buffer.from(text), "grype's document");
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
      ...(artifact.purl && { purl: artifact.purl }),
      ...(fixed && { fixed }),
    };
  });
}
