import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { z } from "zod";
import { run, tryRun } from "../../scripts/system/process/process.ts";
import { oneVersion } from "../support/catalogs.ts";
import { goPeer, titleOf } from "../support/peers.ts";
import { rememberBuilds } from "../support/remembered-builds.ts";
import { World } from "../support/world.ts";

rememberBuilds();

const MODULE = "github.com/GoogleContainerTools/container-structure-test";
const peer = await goPeer("container-structure-test", MODULE, "v1.22.1", {
  program: "./cmd/container-structure-test",
});

const told = z.object({
  Pass: z.int(),
  Fail: z.int(),
  Results: z.array(z.object({ Name: z.string(), Pass: z.boolean(), Errors: z.array(z.string()).optional() })),
});

/** A file or folder, as the program has it. It knows owners only of what runs in docker: apko's test compares those. */
const there = (path: string, permissions: string, more: object = {}) => ({
  ...{ name: path, path, shouldExist: true, permissions, ...more },
});
const absent = (path: string) => ({ name: `no ${path}`, path, shouldExist: false });

/** What every runtime image is to have, and to lack. */
const RUNTIME = {
  fileExistenceTests: [
    there("/usr/bin/lua5.4", "-rwxr-xr-x", { isExecutableBy: "any" }),
    there("/lib/apk/db/installed", "-rw-r--r--"),
    there("/tmp", "dtrwxrwxrwx"),
    there("/root", "drwx------"),
    there("/home/nonroot", "drwxr-xr-x"),
    ...["/bin/sh", "/sbin/apk", "/etc/apk", "/etc/inittab", "/var/cache/apk"].map((path) => absent(path)),
  ],
  fileContentTests: [
    {
      name: "nobody gets in",
      path: "/etc/shadow",
      expectedContents: ["(?m)^root:\\*:", "(?m)^nonroot:!:"],
      excludedContents: ["(?m)^[^:]+::"],
    },
    { name: "the user", path: "/etc/passwd", expectedContents: ["nonroot:x:65532:65532:"] },
    { name: "what it is of", path: "/etc/os-release", expectedContents: ["VERSION_ID=3\\.22"] },
  ],
  metadataTest: { cmd: ["lua"], entrypoint: [], workdir: "/home/nonroot", user: "65532:65532" },
};

const DEV = {
  fileExistenceTests: [
    ...["/bin/sh", "/sbin/apk", "/usr/bin/lua5.4"].map((path) => ({ name: path, path, shouldExist: true })),
    there("/etc/apk/keys", "drwxr-xr-x"),
  ],
  metadataTest: { cmd: ["lua"] },
};

describe.skipIf(!peer)(titleOf(peer, "container-structure-test"), () => {
  let home: string;
  let world: World;

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "birdhouse-structure-"));
    world = await World.open(oneVersion());
    await world.startRegistry();
    expect((await world.birdhouse("rebuild", "--engine", "buildah")).exitCode).toBe(0);
    for (const tag of ["5.4", "5.4-dev"]) {
      const from = ["--src-tls-verify=false", `docker://${world.namespace}/lua:${tag}`];
      const to = `docker-archive:${join(home, `${tag}.tar`)}:lua:${tag}`;
      await run(["skopeo", "copy", "--insecure-policy", ...from, to]);
    }
  });
  afterAll(async () => {
    await world?.close();
    await rm(home, { recursive: true, force: true });
  });

  /** What the program finds of an image, by the names of its tests. */
  const ask = async (tag: string, wanted: object) => {
    const config = join(home, "wanted.yaml");
    await writeFile(config, stringify({ schemaVersion: "2.0.0", ...wanted }));
    const image = ["--driver", "tar", "--image", join(home, `${tag}.tar`)];
    const words = ["test", ...image, "--config", config, "--output", "json", "--no-color"];
    const { exitCode, stdout, output } = await tryRun([...(peer?.command ?? []), ...words], {
      env: { HOME: home },
    });
    const { Results, ...counts } = told.parse(JSON.parse(stdout.slice(stdout.indexOf("{"))));
    expect(exitCode, output).toBe(counts.Fail === 0 ? 0 : 1);
    return { counts, failed: Results.filter(({ Pass }) => !Pass) };
  };

  it("finds in a runtime image the files, rights and settings that it is to have, and no more", async () => {
    const { counts, failed } = await ask("5.4", RUNTIME);
    expect(failed).toEqual([]);
    expect(counts.Pass).toBe(RUNTIME.fileExistenceTests.length + RUNTIME.fileContentTests.length + 1);
  });

  it("finds in a dev image a shell, a package manager and its keys", async () => {
    expect((await ask("5.4-dev", DEV)).failed).toEqual([]);
    const { failed } = await ask("5.4", DEV);
    expect(failed.map(({ Name }) => Name)).toEqual(
      expect.arrayContaining([expect.stringContaining("/bin/sh"), expect.stringContaining("/sbin/apk")]),
    );
  });

  it("says so where a right, a content or a setting is another", async () => {
    const wrong = {
      fileExistenceTests: [there("/usr/bin/lua5.4", "-rwsr-xr-x"), there("/home/nonroot", "drwxrwxrwx")],
      fileContentTests: [{ name: "no user", path: "/etc/passwd", excludedContents: ["nonroot"] }],
      metadataTest: { user: "root" },
    };
    expect((await ask("5.4", wrong)).counts).toMatchObject({ Pass: 0, Fail: 4 });
  });
});
