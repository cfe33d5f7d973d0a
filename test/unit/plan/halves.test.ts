import { describe, expect, it } from "vitest";
import type { Platform } from "../../../scripts/model/platform.ts";
import { halfOf } from "../../../scripts/plan/halves.ts";
import { samplePlanned, sampleRelease } from "../../support/sample-target.ts";

const [AMD, ARM] = ["linux/amd64", "linux/arm64"] as const;

function planned(runtime: readonly Platform[], dev: readonly Platform[] = runtime) {
  const { runtime: one, dev: other } = sampleRelease();
  return [samplePlanned(one, { platforms: runtime }), samplePlanned(other, { platforms: dev })];
}

describe("what one machine does of a plan", () => {
  it("is its own platform, where it is a machine of that", () => {
    expect(halfOf(planned([AMD, ARM]), ARM, ARM).map(({ platforms }) => platforms)).toEqual([[ARM], [ARM]]);
  });

  it("is its own beside another one, to test with", () => {
    const half = halfOf(planned([AMD, ARM], [AMD]), ARM, AMD);
    expect(half.map(({ platforms }) => platforms)).toEqual([[AMD, ARM], [AMD]]);
  });

  it("leaves out a version that does not have the platform, and cannot make one that it cannot test", () => {
    expect(halfOf(planned([AMD]), ARM, AMD)).toEqual([]);
    const untested = halfOf(planned([AMD, ARM], [AMD]), ARM, ARM);
    expect(untested.map(({ obstacle }) => obstacle?.text)).toEqual([
      "node:22-dev is not made for linux/arm64, so its version cannot be tested here",
      "node:22-dev is not made for linux/arm64, so its version cannot be tested here",
    ]);
  });
});
