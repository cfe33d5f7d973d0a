import { beforeAll, describe, expect, it } from "vitest";
import { isLeftBehind, isLoaded, loadedRepository } from "../../../scripts/engine/loaded-images.ts";
import { run } from "../../../scripts/system/process/process.ts";
import { processIdentity } from "../../../scripts/system/state/identity.ts";

const MODULE = new URL("../../../scripts/engine/loaded-images.ts", import.meta.url).href;
const NOW = Date.parse("2026-01-10T00:00:00Z");
const DAY = 86_400_000;

/** The repository that another process gives to an image; that process has ended. */
async function anothers(): Promise<string> {
  const program = `const { loadedRepository } = await import(${JSON.stringify(MODULE)}); console.log(loadedRepository("node-22"));`;
  const { stdout } = await run([process.execPath, "--import", "tsx", "--input-type=module", "-e", program]);
  return stdout.trim();
}

/** Our own name, as if it were of another boot, namespace or process. */
function changed(part: number, to: string): string {
  const [host = "", run = "", image = ""] = loadedRepository("node-22").split("/");
  const words = run.split("-");
  words[part] = to;
  return `${host}/${words.join("-")}/${image}:linux-amd64`;
}

describe("the name of a loaded image", () => {
  let other: string;
  beforeAll(async () => {
    other = await anothers();
  });

  it("may be a repository's, and is of this run alone", async () => {
    const own = loadedRepository("node-22-dev");
    // Source: distribution/reference, "path-component".
    expect(own).toMatch(/^birdhouse\.invalid\/[a-z0-9]+(?:-[a-z0-9]+)*\/node-22-dev$/);
    expect(own.length).toBeLessThan(200);
    expect(processIdentity()).toBeDefined();
    expect(isLoaded(other)).toBe(true);
    expect(other.replace(/node-22$/, "")).not.toBe(own.replace(/node-22-dev$/, ""));
  });

  it("is left behind once its run has ended here, however short ago", async () => {
    const name = `${other}:linux-amd64`;
    expect(isLeftBehind(name, NOW - 1, NOW)).toBe(true);
    expect(isLeftBehind(`${loadedRepository("node-22")}:linux-amd64`, 1, NOW)).toBe(false);
  });

  it.each([
    ["another boot", () => changed(1, "0".repeat(32))],
    ["another namespace of numbers", () => changed(2, "1")],
    ["a release that named no run", () => "birdhouse.invalid/node-22:linux-amd64"],
    [
      "a system without identities",
      () => "birdhouse.invalid/run-6a1f9c7e-1111-4222-8333-444455556666/node-22:linux-amd64",
    ],
  ])("of %s is left behind only after two days", (_, name) => {
    expect(isLeftBehind(name(), NOW - DAY, NOW)).toBe(false);
    for (const unknown of [Number.NaN, 0, -62135596800000])
      expect(isLeftBehind(name(), unknown, NOW)).toBe(false);
    expect(isLeftBehind(name(), NOW - 3 * DAY, NOW)).toBe(true);
  });

  it("is not that of somebody else's image", () => {
    expect(isLoaded("birdhouse.invalid.example/run/node:22")).toBe(false);
    expect(isLeftBehind("docker.io/library/node:22", 1, NOW)).toBe(false);
  });
});
