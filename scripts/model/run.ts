/** What a run did, as its journal tells it: what every account of it, for people or programs, is made of. */
export interface RunSummary {
  /** Names the run, and sorts by time: `2026-11-25T030000Z-4711`. */
  readonly id: string;
  /** ISO 8601, as all times here. */
  readonly started: string;
  /** Absent where the run was killed, or is still under way. */
  readonly ended?: string;
  /** Absent with `ended`. */
  readonly exitCode?: number;
  /** Why the run ended before its end: what it told the user. */
  readonly error?: string;
  /** Of Birdhouse. */
  readonly version: string;
  /** As a person would type it. */
  readonly command: string;
  /** `HOST/NAMESPACE`. */
  readonly registry: string;
  readonly profile: "catalog" | "sandbox";
  /** Such as `buildah 1.28.2`; absent where nothing was to be built. */
  readonly engine?: string;
  /** What was due, in the order of the plan. */
  readonly targets: readonly RunTarget[];
  readonly upToDate: number;
  readonly unavailable: number;
  /** What could not be found out, and how many targets that left unjudged. */
  readonly unknown: readonly { readonly problem: string; readonly targets: number }[];
  /** What else is worth telling: a lock that was taken over, a version that ends. */
  readonly notes: readonly string[];
}

/** One target that was due. */
export interface RunTarget {
  /** `node:22-dev`. */
  readonly target: string;
  /** `held`: its pair failed. `unstarted`: the run ended, or its deadline passed, before its turn. */
  readonly status: "done" | "failed" | "held" | "unstarted";
  readonly reasons: readonly RunReason[];
  /** Where it failed, and why. */
  readonly failure?: {
    readonly stage: Stage;
    readonly message: string;
    /** The command that repeats it. */
    readonly repeat?: string;
  };
  /** In how many runs it failed one after the other, this one included; 1 or more where it failed. */
  readonly failedRuns?: number;
  /** When the first of those runs began. */
  readonly failingSince?: string;
  /** Names what it was to be made of. */
  readonly fingerprint?: string;
  readonly digest?: string;
  /** What it was published under; none where it was only built. */
  readonly tags: readonly string[];
  readonly uploadedBytes: number;
  readonly platforms: readonly RunPlatform[];
  /** Seconds that each stage took; 0 where it did not run. */
  readonly seconds: Readonly<Record<Stage, number>>;
}

/** How a target fared when it was last tried, and failed. */
export interface Failing {
  /** In how many runs it failed one after the other. */
  readonly runs: number;
  /** When the first of them began, and the last: ISO 8601. */
  readonly since: string;
  readonly last: string;
  /** Names what it was to be made of then. */
  readonly fingerprint?: string | undefined;
}

/** That a target is not tried yet, and until when. */
export interface Waiting extends Pick<Failing, "runs" | "since"> {
  readonly until: Date;
}

/** Why a target was due. */
export interface RunReason {
  /** As in the plan: `missing`, `inputs`, `base`, `packages`, `pair`, … */
  readonly kind: string;
  /** As the plan prints it: `libssl3 3.3.2-r0 → 3.3.2-r1 (CVE-2024-9143)`. */
  readonly text: string;
  /** What is fixed by it: `CVE-2024-9143`. */
  readonly cves: readonly string[];
}

/** What one platform of a target weighs, in bytes; before this run too, where something was published. */
export interface RunPlatform {
  readonly platform: string;
  readonly compressed: number;
  readonly unpacked: number;
  readonly before?: { readonly compressed: number; readonly unpacked: number };
}

/** The stages that a target goes through, in this order. */
export type Stage = "build" | "smoke" | "publish";
export const STAGES = ["build", "smoke", "publish"] as const satisfies readonly Stage[];

/** Why an image may not be published: a smoke test or the gate refused it. The text is for a person. */
export class RejectedError extends Error {
  override readonly name = "RejectedError";

  /** @param target the name of the target that did not pass */
  constructor(
    readonly target: string,
    message: string,
  ) {
    super(message);
  }
}
