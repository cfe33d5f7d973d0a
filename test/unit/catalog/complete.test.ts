import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { loadCatalog } from "../../../scripts/catalog/load.ts";
import { releasesOf, type Target } from "../../../scripts/model/target.ts";

const PROJECT = resolve(import.meta.dirname, "../../..");
const catalog = await loadCatalog(join(PROJECT, "catalog.yaml"));
const images = [...new Set(catalog.targets.map(({ image }) => image))];

/** The packages that a target has and not every other one too. */
function ownPackages({ world, shared }: Target): string[] {
  return world.filter((item) => !shared.includes(item));
}

describe("the project's own catalog", () => {
  it("offers at least 25 languages and 150 targets", () => {
    expect(images.length).toBeGreaterThanOrEqual(25);
    expect(catalog.targets.length).toBeGreaterThanOrEqual(150);
  });

  it("knows of every branch it builds on when it ends", () => {
    expect(catalog.targets.filter(({ branch }) => !catalog.branches[branch])).toEqual([]);
  });

  it("has packages and a smoke test for every version", () => {
    const bare = releasesOf(catalog.targets).filter(
      ({ runtime, dev }) => ownPackages(runtime).length + ownPackages(dev).length === 0,
    );
    expect(bare.map(({ runtime }) => runtime.name)).toEqual([]);
    const untested = catalog.targets.filter(({ smoke }) => smoke.run.length === 0);
    expect(untested.map(({ name }) => name)).toEqual([]);
  });

  it("has a smoke test that asks every language for its version", () => {
    const silent = catalog.targets.filter(
      ({ smoke, package: name }) => !smoke.version && name !== "alpine-release",
    );
    expect(silent.map(({ name }) => name)).toEqual([]);
  });

  it.each(images)("has a README and an example for %s", async (image) => {
    expect(existsSync(join(PROJECT, "images", image, "README.md"))).toBe(true);
    const withExample = catalog.targets.filter((target) => target.image === image && target.example);
    expect(withExample.length).toBeGreaterThan(0);
    const folder = join(PROJECT, "examples", image);
    const readme = await readFile(join(folder, "README.md"), "utf8");
    expect(readme).toContain(withExample[0]?.example?.output.trim().split("\n")[0]);
    // Built with the one variant, run on the other.
    const dockerfile = await readFile(join(folder, "Dockerfile"), "utf8");
    expect(dockerfile.match(/^FROM /gm)?.length).toBe(2);
    expect(dockerfile).toMatch(new RegExp(`^FROM \\S+/${image}:\\S+-dev AS `, "m"));
    expect(dockerfile).toMatch(new RegExp(`^FROM \\S+/${image}:[^\\s-]+$`, "m"));
  });
});
