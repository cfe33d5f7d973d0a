/** The scanners that a gate can use, the first choice first. */
export const SCANNERS = ["trivy", "grype"] as const;
export type Scanner = (typeof SCANNERS)[number];

/** How bad a vulnerability is, the worst first. */
export const SEVERITIES = ["critical", "high", "medium", "low"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Which known vulnerabilities keep an image from being published. */
export interface Gate {
  readonly scanner: Scanner | "auto";
  /** The mildest that stops an image. */
  readonly severity: Severity;
  /** Whether a machine without a scanner may publish nothing. */
  readonly required: boolean;
  readonly exceptions: readonly GateException[];
}

/** A vulnerability that may stand for a while. */
export interface GateException {
  readonly id: string;
  readonly image?: string;
  readonly package?: string;
  readonly reason: string;
  /** The last day on which it counts, as `2027-05-01`. */
  readonly until: string;
}

/** The block `gate` as a catalog file has it. */
export interface GateFile {
  readonly scanner?: Gate["scanner"] | undefined;
  readonly severity?: Severity | undefined;
  readonly required?: boolean | undefined;
  readonly exceptions?: readonly GateExceptionFile[] | undefined;
}

interface GateExceptionFile {
  readonly id: string;
  readonly image?: string | undefined;
  readonly package?: string | undefined;
  readonly reason: string;
  readonly until: string;
}

/** What a catalog's block comes to. */
export function gateOf({
  scanner = "auto",
  severity = "high",
  required = false,
  exceptions = [],
}: GateFile): Gate {
  return { scanner, severity, required, exceptions: exceptions.map((one) => exceptionOf(one)) };
}

function exceptionOf({ image, package: packageName, ...rest }: GateExceptionFile): GateException {
  return {
    ...rest,
    ...(image !== undefined && { image }),
    ...(packageName !== undefined && { package: packageName }),
  };
}
