/** The stages that a target goes through, in this order. */
export type Stage = "build" | "smoke" | "publish";
export const STAGES = ["build", "smoke", "publish"] as const satisfies readonly Stage[];

/** Why an image did not pass. The text is for a person. */
export class SmokeError extends Error {
  override readonly name = "SmokeError";

  /** @param target the name of the target that did not pass */
  constructor(
    readonly target: string,
    message: string,
  ) {
    super(message);
  }
}
