import { once } from "node:events";
import type { SessionOptions } from "../app/options.ts";
import { printResult } from "../app/result.ts";
import { withSession } from "../app/session.ts";

/** Keeps the sandbox open until it is interrupted. */
export async function sandbox(options: SessionOptions): Promise<void> {
  await withSession({ ...options, profile: "sandbox" }, async (session) => {
    const { catalog, signal } = session;
    await session.openMirror();
    const { registry: images, sources } = catalog;
    printResult(
      options,
      "sandbox",
      () => `images    ${images}\npackages  ${sources.packages}\nPress Ctrl-C to stop both.`,
      () => ({ images, packages: sources.packages }),
    );
    if (!signal.aborted) await once(signal, "abort");
  });
}
