import { once } from "node:events";
import type { WorldOptions } from "./options.ts";
import { withSession } from "./session.ts";

/** Keeps the sandbox open until it is interrupted. */
export async function sandbox(options: WorldOptions): Promise<void> {
  await withSession({ ...options, profile: "sandbox" }, async (session) => {
    const { catalog, signal } = session;
    await session.openMirror();
    process.stdout.write(`images    ${catalog.registry}\npackages  ${catalog.sources.packages}\n`);
    process.stdout.write("Ctrl-C ends both.\n");
    if (!signal.aborted) await once(signal, "abort");
  });
}
