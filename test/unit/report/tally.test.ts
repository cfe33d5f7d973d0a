import { describe, expect, it } from "vitest";
import { releaseOf } from "../../../scripts/report/tally.ts";
import { sampleRunTarget } from "../../support/sample-run.ts";

describe("releaseOf", () => {
  it.each([
    ["node:22", "node:22"],
    ["node:22-dev", "node:22"],
    ["node:22-debug", "node:22"],
    ["app-dev:1", "app-dev:1"],
    ["app-debug:1-dev", "app-debug:1"],
    ["node:22-dev-2", "node:22-dev-2"],
  ])("of %s is %s", (target, release) => {
    expect(releaseOf(sampleRunTarget({ target }))).toBe(release);
  });
});
