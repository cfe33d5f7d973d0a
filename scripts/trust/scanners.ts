import { z } from "zod";
import { OciLayout } from "../formats/oci/layout.ts";
import { type Descriptor, parseDocument } from "../formats/oci/types.ts";
import { type Gate, SCANNERS, type Scanner, type Severity } from "../model/gate.ts";
import { makeScratch, removeTree } from "../system/files/files.ts";
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
  /** The version that has the fix, where there is one. */
  readonly fixed?: string;
}

const WORDS: Readonly<Record<string, Severity>> = {
  critical: "critical",
  high: "high",
  medium: "medium",
  low: "low",
  // grype's word for what is milder than low.
  negligible: "low",
};

/** A severity by a scanner's word for it. */
function severityOf(word: string | undefined): Severity | undefined {
  return WORDS[word?.toLowerCase() ?? ""];
}

const PROGRAMS = {
  trivy: { argv: trivyArgv, parse: parseTrivy },
  grype: { argv: grypeArgv, parse: parseGrype },
} as const;

/** The scanner to use, if it is on this machine. */
export async function findScanner(
  wanted: Gate["scanner"],
  installed: (tool: string) => Promise<boolean> = isInstalled,
): Promise<Scanner | undefined> {
  for (const scanner of wanted === "auto" ? SCANNERS : [wanted]) if (await installed(scanner)) return scanner;
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
  const { argv, parse } = PROGRAMS[scanner];
  const directory = await makeScratch(scratch, "scan-");
  try {
    // Scanners take the first platform of an index, so each is given to them alone.
    const alone = await OciLayout.create(directory);
    await alone.importFrom(await OciLayout.open(layout), manifest);
    await alone.writeIndex([manifest]);
    const { stdout } = await runProcess(argv(directory), { signal });
    return parse(stdout);
  } finally {
    await removeTree(directory);
  }
}

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
function trivyArgv(layout: string): string[] {
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
function grypeArgv(layout: string): string[] {
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
