import { expect, vi } from "vitest";

/** A signal whose time is up as soon as a text has come: a test that waits so many milliseconds may be too early. */
export function timeOutWhen(text: () => Promise<string>, has: string): AbortSignal {
  const controller = new AbortController();
  const come = async () => expect(await text()).toContain(has);
  void vi.waitFor(come, { timeout: 60_000 }).finally(() => controller.abort(new DOMException("timeout")));
  return controller.signal;
}
