import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FileServer, serveDirectory } from "../../sandbox/serve.ts";
import { REAL_MIRROR } from "../support/alpine-fixtures.ts";
import { freePort, runCommand, World } from "../support/world.ts";

const KEYS = resolve(import.meta.dirname, "../../keys");
const MAIN = "v3.19/main/x86_64";

/** An image of packages that Alpine's own install medium has, and one whose package it has not. */
const catalog = (
  registry: string,
  mirror: string,
  branch: string,
  runtime = "tzdata",
) => `registry: ${registry}
platforms: [linux/amd64]
sources:
  base: ${registry}/alpine
  packages: ${mirror}
  keys: ${KEYS}
branches:
  "3.19": { eol: 2099-11-01${branch} }
defaults:
  runtime: { packages: [alpine-baselayout-data, alpine-release] }
  dev: { packages: [openssl] }
images:
  static:
    description: Nothing but what a program needs.
    package: alpine-release
    versions: { "3.19": { branch: "3.19" } }
    runtime: { packages: ["alpine-release~{{version}}", ${runtime}] }
    smoke: { run: [/bin/true] }
`;

describe.skipIf(!existsSync(join(REAL_MIRROR, MAIN)))(
  "Alpine's install medium, which has main and no community",
  () => {
    let world: World;
    let mirror: FileServer;

    beforeAll(async () => {
      world = await World.open("");
      await world.startRegistry();
      await mkdir(world.path(`medium/${MAIN}`), { recursive: true });
      await copyFile(
        join(REAL_MIRROR, MAIN, "APKINDEX.tar.gz"),
        world.path(`medium/${MAIN}/APKINDEX.tar.gz`),
      );
      mirror = await serveDirectory(world.path("medium"), 0);
    });
    afterAll(async () => {
      await mirror?.close();
      await world?.close();
    });

    const run = async (verb: string, text: string) => {
      await world.writeCatalog(text);
      const places = ["--catalog", world.path("catalog.yaml")];
      const state = verb === "render" ? [] : ["--state", world.path("state")];
      return runCommand([verb, ...(verb === "explain" ? ["static"] : []), ...places, ...state]);
    };

    it("is told of by the plan, with what to put in the catalog, before anything is built", async () => {
      for (const verb of ["plan", "rebuild"]) {
        const { stdout, exitCode } = await run(verb, catalog(world.namespace, mirror.url, ""));
        expect(stdout).toMatch(
          /catalog\.yaml:\d+:\d+: static:3\.19: the mirror has main of v3\.19 and no community/,
        );
        expect(stdout).toContain('"3.19": { eol: 2099-11-01, repositories: [main] }');
        expect(stdout).not.toMatch(/\d targets? to rebuild/);
        expect(exitCode).toBe(2);
      }
      const { stdout, exitCode } = await run("explain", catalog(world.namespace, mirror.url, ""));
      expect(stdout).toContain("static:3.19: cannot be built");
      expect(exitCode).toBe(2);
    });

    it("is enough where the catalog says so", async () => {
      const text = catalog(world.namespace, mirror.url, ", repositories: [main]");
      const { stdout, exitCode } = await run("plan", text);
      expect(stdout).toContain("2 targets to rebuild");
      expect(exitCode).toBe(0);
      expect((await run("render", text)).exitCode).toBe(0);
      const folder = world.path("images/static/3.19");
      expect((await readdir(folder)).sort()).toEqual(["Dockerfile", "dev"]);
    });

    it("lacks what is in community: the package is named at its place, with the nearest one", async () => {
      const both = await run("plan", catalog(world.namespace, mirror.url, "", "go"));
      expect(both.stdout).toContain("v3.19 has no go; the mirror has no community of v3.19");
      expect(both.exitCode).toBe(2);
      const misspelt = await run(
        "plan",
        catalog(world.namespace, mirror.url, ", repositories: [main]", "tzdat"),
      );
      expect(misspelt.stdout).toMatch(
        /catalog\.yaml:\d+:\d+: static:3\.19: v3\.19 has no tzdat; did you mean tzdata\?/,
      );
      expect(misspelt.exitCode).toBe(2);
    });

    it("keeps a branch whose index is away from being begun, and says why once", async () => {
      const gone = `http://127.0.0.1:${await freePort()}`;
      for (const verb of ["plan", "rebuild"]) {
        const { stdout, output, exitCode } = await run(verb, catalog(world.namespace, gone, ""));
        expect(stdout.split("ECONNREFUSED")).toHaveLength(2);
        expect(stdout).toContain("not started: static:3.19, static:3.19-dev");
        expect(output).not.toContain("building with");
        expect(exitCode).toBe(1);
      }
    });
  },
);
