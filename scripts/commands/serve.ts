import type { SessionOptions } from "../app/options.ts";
import { serveUntilEnded } from "../app/serve.ts";

/** Keeps this machine's registry running until it is interrupted, to pull from. */
export async function serve(options: SessionOptions): Promise<void> {
  await serveUntilEnded("serve", options);
}
