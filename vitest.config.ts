import { defineConfig } from "vitest/config";

const MINUTES = 60_000;

export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"], testTimeout: 20_000 } },
      {
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: ["test/support/e2e-setup.ts"],
          testTimeout: 5 * MINUTES,
          hookTimeout: 5 * MINUTES,
          // The end-to-end tests share one sandbox and two cores.
          fileParallelism: false,
        },
      },
    ],
  },
});
