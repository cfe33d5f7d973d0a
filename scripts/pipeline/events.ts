import type { Built } from "../build/built.ts";
import type { Stage } from "../model/run.ts";
import type { PublishedImage } from "../publish/publish.ts";

/**
 * What the pipeline says while it works. It knows nothing of terminals: subscribers (scripts/report) turn
 * events into a live list, plain lines or nothing.
 */
export type Event =
  /** Something worth knowing that is about no stage of a target. */
  | { readonly type: "note"; readonly text: string }
  /** What is to be done and why, as a person reads it. */
  | { readonly type: "plan"; readonly text: string }
  /** What builds: `buildah 1.28.2`. */
  | { readonly type: "engine"; readonly title: string }
  /** All targets that this run will work on, and the stage after which they are done. */
  | { readonly type: "planned"; readonly targets: readonly string[]; readonly last: Stage }
  | { readonly type: "started"; readonly target: string; readonly stage: Stage }
  | { readonly type: "finished"; readonly target: string; readonly stage: Stage; readonly seconds: number }
  | { readonly type: "failed"; readonly target: string; readonly stage: Stage; readonly message: string }
  /** It is not at fault: its pair failed, and they are published together or not at all. */
  | { readonly type: "held"; readonly target: string; readonly pair: string }
  /** The run's deadline passed before its turn. */
  | { readonly type: "unstarted"; readonly target: string }
  /** It went through all stages. */
  | { readonly type: "done"; readonly target: string; readonly outcome: Done };

/** Receives events as they happen. */
export type Listener = (event: Event) => void;

/** What became of one target. */
export type Outcome = Done | Failed | Held | Unstarted;

/** It went through all the stages it was to go through. */
export interface Done {
  readonly status: "done";
  readonly target: string;
  readonly built: Built;
  /** Where it is in the registry, when it was published. */
  readonly published: PublishedImage | undefined;
  /** Seconds that each stage took. */
  readonly seconds: Readonly<Record<Stage, number>>;
}

export interface Failed {
  readonly status: "failed";
  readonly target: string;
  readonly stage: Stage;
  readonly message: string;
}

/** Its pair failed; its tags have not moved either. */
export type Held = { readonly status: "held"; readonly target: string; readonly pair: string };

/** The run's deadline passed before its turn: it is still due. */
export type Unstarted = { readonly status: "unstarted"; readonly target: string };
