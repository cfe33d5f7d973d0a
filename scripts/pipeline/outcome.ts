import type { Built } from "../build/built.ts";
import type { Stage } from "../model/stage.ts";
import type { PublishedImage } from "../publish/publish.ts";

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
export interface Held {
  readonly status: "held";
  readonly target: string;
  readonly pair: string;
}

/** The deadline of the run had passed before its turn: it is as due as before. */
export interface Unstarted {
  readonly status: "unstarted";
  readonly target: string;
}
