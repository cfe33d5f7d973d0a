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

/**
 * Why a vulnerability of something does not touch what holds it.
 * Source: openvex/spec, OPENVEX-SPEC.md, "Status Justifications"
 */
export const JUSTIFICATIONS = [
  "component_not_present",
  "vulnerable_code_not_present",
  "vulnerable_code_not_in_execute_path",
  "vulnerable_code_cannot_be_controlled_by_adversary",
  "inline_mitigations_already_exist",
] as const;
export type Justification = (typeof JUSTIFICATIONS)[number];

/** What a catalog says of what may stand: that it is borne for a while, or that it does not touch the image at all. */
export const STANDINGS = ["accepted", "not_affected"] as const;
export type Standing = (typeof STANDINGS)[number];

/** A vulnerability that may stand for a while. */
export interface GateException {
  readonly id: string;
  readonly image?: string | undefined;
  readonly package?: string | undefined;
  readonly reason: string;
  /** The last day on which it counts, as `2027-05-01`. */
  readonly until: string;
  /** Absent: accepted. */
  readonly status?: Standing | undefined;
  /** There where it is `not_affected`. */
  readonly justification?: Justification | undefined;
}

/** What a gate lets through with a reason, in one platform of an image: VEX tells of it. */
export interface LetThrough {
  /** `node:22-dev` */
  readonly target: string;
  /** `linux/amd64` */
  readonly platform: string;
  readonly id: string;
  readonly aliases: readonly string[];
  readonly package: string;
  readonly version: string;
  /** Whether it is a package of Alpine's, rather than something inside one. */
  readonly isAlpine: boolean;
  /** The scanner's name for it, such as `pkg:npm/tar@6.0.0`, where it has one. Source: package-url/purl-spec */
  readonly purl?: string | undefined;
  /** Undefined where one did when something was said of it last, and none does now. */
  readonly exception: GateException | undefined;
}

export const DEFAULT_GATE: Gate = { scanner: "auto", severity: "high", required: false, exceptions: [] };
