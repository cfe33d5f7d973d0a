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
