import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { smallCatalog } from "../support/catalogs.ts";
import { HostileRegistry, type RegistryCase } from "../support/hostile/registry.ts";
import { StartedCommand } from "../support/started-command.ts";
import { BIRDHOUSE, World } from "../support/world.ts";

/** Milliseconds from a signal to the end: some seconds for giving back the lock, and those of a busy machine. */
const WITHIN = 20_000;

describe.concurrent("a registry whose answers never end", () => {
  const cases: readonly RegistryCase[] = ["drips", "hangs-on-reads"];
  const commands = [
    ["prune"],
    ["prune", "--dry-run"],
    ["rollback", "lua:5.4"],
    ["export", "lua:5.4", "--to", "OUT"],
    ["history", "lua:5.4"],
    ["inspect", "lua:5.4"],
  ];
  it.concurrent.each(cases.flatMap((name) => commands.map((command) => [name, command] as const)))(
    "(%s) keeps nobody from ending %j",
    async (name, [command = "", ...args]) => {
      const world = await World.open(smallCatalog(["lua"]));
      const registry = await new HostileRegistry().listen();
      registry.cases.add(name);
      try {
        const places = ["--catalog", world.path("catalog.yaml"), "--state", world.path("state")];
        const where = ["--profile", "catalog", "--registry", `${registry.host}/test`];
        const own = args.map((word) => (word === "OUT" ? world.path("out.tar") : word));
        const started = new StartedCommand([...BIRDHOUSE, command, ...places, ...where, ...own]);
        // It has asked for something that it will not get.
        await started.until("a request", () => registry.seen.some(({ url }) => url !== "/v2/"));
        expect(started.child.exitCode).toBeNull();
        const late = sleep(WITHIN, "late", { ref: false });
        const result = await Promise.race([started.end("SIGTERM"), late]);
        started.child.kill("SIGKILL");
        expect(result).not.toBe("late");
        expect(started.child.signalCode).not.toBe("SIGKILL");
      } finally {
        await registry.close();
        await world.close();
      }
    },
  );
});
