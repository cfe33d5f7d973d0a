import { pairOf } from "../catalog/select.ts";
import type { Target } from "../catalog/target.ts";
import { changedInputs, type InputChange, type Inputs } from "./inputs.ts";

/** What the registry holds under a target's tag. */
export type Published =
  | { readonly digest: string; readonly inputs: Inputs }
  /** There is an image, but not one that tells what it was made from. */
  | { readonly digest: string; readonly inputs: undefined };

/** Why a target must be rebuilt. */
export type Reason =
  | { readonly kind: "missing" }
  | { readonly kind: "unknown-origin" }
  | { readonly kind: "inputs"; readonly changes: readonly InputChange[] }
  | { readonly kind: "asked" }
  | { readonly kind: "pair"; readonly pair: string };

/** A target, and why it must be rebuilt: no reasons, no rebuild. */
export interface PlannedTarget {
  readonly target: Target;
  readonly inputs: Inputs;
  readonly published: Published | undefined;
  readonly reasons: readonly Reason[];
}

/** What a plan compares for one target. */
export interface Comparison {
  readonly target: Target;
  readonly inputs: Inputs;
  readonly published: Published | undefined;
  /** The user wants it rebuilt whatever the comparison says. */
  readonly asked: boolean;
}

/** Which targets must be rebuilt, and why. Pure. A target that is rebuilt takes its pair along. */
export function plan(comparisons: readonly Comparison[]): PlannedTarget[] {
  const planned = comparisons.map((comparison) => ({ ...comparison, reasons: ownReasons(comparison) }));
  const due = new Set(planned.filter(isDue).map(({ target }) => target.name));
  return planned.map(({ target, inputs, published, reasons }) => {
    const pair = pairOf(target);
    const along: Reason[] = due.has(pair) && !due.has(target.name) ? [{ kind: "pair", pair }] : [];
    return { target, inputs, published, reasons: [...reasons, ...along] };
  });
}

export function isDue({ reasons }: Pick<PlannedTarget, "reasons">): boolean {
  return reasons.length > 0;
}

function ownReasons({ inputs, published, asked }: Comparison): Reason[] {
  const reasons: Reason[] = asked ? [{ kind: "asked" }] : [];
  if (!published) return [...reasons, { kind: "missing" }];
  if (!published.inputs) return [...reasons, { kind: "unknown-origin" }];
  const changes = changedInputs(published.inputs, inputs);
  return changes.length > 0 ? [...reasons, { kind: "inputs", changes }] : reasons;
}

/** A reason as a person reads it: `inputs: packages +make -patch`. */
export function describeReason(reason: Reason): string {
  switch (reason.kind) {
    case "missing":
      return "missing in the registry";
    case "unknown-origin":
      return "published, but not by Birdhouse: what it was made from is unknown";
    case "asked":
      return "asked for";
    case "pair":
      return `its pair ${reason.pair} is being rebuilt`;
    case "inputs":
      return `inputs: ${reason.changes.map(describeChange).join("; ")}`;
  }
}

function describeChange({ input, removed, added }: InputChange): string {
  if (input === "dockerfile") return "the Dockerfile's template changed";
  return [input, ...removed.map((item) => `-${item}`), ...added.map((item) => `+${item}`)].join(" ");
}
