import { statfsSync } from "node:fs";
import { freemem } from "node:os";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const MINUTES = 60_000;

/**
 * Tests write many small files, some of them wait until each is on the disk, and what engines unpack is gone a minute
 * later: where memory can be a folder and there is enough of it, that costs a fifth less of the processor (86.7 s, 67.8 s).
 */
const MEMORY = "/dev/shm";

/** What tests that build images need of it at most, in bytes: three at a time, each with a registry and a store. */
const MUCH = 12e9;

/**
 * Whoever types `make test` hands make's own variables on to all that it starts. Tests start commands as a person would
 * who typed no make, so none of these is there; what a test wants of them it gives itself.
 */
for (const name of Object.keys(process.env)) {
  if (/^(?:MAKELEVEL|MAKEFLAGS|MFLAGS|BIRDHOUSE_(?!ALPINE_|TEST_).*)$/.test(name)) delete process.env[name];
}

/**
 * Tests of parts, from the inside: alone, or with the processes and servers that they talk to. Files share their modules:
 * loading these anew for each would take longer than the tests.
 */
const inside = {
  experimental: { fsModuleCache: true },
  testTimeout: MINUTES,
  hookTimeout: MINUTES,
  isolate: false,
  env: temporary(1e9),
};

/** Tests that drive the command line share one sandbox; each has ports and folders of its own. Many of them wait. */
const driven = {
  globalSetup: ["test/support/prepare-sandbox.ts"],
  testTimeout: 5 * MINUTES,
  hookTimeout: 10 * MINUTES,
  maxWorkers: 3,
  env: temporary(MUCH),
};

/** What takes longest, in that order: begun last, it would go on alone when everything else has ended. */
const LONGEST = [
  "full/catalog.test.ts",
  "full/month.test.ts",
  "full/signatures.test.ts",
  "full/halves.test.ts",
  "full/apps.test.ts",
  "e2e/rebuild.test.ts",
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rankOf = ({ moduleId }: TestSpecification) => {
      const place = LONGEST.findIndex((name) => moduleId.endsWith(name));
      return place === -1 ? LONGEST.length : place;
    };
    return (await super.sort(files)).toSorted((one, other) => rankOf(one) - rankOf(other));
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          ...inside,
          setupFiles: ["test/support/host.ts", "test/support/closed.ts"],
        },
      },
      { test: { name: "integration", include: ["test/integration/**/*.test.ts"], ...inside } },
      { test: { name: "e2e", include: ["test/e2e/**/*.test.ts"], ...driven } },
      { test: { name: "peers", include: ["test/peers/**/*.test.ts"], ...driven, testTimeout: 30 * MINUTES } },
      { test: { name: "full", include: ["test/full/**/*.test.ts"], ...driven, testTimeout: 30 * MINUTES } },
    ],
  },
});

/** Where temporary files go. @param bytes how much of them there may be */
function temporary(bytes: number): Record<string, string> {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return Math.min(bavail * bsize, freemem()) >= bytes ? { TMPDIR: MEMORY } : {};
  } catch {
    return {};
  }
}
