import type { Support } from "../model/end-of-life.ts";
import { changedInputs, type InputChange, type Inputs } from "../model/inputs.ts";
import type { Platform } from "../model/platform.ts";
import type { Policy } from "../model/policy.ts";
import type { Published } from "../model/published.ts";
import type { Target } from "../model/target.ts";
import { VERSION } from "../system/environment.ts";
import type { Fixes } from "../upstream/upstream.ts";
import { type MovedPackage, movedPackages, type PlatformOffers } from "./packages.ts";

/** What Alpine offers to a target now, as far as it could be found out. */
export interface Offered {
  readonly packages: PlatformOffers;
  readonly fixes: Fixes;
  /** Digest of the branch's base image. */
  readonly base?: string;
  /** The platforms for which the mirror lacks a repository, so that not all of what there is is known. */
  readonly partial?: readonly Platform[];
  /** What could not be found out, and why: that is not compared. */
  readonly unknown: readonly string[];
  /** What of the indexes had to be left out: a line for each. */
  readonly notes?: readonly string[];
}

/** What a plan compares for one target. */
export interface Comparison {
  readonly target: Target;
  readonly inputs: Inputs;
  readonly published: Published | undefined;
  /** Why the registry would not show what is published; absent where it did. */
  readonly refused?: string | undefined;
  /** The user wants it rebuilt whatever the comparison says. */
  readonly asked: boolean;
  /** Undefined where nobody asked Alpine. */
  readonly offered?: Offered;
}

/** The reasons that count, and those that the policy holds back. */
export interface Reasons {
  readonly reasons: readonly Reason[];
  readonly held: readonly HeldReason[];
}

/**
 * A target's own reasons, without what its pair brings. Pure. A policy never holds back what is missing,
 * changed by its maintainer or asked for: only what is new at Alpine.
 */
export function ownReasons(comparison: Comparison, support: Support, today: Date): Reasons {
  const { inputs, published, refused, asked, target } = comparison;
  const always: Reason[] = asked ? [{ kind: "asked" }] : [];
  if (!published) {
    const absence: Reason =
      refused === undefined ? { kind: "missing" } : { kind: "unreadable", because: refused };
    return { reasons: [...always, absence], held: [] };
  }
  if (!published.inputs || !published.sizes)
    return { reasons: [...always, { kind: "unknown-origin" }], held: [] };
  if (support === "archived") return { reasons: always, held: [] };
  const changes = changedInputs(published.inputs, inputs);
  if (changes.length > 0) always.push({ kind: "inputs", changes, ...upgradeSince(published) });
  const age = daysSince(published.at, today);
  const { maxAge } = target.policy;
  if (maxAge !== undefined && age !== undefined && age > maxAge) {
    always.push({ kind: "age", days: age, limit: maxAge });
  }
  return judge(always, alpineReasons(comparison, published), target.policy, age);
}

/** Where another Birdhouse built it: then what changed may have come with this one, or with its catalog. */
function upgradeSince({ builder }: Published) {
  return builder === undefined || builder === VERSION ? {} : { upgrade: { from: builder, to: VERSION } };
}

/** What is new at Alpine since the image was made. */
function alpineReasons({ target, offered }: Comparison, { sizes, base }: Published): Reason[] {
  if (!offered || !sizes) return [];
  const moved = movedPackages(sizes, target.world, offered.packages, offered.fixes);
  return [
    ...(base !== undefined && offered.base !== undefined && base !== offered.base
      ? [{ kind: "base", from: base, to: offered.base } as const]
      : []),
    ...(moved.length > 0 ? [{ kind: "packages", moved } as const] : []),
  ];
}

function judge(
  always: readonly Reason[],
  moved: readonly Reason[],
  policy: Policy,
  age: number | undefined,
): Reasons {
  const because = whyNot(moved, policy, age);
  if (because === undefined) return { reasons: [...always, ...moved], held: [] };
  return { reasons: always, held: moved.map((reason) => ({ reason, because })) };
}

/** Why a policy does not let these reasons count; undefined where it does. */
function whyNot(moved: readonly Reason[], policy: Policy, age: number | undefined): string | undefined {
  const { notWithin } = policy;
  if (notWithin !== undefined && age !== undefined && age < notWithin) {
    return `published ${age} days ago, at most every ${notWithin}`;
  }
  return policy.for === "security" && !moved.some((one) => fixesSomething(one))
    ? "no security fix"
    : undefined;
}

function fixesSomething(reason: Reason): boolean {
  return reason.kind === "packages" && reason.moved.some(({ fixes }) => fixes.length > 0);
}

const DAY_MS = 86_400_000;

/** Whole days. */
function daysSince(time: Date | undefined, today: Date): number | undefined {
  return time && Math.floor((today.getTime() - time.getTime()) / DAY_MS);
}

/** Why a target must be rebuilt. */
export type Reason =
  | { readonly kind: "missing" }
  /** The registry refused to show it; some refuse all about a repository that is not there yet. */
  | { readonly kind: "unreadable"; readonly because: string }
  | { readonly kind: "unknown-origin" }
  | {
      readonly kind: "inputs";
      readonly changes: readonly InputChange[];
      /** The versions of Birdhouse, where they differ. */
      readonly upgrade?: { readonly from: string; readonly to: string };
    }
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
      return `inputs: ${reason.changes.map((one) => describeChange(one)).join("; ")}${upgradeText(reason.upgrade)}`;
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

function upgradeText(upgrade: { readonly from: string; readonly to: string } | undefined): string {
  return upgrade ? ` (built by Birdhouse ${upgrade.from}, and this is ${upgrade.to})` : "";
}

function describeChange({ input, removed, added }: InputChange): string {
  if (input === "dockerfile") return "the Dockerfile's template changed";
  return [input, ...removed.map((item) => `-${item}`), ...added.map((item) => `+${item}`)].join(" ");
}

/** `sha256:7d46e792…` */
function shortDigest(digest: string): string {
  return `${digest.slice(0, "sha256:".length + 8)}…`;
}
