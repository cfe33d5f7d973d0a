import { describe, expect, it } from "vitest";
import { examine } from "../../../scripts/doctor/check.ts";
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
