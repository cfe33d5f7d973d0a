import { describe, expect, it } from "vitest";
import { COMMANDS, SITUATIONS, tryCommands } from "../support/secret-scenes.ts";

/** A rebuild in each situation, and two more commands in turn. */
describe.concurrent("a secret is nowhere", () => {
  const cases = Object.entries(SITUATIONS).map(([name, situation], index) => {
    const others = COMMANDS.slice(1);
    const turns = [index, index + 4].map((one) => others[one % others.length] ?? []);
    return { name, situation, commands: [["rebuild"], ...turns] };
  });

  it("in more than twenty ways to fail", () => {
    expect(cases.length).toBeGreaterThan(20);
  });

  it.concurrent.each(cases)("with $name", async ({ situation, commands }) => {
    const { leaks, printed } = await tryCommands(situation, commands);
    expect(leaks).toEqual([]);
    expect(printed).not.toBe("");
  });
});
