/** The stages that a target goes through, in this order. */
export type Stage = "build" | "smoke" | "publish";
export const STAGES = ["build", "smoke", "publish"] as const satisfies readonly Stage[];
