import { RegistryError } from "../registry/errors.ts";
import type { Clock } from "../system/environment.ts";
import { messageOf } from "../system/errors.ts";
import type { HeldLock } from "./lock.ts";

/** How often a lease is renewed before it would end. */
const RENEWALS = 3;

/**
 * Renews a lock for as long as the work under it takes. A registry that is away for a while is no reason to end the
 * work: the lock is ours until its lease has ended.
 * @param lease milliseconds
 * @param lose told when the lock is lost: somebody else has it, or it lapsed while the registry was away
 * @returns ends the renewing; what is under way goes on, and `release` waits for it
 */
export function keepRenewing(
  lock: Pick<HeldLock, "renew">,
  lease: number,
  clock: Pick<Clock, "now">,
  lose: (error: unknown) => void,
): () => void {
  let until = clock.now() + lease;
  const renew = async () => {
    const asked = clock.now();
    try {
      await lock.renew();
      until = asked + lease;
    } catch (error) {
      if (!(error instanceof RegistryError)) lose(error);
      else if (clock.now() >= until) lose(lapsed(error));
    }
  };
  const timer = setInterval(() => void renew(), lease / RENEWALS);
  return () => clearInterval(timer);
}

function lapsed(error: RegistryError): Error {
  const text = `our lock lapsed, as the registry was away for longer than its lease: ${messageOf(error)}`;
  return new Error(text, { cause: error });
}
