import { type MoveContext, moveRelease, type TagMover } from "../../scripts/publish/move-release.ts";
import { TagPermit } from "../../scripts/registry/switch-tags.ts";

/** What the door would give to what works behind it. */
export function issuePermit(): TagPermit {
  return TagPermit.issue().permit;
}

/** Moves tags as the door has it done, without its lock. */
export function moverOf(
  context: Omit<MoveContext, "holder" | "permit" | "note"> & Partial<Pick<MoveContext, "note">>,
): TagMover {
  const whole = { holder: "test", permit: issuePermit(), note: () => {}, ...context };
  return { moveRelease: (release) => moveRelease(release, whole) };
}
