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
  readonly image?: string | undefined;
  readonly package?: string | undefined;
  readonly reason: string;
  /** The last day on which it counts, as `2027-05-01`. */
  readonly until: string;
}

export const DEFAULT_GATE: Gate = { scanner: "auto", severity: "high", required: false, exceptions: [] };
