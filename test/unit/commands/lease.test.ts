import { Command } from "commander";
import { expect, it } from "vitest";
import { addEngineOptions } from "../../../scripts/app/options.ts";

const leaseOf = (...args: string[]) =>
  addEngineOptions(new Command().exitOverride().configureOutput({ writeErr: () => {} }))
    .parse(args, { from: "user" })
    .opts().lease;

it("a lease is of a day at most, as a lock that claims more is not believed", () => {
  expect(leaseOf()).toBe(600);
  expect(leaseOf("--lease", "86400")).toBe(86_400);
  expect(() => leaseOf("--lease", "86401")).toThrow("Expected at most 86400 seconds, a day.");
  for (const text of ["0", "-1", "x", ""]) {
    expect(() => leaseOf("--lease", text)).toThrow("Expected a number of at least 1.");
  }
});
