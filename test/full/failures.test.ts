import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { serveDirectory } from "../../sandbox/serve.ts";
import { tryRun } from "../../scripts/system/process/process.ts";
import { smallCatalog } from "../support/catalogs.ts";
import { rememberBuilds } from "../support/remembered-builds.ts";
import { BIRDHOUSE, PROJECT_STATE, World } from "../support/world.ts";

rememberBuilds();

/** A version that the branch does not carry. */
const PROMISES_TOO_MUCH = smallCatalog(["node"]).replace('"22": {', '"21": {');

describe("a rebuild in which one image fails", () => {
  let world: World;

  beforeAll(async () => {
    world = await World.open(smallCatalog(["lua"]));
    await world.startRegistry();
  });
  afterAll(() => world.close());

  const digestOf = async (tag: string) => (await world.registry.headManifest("test/lua", tag))?.digest;

  /** Adds something to the runtime of version 5.1 only. */
  const breakVersion = async (extra: string) => {
    await world.writeCatalog(smallCatalog(["lua"]).replace('"5.1": {', `"5.1": { ${extra},`));
  };

  it("tells what apk said and how to repeat it, publishes the others, and ends with 1", async () => {
    await breakVersion("runtime: { packages: [no-such-package] }");
    const { exitCode, stdout } = await world.birdhouse("rebuild", "--engine", "buildah");
    expect(stdout).toContain("lua:5.1: build failed");
    expect(stdout).toContain("no-such-package (no such package)");
    expect(stdout).toMatch(/repeat it with: .*build lua:5\.1 /);
    expect(stdout).toContain("lua:5.1-dev: held back, because its pair lua:5.1 failed");
    expect(stdout).toContain("2 targets published, 1 failed, 1 held back.");
    expect(exitCode).toBe(1);
    expect(await digestOf("5.4")).toBeDefined();
    expect(await digestOf("5.1")).toBeUndefined();
    expect(await digestOf("5.1-dev")).toBeUndefined();
  });

  it("leaves the tags where they were when a later rebuild fails", async () => {
    await world.writeCatalog(smallCatalog(["lua"]));
    expect((await world.birdhouse("rebuild")).exitCode).toBe(0);
    const before = await Promise.all(["5.1", "5.1-dev", "5.1.5"].map((one) => digestOf(one)));
    expect(before).not.toContain(undefined);
    await breakVersion("dev: { packages: [no-such-package] }");
    expect((await world.birdhouse("rebuild")).exitCode).toBe(1);
    expect(await Promise.all(["5.1", "5.1-dev", "5.1.5"].map((one) => digestOf(one)))).toEqual(before);
  });

  it("never ships another version under the name of the one promised", async () => {
    await world.writeCatalog(PROMISES_TOO_MUCH);
    const { exitCode, stdout } = await world.birdhouse("rebuild");
    expect(stdout).toMatch(
      /^unavailable: node:21, node:21-dev: v3\.22 has nodejs 22\.\S+, no 21\n\nNothing to do: 0 targets up to date, 2 unavailable\.\n$/,
    );
    expect(exitCode).toBe(0);
    const { stdout: plan } = await world.birdhouse("plan");
    expect(plan).toMatch(/^node:21 {6,}v3\.22 has nodejs 22\.\S+, no 21$/m);
  });

  it("calls it the catalog's mistake, at its line, where the mirror has all of Alpine", async () => {
    const mirror = await serveDirectory(join(PROJECT_STATE, "sandbox/mirror"), 0);
    try {
      await world.writeCatalog(
        PROMISES_TOO_MUCH.replace(
          "https://dl-cdn.alpinelinux.org/alpine",
          `${mirror.url}\n  keys: ${join(PROJECT_STATE, "sandbox/keys")}`,
        ).replace("docker.io/library/alpine", `${world.registryHost}/sandbox/alpine`),
      );
      const places = ["--catalog", world.path("catalog.yaml"), "--state", world.path("state")];
      const whole = [...BIRDHOUSE, "plan", "--registry", world.namespace, ...places];
      const { exitCode, stdout } = await tryRun(whole);
      expect(stdout).toMatch(/catalog\.yaml:15:7: node:21: v3\.22 has nodejs 22\.\S+, no 21\n/);
      expect(exitCode).toBe(2);
    } finally {
      await mirror.close();
    }
  });

  it("fails an image whose program does not do what the catalog says", async () => {
    const wrong = smallCatalog(["lua"]).replace("hello, world", "goodbye, world");
    await world.writeCatalog(wrong);
    const { exitCode, stdout } = await world.birdhouse("rebuild", "--force", "lua:5.4");
    expect(stdout).toContain('lua:5.4-dev should print "hello, world" but printed: goodbye, world');
    expect(stdout).toContain("lua:5.4: held back, because its pair lua:5.4-dev failed");
    expect(exitCode).toBe(1);
  });

  it("says which registry is meant when the sandbox is to publish elsewhere", async () => {
    const { exitCode, stderr } = await world.birdhouse("rebuild", "--registry", "registry.example/base");
    expect(stderr).toContain("not to registry.example");
    expect(exitCode).toBe(2);
  });
});
