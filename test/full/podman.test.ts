import { readdir } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tryRun } from "../../scripts/system/process/process.ts";
import { smallCatalog } from "../support/catalogs.ts";
import { World } from "../support/world.ts";

describe("podman", () => {
  let world: World;

  beforeAll(async () => {
    world = await World.open(smallCatalog(["lua", "node"]));
    await world.startRegistry();
  });
  afterAll(() => world.close());

  it("builds, tests and publishes, and the registry has the digests that it tested", async () => {
    const { exitCode, document } = await world.json("rebuild", "lua:5.4", "node", "--engine", "podman");
    expect(document.outcomes.filter(({ status }) => status !== "done")).toEqual([]);
    expect(exitCode).toBe(0);
    for (const { target, digest } of document.outcomes) {
      const reference = `docker://${world.namespace}/${target}`;
      const inspect = ["skopeo", "inspect", "--tls-verify=false", "--format", "{{.Digest}}", reference];
      expect((await tryRun(inspect)).stdout.trim()).toBe(digest);
    }
  });

  it("leaves nothing to do, for itself or for buildah", async () => {
    for (const engine of ["podman", "buildah"]) {
      const { stdout } = await world.birdhouse("rebuild", "lua:5.4", "node", "--engine", engine);
      expect(stdout).toBe("Nothing to do: 4 targets up to date.\n");
    }
  });

  it("leaves no store behind, and nothing mounted", async () => {
    expect(await readdir(world.path("state/engine"))).toEqual([]);
    const { stdout } = await tryRun(["cat", "/proc/self/mounts"]);
    expect(stdout).not.toContain(world.directory);
  });
});
