import type { Severity } from "../../model/gate.ts";

/** A known vulnerability that a scanner finds in an image. */
export interface Vulnerability {
  /** Such as `CVE-2024-9143`. */
  readonly id: string;
  /** What others call the same. */
  readonly aliases: readonly string[];
  readonly package: string;
  /** The version that is in the image. */
  readonly version: string;
  /** Undefined where the scanner cannot say. */
  readonly severity: Severity | undefined;
  /** Whether it is in a package of Alpine's, rather than in something that lies inside of one. */
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
export function severityOf(word: string | undefined): Severity | undefined {
  return WORDS[word?.toLowerCase() ?? ""];
}
