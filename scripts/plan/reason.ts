import type { InputChange } from "../model/inputs.ts";
import type { MovedPackage } from "./packages.ts";

/** Why a target must be rebuilt. */
export type Reason =
  | { readonly kind: "missing" }
  /** The registry refused to show it; some refuse all about a repository that is not there yet. */
  | { readonly kind: "unreadable"; readonly because: string }
  | { readonly kind: "unknown-origin" }
  | { readonly kind: "inputs"; readonly changes: readonly InputChange[] }
  | { readonly kind: "base"; readonly from: string; readonly to: string }
  | { readonly kind: "packages"; readonly moved: readonly MovedPackage[] }
  | { readonly kind: "age"; readonly days: number; readonly limit: number }
  | { readonly kind: "asked" }
  | { readonly kind: "pair"; readonly pair: string };

/** A reason that the policy does not let count, and why. */
export interface HeldReason {
  readonly reason: Reason;
  /** `no security fix`, `published 2 days ago, at most every 7` */
  readonly because: string;
}

/**
 * A reason as a person reads it: `libssl3 3.3.2-r0 → 3.3.2-r1 (CVE-2024-9143)`.
 * @param most how many packages are named, those with fixes first; the rest are counted
 */
export function describeReason(reason: Reason, most = 4): string {
  switch (reason.kind) {
    case "missing":
      return "missing in the registry";
    case "unreadable":
      return `cannot be read, perhaps not there yet (${reason.because})`;
    case "unknown-origin":
      return "published, but not by this Birdhouse: what it was made from is unknown";
    case "asked":
      return "asked for";
    case "pair":
      return `its pair ${reason.pair} is being rebuilt`;
    case "inputs":
      return `inputs: ${reason.changes.map((one) => describeChange(one)).join("; ")}`;
    case "base":
      return `base ${shortDigest(reason.from)} → ${shortDigest(reason.to)}`;
    case "age":
      return `published ${reason.days} days ago, at most ${reason.limit}`;
    case "packages":
      return describeMoved(reason.moved, most);
  }
}

/** `libssl3 3.3.2-r0 → 3.3.2-r1 (CVE-2024-9143)` */
export function describePackage({ name, from, to, fixes }: MovedPackage): string {
  return `${name} ${from} → ${to}${fixes.length > 0 ? ` (${fixes.join(", ")})` : ""}`;
}

function describeMoved(moved: readonly MovedPackage[], most: number): string {
  const fixing = moved.filter(({ fixes }) => fixes.length > 0);
  const named = [...fixing, ...moved.filter((one) => !fixing.includes(one))].slice(0, most);
  const more = moved.length - named.length;
  return [...named.map((one) => describePackage(one)), ...(more > 0 ? [`${more} more`] : [])].join(", ");
}

function describeChange({ input, removed, added }: InputChange): string {
  if (input === "dockerfile") return "the Dockerfile's template changed";
  return [input, ...removed.map((item) => `-${item}`), ...added.map((item) => `+${item}`)].join(" ");
}

/** `sha256:7d46e792…` */
export function shortDigest(digest: string): string {
  return `${digest.slice(0, "sha256:".length + 8)}…`;
}
