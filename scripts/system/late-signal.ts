import { setMaxListeners } from "node:events";

/**
 * A signal that hears of an interruption some time after it: for what has to be set right when a run ends, such as
 * giving back a lock or finishing a move of tags. It may go on for so long, and no longer.
 * @param grace milliseconds
 */
export function lateSignal(signal: AbortSignal, grace: number): AbortSignal {
  const late = new AbortController();
  setMaxListeners(0, late.signal);
  const follow = () => {
    // Whatever it is to end keeps the process alive; the wait alone does not.
    setTimeout(() => late.abort(signal.reason), grace).unref();
  };
  if (signal.aborted) follow();
  else signal.addEventListener("abort", follow, { once: true });
  return late.signal;
}
