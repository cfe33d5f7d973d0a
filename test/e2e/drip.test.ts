import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { smallCatalog } from "../support/catalogs.ts";
import { HostileRegistry, type RegistryCase } from "../support/hostile/registry.ts";
import { BIRDHOUSE, World } from "../support/world.ts";

/** Milliseconds from a signal to the end: some seconds for giving back the lock, and those of a busy machine. */
const WITHIN = 20_000;

describe("a registry whose answers never end", () => {
  let world: World;
  let registry: HostileRegistry;
  beforeEach(async () => {
    world = await World.open(smallCatalog(["lua"]));
    registry = await new HostileRegistry().listen();
  });
  afterEach(async () => {
    await registry.close();
    await world.close();
  });

  const cases: readonly RegistryCase[] = ["drips", "hangs-on-reads"];
  const commands = [
    ["prune"],
    ["prune", "--dry-run"],
    ["rollback", "lua:5.4"],
    ["export", "lua:5.4", "--to", "OUT"],
    ["history", "lua:5.4"],
    ["inspect", "lua:5.4"],
  ];
  it.each(cases.flatMap((name) => commands.map((command) => [name, command] as const)))(
    "(%s) keeps nobody from ending %j",
    async (name, [command = "", ...args]) => {
      registry.cases.add(name);
      const places = ["--catalog", world.path("catalog.yaml"), "--state", world.path("state")];
      const where = ["--profile", "catalog", "--registry", `${registry.host}/test`];
      const own = args.map((word) => (word === "OUT" ? world.path("out.tar") : word));
      const [program = "", ...words] = [...BIRDHOUSE, command, ...places, ...where, ...own];
      const child = spawn(program, words, { stdio: "ignore" });
      const ended = once(child, "exit");
      // It has asked for something that it will not get.
      while (!registry.seen.some(({ url }) => url !== "/v2/") && child.exitCode === null) await sleep(20);
      expect(child.exitCode).toBeNull();
      child.kill("SIGTERM");
      const late = sleep(WITHIN, "late", { ref: false });
      const result = await Promise.race([ended, late]);
      child.kill("SIGKILL");
      expect(result).not.toBe("late");
      expect(child.signalCode).not.toBe("SIGKILL");
    },
  );
});
