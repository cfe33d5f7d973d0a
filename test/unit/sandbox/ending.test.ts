import { setTimeout } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { endingTogether } from "../../../sandbox/mirror/ending.ts";

describe("endingTogether", () => {
  it("gives what all parts give, in their order", async () => {
    expect(await endingTogether([Promise.resolve(1), 2], new AbortController())).toEqual([1, 2]);
  });

  it("ends the others when one fails, waits for them, and throws what failed first", async () => {
    const failed = new AbortController();
    let isAtWork = true;
    const other = async () => {
      await setTimeout(60_000, undefined, { signal: failed.signal }).catch(() => {});
      await setTimeout(5);
      isAtWork = false;
      throw new Error("ended by the other");
    };
    const first = async () => {
      await setTimeout(1);
      throw new Error("the archive is damaged");
    };
    await expect(endingTogether([other(), first()], failed)).rejects.toThrow("the archive is damaged");
    expect(isAtWork).toBe(false);
  });
});
