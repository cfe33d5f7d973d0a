import { defineConfig } from "vitest/config";

const MINUTES = 60_000;

/** Tests that drive the command line share one sandbox and two cores, so they run one file at a time. */
const driven = {
  globalSetup: ["test/support/prepare-sandbox.ts"],
  testTimeout: 5 * MINUTES,
  hookTimeout: 10 * MINUTES,
  maxWorkers: 3,
};

export default defineConfig({
  test: {
    projects: [
      // Files share their modules: loading these anew for each would take longer than the tests.
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"], testTimeout: 20_000, isolate: false } },
      { test: { name: "e2e", include: ["test/e2e/**/*.test.ts"], ...driven } },
      { test: { name: "full", include: ["test/full/**/*.test.ts"], ...driven, testTimeout: 30 * MINUTES } },
    ],
  },
});
