import { once } from "node:events";
import { isLoopback, registryUrl } from "../registry/reference.ts";
import { UserError } from "../system/errors.ts";
import type { SessionOptions } from "./options.ts";
import { printResult } from "./result.ts";
import { withSession } from "./session.ts";

/** Milliseconds. */
const A_DAY = 86_400_000;

/**
 * Keeps the registry of this machine running until it is interrupted, and in the sandbox the mirror too: else it ends with
 * the command that started it, and nobody could pull what that published.
 * @throws UserError where the registry is another machine's
 */
export async function serveUntilEnded(verb: "serve" | "sandbox", options: SessionOptions): Promise<void> {
  await withSession(options, async (session) => {
    const { catalog, namespace, profile, signal } = session;
    const { registry: images, sources } = catalog;
    if (!isLoopback(registryUrl(namespace.registry))) {
      throw new UserError(
        `${namespace.registry} is not on this machine: it runs without this`,
        `pull from it as it is: ${images}/IMAGE:TAG`,
      );
    }
    await session.openMirror();
    const packages = profile === "sandbox" ? sources.packages : null;
    printResult(
      options,
      verb,
      () =>
        `images    ${images}\n${packages === null ? "" : `packages  ${packages}\n`}Press Ctrl-C to end this.`,
      () => ({ images, packages }),
    );
    // The registry is a process of its own: without this nothing would keep ours, outside the sandbox.
    const staying = setInterval(() => {}, A_DAY);
    if (!signal.aborted) await once(signal, "abort");
    clearInterval(staying);
  });
}
