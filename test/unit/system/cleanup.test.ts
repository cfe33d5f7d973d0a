import { describe, expect, it } from "vitest";
import { Cleanup } from "../../../scripts/system/cleanup.ts";

/** A cleanup of three actions, which write down when they end; those named in `failing` throw. */
function cleanupOf(...failing: readonly string[]) {
  const log: string[] = [];
  const cleanup = new Cleanup();
  for (const name of ["first", "second", "third"]) {
    cleanup.add(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      log.push(name);
      if (failing.includes(name)) throw new Error(`${name} failed`);
    });
  }
  return { cleanup, log };
}

describe("Cleanup", () => {
  it("does things in reverse order, one after the other", async () => {
    const { cleanup, log } = cleanupOf();
    await cleanup.run();
    expect(log).toEqual(["third", "second", "first"]);
  });

  it("does everything although something fails, and then tells of the first failure", async () => {
    const { cleanup, log } = cleanupOf("third", "second");
    await expect(cleanup.run()).rejects.toThrow("third failed");
    expect(log).toEqual(["third", "second", "first"]);
  });

  it("takes an action that throws at once for one that fails", async () => {
    const { cleanup, log } = cleanupOf();
    cleanup.add(() => {
      throw new Error("at once");
    });
    await expect(cleanup.run()).rejects.toThrow("at once");
    expect(log).toHaveLength(3);
  });

  it("does each thing once, however often it runs", async () => {
    const { cleanup, log } = cleanupOf("second");
    await cleanup.run().catch(() => {});
    await cleanup.run();
    expect(log).toHaveLength(3);
  });

  it("does what is added while it runs too", async () => {
    const { cleanup, log } = cleanupOf();
    cleanup.add(() => cleanup.add(() => log.push("late")));
    await cleanup.run();
    expect(log).toEqual(["late", "third", "second", "first"]);
  });
});
