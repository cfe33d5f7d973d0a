import { once } from "node:events";
import type { SessionOptions } from "../app/options.ts";
import { withSession } from "../app/session.ts";
import { print } from "../system/shown/output.ts";

/** Keeps the sandbox open until it is interrupted. */
export async function sandbox(options: SessionOptions): Promise<void> {
  await withSession({ ...options, profile: "sandbox" }, async (session) => {
    const { catalog, signal } = session;
    await session.openMirror();
    print(`images    ${catalog.registry}\npackages  ${catalog.sources.packages}`);
    print("Press Ctrl-C to stop both.");
    if (!signal.aborted) await once(signal, "abort");
  });
}
