import { delimiter } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { smallCatalog } from "../support/catalogs.ts";
import { fakeTrivy } from "../support/fake-scanner.ts";
import { rememberBuilds } from "../support/remembered-builds.ts";
import { World } from "../support/world.ts";

rememberBuilds();

const FOUND = {
  VulnerabilityID: "CVE-2026-1",
  PkgName: "lua5.4",
  InstalledVersion: "5.4.6-r0",
  Severity: "CRITICAL",
};

/** A catalog with a gate, which lets this vulnerability stand until a day. */
function catalogWith(until?: string): string {
  const exception = `{ id: CVE-2026-1, image: lua, reason: Nobody calls it., until: ${until} }`;
  return `gate: { exceptions: [${until === undefined ? "" : exception}] }\n${smallCatalog(["lua"])}`;
}

/** The scanner is not the real one: what it prints is in the real one's form. */
describe("a gate for known vulnerabilities", () => {
  let world: World;

  beforeAll(async () => {
    world = await World.open(catalogWith());
    await world.startRegistry();
    vi.stubEnv("PATH", `${world.path("bin")}${delimiter}${process.env.PATH}`);
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await world.close();
  });

  const digestOf = async (tag: string) => (await world.registry.headManifest("test/lua", tag))?.digest;

  it("keeps an image back, says why, and ends with 1", async () => {
    await fakeTrivy(world.path("bin"), [FOUND]);
    const { exitCode, stdout } = await world.birdhouse("rebuild", "lua:5.4", "--engine", "buildah");
    expect(stdout).toContain("lua:5.4: smoke failed");
    expect(stdout).toContain("CVE-2026-1 (critical) in lua5.4 5.4.6-r0, linux/amd64");
    expect(stdout).toContain("0 targets published, 1 failed, 1 held back.");
    expect(exitCode).toBe(1);
    expect(await digestOf("5.4")).toBeUndefined();
  });

  it("an exception that is over counts no longer, and is told of", async () => {
    await world.writeCatalog(catalogWith("2026-01-31"));
    const { exitCode, stdout, stderr } = await world.birdhouse("publish", "lua:5.4");
    expect(stderr).toContain("CVE-2026-1 (lua): its exception ended on 2026-01-31");
    expect(stdout).toContain("its exception ended on 2026-01-31: Nobody calls it.");
    expect(exitCode).toBe(1);
  });

  it("one without an end is refused, with its line and column", async () => {
    await world.writeCatalog(catalogWith("2099-01-01").replace(", until: 2099-01-01", ""));
    const { exitCode, stderr } = await world.birdhouse("plan");
    expect(stderr).toMatch(/catalog\.yaml:1:22: exceptions\[0\]: until is missing; say until which day/);
    expect(exitCode).toBe(2);
  });

  it("one that counts lets it pass", async () => {
    await world.writeCatalog(catalogWith("2099-01-01"));
    const { exitCode, stderr } = await world.birdhouse("publish", "lua:5.4");
    expect(stderr).toContain("is excepted until 2099-01-01: Nobody calls it.");
    expect(exitCode).toBe(0);
    expect(await digestOf("5.4")).toBeDefined();
  });

  it("what Alpine has a fix for stops nothing", async () => {
    await world.writeCatalog(catalogWith());
    await fakeTrivy(world.path("bin"), [{ ...FOUND, FixedVersion: "5.4.6-r1" }]);
    const { exitCode, stderr } = await world.birdhouse("publish", "lua:5.4");
    expect(stderr).toContain(
      "is fixed in Alpine (5.4.6-r1): the plan rebuilds the image once the mirror has it",
    );
    expect(exitCode).toBe(0);
  });
});
