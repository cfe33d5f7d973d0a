import type { SessionOptions } from "../app/options.ts";
import { serveUntilEnded } from "../app/serve.ts";

/** Keeps the sandbox open until it is interrupted. */
export async function sandbox(options: SessionOptions): Promise<void> {
  await serveUntilEnded("sandbox", { ...options, profile: "sandbox" });
}
