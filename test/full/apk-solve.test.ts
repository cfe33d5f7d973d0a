import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Candidates } from "../../sandbox/apk/candidates.ts";
import { formatProblems } from "../../sandbox/apk/problem.ts";
import { solve } from "../../sandbox/apk/solve.ts";
import { parseDependencies } from "../../scripts/formats/alpine/dependency.ts";
import { FIXTURE_MIRROR, fixturePackages } from "../support/alpine-fixtures.ts";
import { type FileServer, serveFiles } from "../support/file-server.ts";
import { noRealApk, type RealApk, unpackRealApk } from "../support/real-apk.ts";

const WORLDS = [
  "nodejs~22",
  "python3",
  "python3 !pyc",
  "ruby",
  "perl",
  "lua5.4",
  "build-base",
  "tcl",
  "gcc",
  "python3 docs",
  "bash git curl",
  "samba",
  "cmd:awk",
  "/bin/sh",
  "nodejs~24",
  "nodejs=1.0-r0 nosuch",
];

describe.skipIf(noRealApk)(`Alpine's own indexes${noRealApk ? ` (skipped: ${noRealApk})` : ""}`, () => {
  let real: RealApk;
  let server: FileServer;

  beforeAll(async () => {
    server = await serveFiles(FIXTURE_MIRROR);
    real = await unpackRealApk();
  });
  afterAll(async () => {
    await server.close();
    real.remove();
  });

  describe.each(["v3.22", "v3.20"])("%s", (branch) => {
    let candidates: Candidates;
    let simulate: readonly string[];

    beforeAll(async () => {
      const path = `${branch}/main/x86_64`;
      candidates = new Candidates(fixturePackages(path), []);
      mkdirSync(join(real.root, branch));
      const root = ["--root", `/${branch}`, "--arch", "x86_64", "--keys-dir", "/etc/apk/keys"];
      await real.apk(...root, "--initdb", "add");
      simulate = [...root, "--repository", `${server.url}/${branch}/main`, "add", "--simulate", "--no-cache"];
    });

    it.each(WORLDS)("%s comes to what the real apk would install", async (world) => {
      const { stdout, stderr } = await real.apk(...simulate, ...world.split(" "));
      const solution = solve(parseDependencies(world), candidates);
      if (solution.ok) {
        const theirs = [...stdout.matchAll(/Installing (\S+) \((\S+)\)/g)].map(
          ([, name, version]) => `${name}-${version}`,
        );
        expect(solution.packages.map(({ name, version }) => `${name}-${version}`).sort()).toEqual(
          theirs.sort(),
        );
      } else {
        expect(`${formatProblems(solution.problems)}\n`).toBe(stderr);
      }
    });
  });
});
