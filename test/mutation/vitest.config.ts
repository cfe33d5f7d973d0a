import { resolve } from "node:path";
import { defineConfig } from "vitest/config";

/** Unit and integration tests: Stryker runs every project of a configuration, and the others drive real engines. */
export default defineConfig({
  root: resolve(import.meta.dirname, "../.."),
  test: {
    include: ["test/{unit,integration}/**/*.test.ts"],
    // Stryker runs tests in threads, and a thread cannot set the umask.
    exclude: ["test/unit/smoke/smoke.test.ts"],
    testTimeout: 20_000,
  },
});
