import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { freePort } from "../../support/world.ts";

it("gives no port twice, though nothing listens yet where it was given before", async () => {
  const folder = await mkdtemp(join(tmpdir(), "birdhouse-ports-"));
  vi.stubEnv("BIRDHOUSE_TEST_BUILT", folder);
  try {
    const ports: number[] = [];
    // Of the 28,000 that there are, two of so many would nearly always be the same.
    for (let round = 0; round < 500; round++) ports.push(await freePort());
    expect(new Set(ports).size).toBe(ports.length);
  } finally {
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  }
});
