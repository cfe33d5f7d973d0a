import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tryRun } from "../../scripts/system/process/process.ts";
import { randomFrom, seedOf } from "../support/random.ts";
import { BIRDHOUSE } from "../support/world.ts";

const PROJECT = resolve(import.meta.dirname, "../..");

/** All files below a folder: path → text. */
async function textsIn(folder: string): Promise<Map<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const texts = paths
    .sort()
    .map(async (path) => [path.slice(folder.length + 1), await readFile(path, "utf8")] as const);
  return new Map(await Promise.all(texts));
}

describe("render, of the whole catalog", () => {
  let folder: string;
  let committed: Map<string, string>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "birdhouse-render-"));
    for (const name of ["catalog.yaml", "sizes.json", "README.md", "examples"]) {
      await cp(join(PROJECT, name), join(folder, name), { recursive: true });
    }
    committed = await textsIn(join(PROJECT, "images"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const words = () => [...BIRDHOUSE, "render", "--catalog", join(folder, "catalog.yaml")];
  const rendered = () => textsIn(join(folder, "images"));

  it("writes every file where a process may open 256", async () => {
    const command = `ulimit -n 256 && exec ${words()
      .map((word) => `'${word}'`)
      .join(" ")}`;
    const { exitCode, stdout, stderr } = await tryRun(["sh", "-c", command]);
    expect(stderr).toBe("");
    expect(stdout).toContain(`${committed.size} files of `);
    expect(exitCode).toBe(0);
    expect(await rendered()).toEqual(committed);
  });

  it("is killed at any moment, leaves no file in part, and the next run makes it whole", async () => {
    const seed = seedOf(process.env);
    console.info(`TEST_SEED=${seed}`);
    const random = randomFrom(seed);
    let cut = 0;
    for (let round = 0; round < 3; round++) {
      await rm(join(folder, "images"), { recursive: true, force: true });
      const [command = "", ...args] = words();
      const child = spawn(command, args, { stdio: "ignore" });
      const ended = once(child, "exit");
      // Once it has begun to write, some files further on.
      const begun = () => readdir(join(folder, "images")).catch(() => []);
      while (child.exitCode === null && (await begun()).length === 0) await sleep(1);
      await sleep(round === 0 ? 0 : random() * 100);
      child.kill("SIGKILL");
      await ended;
      const whole = [...(await rendered())].filter(([path]) => !/\.\d+$/.test(path));
      for (const [path, text] of whole) expect(text, `${path}, TEST_SEED=${seed}`).toBe(committed.get(path));
      if (whole.length < committed.size) cut++;
      expect((await tryRun(words())).exitCode, `TEST_SEED=${seed}`).toBe(0);
      expect(await rendered(), `TEST_SEED=${seed}`).toEqual(committed);
    }
    expect(cut, `TEST_SEED=${seed}: none was killed in the middle`).toBeGreaterThan(0);
  });
});
