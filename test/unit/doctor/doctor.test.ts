import { describe, expect, it } from "vitest";
import { examine } from "../../../scripts/doctor/check.ts";
import { roomFinding } from "../../../scripts/doctor/machine.ts";
import { clockFinding } from "../../../scripts/doctor/network.ts";
import { UserError } from "../../../scripts/system/errors.ts";

describe("examine", () => {
  it("gives all findings in their order, whatever one of them throws", async () => {
    const found = await examine(
      [
        { name: "slow", run: () => new Promise(() => {}) },
        {
          name: "broken",
          run: async () => {
            throw new UserError("it broke", "mend it");
          },
        },
        { name: "good", run: async () => ({ status: "ok", found: "all is well" }) },
      ],
      50,
    );
    expect(found).toEqual([
      { name: "slow", status: "fail", found: "it did not end within 0.05 s", advice: expect.any(String) },
      { name: "broken", status: "fail", found: "it broke", advice: "mend it" },
      { name: "good", status: "ok", found: "all is well" },
    ]);
  });
});

describe("clockFinding", () => {
  const at = (host: string, seconds: number) => ({ host, ahead: seconds * 1000 });

  it.each([
    ["nothing to ask", [], "warn", "no server sent the time"],
    ["a minute", [at("a", -60)], "ok", "the same as on a"],
    ["some minutes", [at("a", 300)], "warn", "300 s behind a"],
    ["an hour", [at("a", -3600)], "fail", "3600 s ahead of a"],
    ["one server that is wrong", [at("a", 9000), at("b", 2)], "ok", "the same as on b"],
  ] as const)("%s", (_, offsets, status, found) => {
    expect(clockFinding(offsets)).toMatchObject({ status, found });
  });
});

describe("roomFinding", () => {
  it.each([
    [5e9, "ok"],
    [4e9, "warn"],
    [0.9e9, "fail"],
  ] as const)("of %d free bytes: %s", (free, status) => {
    expect(roomFinding("/state", free).status).toBe(status);
  });
});
