import { recover } from "../publish/recover.ts";
import type { Session } from "./session.ts";

/** Finishes what a run had begun to publish that was killed, or lost its registry, before anything is compared with the registry. */
export async function recoverPublishing({ registry, journals, listener }: Session): Promise<void> {
  for (const { release, moved, given } of await recover(registry, journals)) {
    const text =
      given === undefined
        ? `${release}: an earlier run ended while it moved tags; ${moved.length === 0 ? "all had moved" : `moved ${moved.join(", ")} as well`}`
        : `${release}: an earlier run ended while it moved tags; they are left as they are: ${given}`;
    listener({ type: "note", text });
  }
}
