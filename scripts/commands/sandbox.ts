import { once } from "node:events";
import type { Command } from "commander";
import { addWorldOptions, type WorldOptions } from "./options.ts";
import { withSession } from "./session.ts";

export function addSandbox(program: Command): void {
  addWorldOptions(
    program
      .command("sandbox")
      .description("keep the sandbox's registry and mirror running, to pull from; Ctrl-C ends it"),
  ).action(sandbox);
}

async function sandbox(options: WorldOptions): Promise<void> {
  await withSession({ ...options, profile: "sandbox" }, async (session) => {
    const { catalog, signal } = session;
    await session.openMirror();
    process.stdout.write(`images    ${catalog.registry}\npackages  ${catalog.sources.packages}\n`);
    process.stdout.write("Ctrl-C ends both.\n");
    if (!signal.aborted) await once(signal, "abort");
  });
}
