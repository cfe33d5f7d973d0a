import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FileServer, serveDirectory } from "../../sandbox/serve.ts";
import { tryRun } from "../../scripts/system/process/process.ts";
import { smallCatalog } from "../support/catalogs.ts";
import { noRealApk } from "../support/real-apk.ts";
import { publishBase } from "../support/real-base.ts";
import { BIRDHOUSE, type Document, PROJECT_STATE, World } from "../support/world.ts";

describe.skipIf(noRealApk !== undefined)("on Alpine's own base image, with its real apk", () => {
  let world: World;
  let mirror: FileServer;

  beforeAll(async () => {
    mirror = await serveDirectory(join(PROJECT_STATE, "sandbox/mirror"), 0);
    world = await World.open("");
    await world.startRegistry();
    const base = `${world.registryHost}/real/alpine`;
    await world.writeCatalog(
      smallCatalog(["lua"])
        .replace("docker.io/library/alpine", base)
        .replace(
          "https://dl-cdn.alpinelinux.org/alpine",
          `${mirror.url}\n  keys: ${join(PROJECT_STATE, "sandbox/keys")}`,
        ),
    );
    await publishBase(world, `docker://${base}:3.22`);
  });
  afterAll(async () => {
    await mirror.close();
    await world.close();
  });

  it("builds, tests and publishes the same packages as the sandbox's own base and apk do", async () => {
    const places = ["--catalog", world.path("catalog.yaml"), "--state", world.path("state")];
    const real = [...BIRDHOUSE, "rebuild", "--json", "--engine", "buildah", ...places];
    const { exitCode, stdout, stderr } = await tryRun([
      ...real,
      "--registry",
      `${world.registryHost}/on-real`,
    ]);
    expect(exitCode, stderr).toBe(0);

    const sandbox = await world.json("rebuild", "--engine", "buildah");
    expect(sandbox.exitCode).toBe(0);
    const runtimes = (document: Document) =>
      document.outcomes
        .filter(({ target }) => !target.endsWith("-dev"))
        .map(({ target, platforms }) => [target, platforms[0]?.packages.toSorted()]);
    expect(runtimes(JSON.parse(stdout))).toEqual(runtimes(sandbox.document));
  });
});
