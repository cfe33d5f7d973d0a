/** When a build goes on from the registry that it was published to first to the one that everybody pulls from. */
export interface Promotion {
  /** Milliseconds that it must have stood there. */
  readonly soak: number;
  /** Whether it is looked at for vulnerabilities once more, as the gate does. */
  readonly scan: boolean;
}

/** Of a catalog that says nothing: whatever was published may go on. */
export const DEFAULT_PROMOTION: Promotion = { soak: 0, scan: false };

/** Why a version stays where it is. */
export const LEFT_BECAUSE = [
  "unpublished",
  "moved",
  "undated",
  "soaking",
  "in place",
  "newer",
  "withdrawn",
  "held",
  "found",
] as const;
export type LeftBecause = (typeof LEFT_BECAUSE)[number];
