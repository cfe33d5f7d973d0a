import { defineConfig } from "vitest/config";
export default defineConfig({ test: { include: ["test/unit/plan/**/*.test.ts", "test/unit/app/{platform-facts,idle-memory}.test.ts", "test/unit/report/{plan-text,golden,explanation}.test.ts","test/unit/publish/hold.test.ts","test/unit/update/carriers.test.ts"], testTimeout: 120000, pool: "threads" } });
