import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { lstat, mkdir, symlink, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect, it, vi } from "vitest";
import { run, tryRun } from "../../../../scripts/system/process/process.ts";
import { joinShared, useShared } from "../../../../scripts/system/process/shared.ts";
import { temporaryDirectory } from "../../../unit/formats/oci/sample-image.ts";

const PROJECT = resolve(import.meta.dirname, "../../../..");

/** A program that says who it is, until it is told to end, and says that too. */
const PROGRAM = ["sh", "-c", 'trap "echo ended; exit" TERM; echo $$; while :; do sleep 0.01; done'];

async function place() {
  const directory = await temporaryDirectory();
  const options = { pipe: join(directory, "pipe"), log: join(directory, "log") };
  const printed = () => (existsSync(options.log) ? readFileSync(options.log, "utf8") : "");
  const started = () => vi.waitFor(() => expect(printed()).toMatch(/^\d+\n/));
  const ended = () => vi.waitFor(() => expect(printed()).toMatch(/^\d+\nended\n$/));
  return { options, printed, started, ended };
}

it("is ended with its one use, and may be started again", async () => {
  const { options, printed, started } = await place();
  const use = await useShared(PROGRAM, options);
  expect(use.isFirst).toBe(true);
  await started();
  await use.end();
  expect(printed()).toMatch(/^\d+\nended\n$/);
  expect(existsSync(options.pipe)).toBe(false);
  const again = await useShared(PROGRAM, options);
  expect(again.isFirst).toBe(true);
  await again.end();
});

it("goes on until the last of those who use it has ended", async () => {
  const { options, printed, started, ended } = await place();
  const first = await useShared(PROGRAM, options);
  await started();
  const others = await Promise.all([useShared(PROGRAM, options), joinShared(options.pipe)]);
  expect(others.map((one) => one?.isFirst)).toEqual([false, false]);
  await first.end();
  expect(printed()).toMatch(/^\d+\n$/);
  expect((await tryRun(["kill", "-0", printed().trim()])).exitCode).toBe(0);
  await others[0].end();
  expect(printed()).toMatch(/^\d+\n$/);
  await others[1]?.end();
  await ended();
});

it("is started once, however many come at once", async () => {
  const { options, printed, ended } = await place();
  const uses = await Promise.all(Array.from({ length: 8 }, () => useShared(PROGRAM, options)));
  expect(uses.filter(({ isFirst }) => isFirst)).toHaveLength(1);
  await vi.waitFor(() => expect(printed()).toMatch(/^\d+\n$/));
  await Promise.all(uses.map((use) => use.end()));
  await ended();
});

it("outlives a process that was killed as long as others use it, and no longer", async () => {
  const { options, printed, started, ended } = await place();
  const url = join(PROJECT, "scripts/system/process/shared.ts");
  const script = `import { useShared } from ${JSON.stringify(url)};
    await useShared(${JSON.stringify(PROGRAM)}, ${JSON.stringify(options)});
    console.log("holds");
    setInterval(() => {}, 1000);`;
  const words = ["--import", "tsx/esm", "--input-type=module", "--eval", script];
  const hold = async () => {
    const child = spawn(process.execPath, words, { cwd: PROJECT, stdio: ["ignore", "pipe", "inherit"] });
    await once(child.stdout, "data");
    return async () => {
      child.kill("SIGKILL");
      await once(child, "exit");
    };
  };
  const kill = await hold();
  await started();
  const other = await joinShared(options.pipe);
  await kill();
  expect((await tryRun(["kill", "-0", printed().trim()])).exitCode).toBe(0);
  await other?.end();
  await ended();
  const killLast = await hold();
  await started();
  await killLast();
  await ended();
});

/** A program that has been started, and what is seen of it when the next one comes although the first is still there. */
async function begun() {
  const at = await place();
  const first = await useShared(PROGRAM, at.options);
  await at.started();
  const startsAnew = async () => {
    const second = await useShared(PROGRAM, at.options);
    expect(second.isFirst).toBe(true);
    await first.end();
    await at.started();
    await second.end();
    await at.ended();
  };
  return { ...at, startsAnew };
}

it("is started anew where it ended by itself", async () => {
  const { options, printed, startsAnew } = await begun();
  process.kill(Number(printed()), "SIGKILL");
  await vi.waitFor(() => expect(existsSync(options.pipe)).toBe(false));
  await startsAnew();
});

it("is started anew where it was killed together with what watches it", async () => {
  const { options, printed, startsAnew } = await begun();
  const watches = readdirSync("/proc").filter(
    (name) => /^\d+$/.test(name) && commandOf(name).includes(options.pipe),
  );
  expect(watches).not.toEqual([]);
  const all = [...watches, printed().trim()];
  for (const pid of all) process.kill(Number(pid), "SIGKILL");
  // On a busy machine they have the pipe open for a while yet.
  await vi.waitFor(() => expect(all.filter((pid) => commandOf(pid) !== "")).toEqual([]));
  await startsAnew();
});

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

it.each<[string, (path: string) => Promise<unknown>, string]>([
  ["a file", (path) => writeFile(path, "mine"), "is no named pipe"],
  ["a folder", (path) => mkdir(path), "cannot open"],
  ["a link", (path) => symlink("/dev/null", path), "cannot open"],
])("is not started where %s has the place of its pipe, which stays as it is", async (_, make, words) => {
  const { options } = await place();
  await make(options.pipe);
  const before = await lstat(options.pipe);
  await expect(useShared(PROGRAM, options)).rejects.toThrow(words);
  await expect(joinShared(options.pipe)).rejects.toThrow(options.pipe);
  expect((await lstat(options.pipe)).ino).toBe(before.ino);
  expect(existsSync(options.log)).toBe(false);
});

it("has no user where there is none, also where one that was killed left its pipe", async () => {
  const { options } = await place();
  expect(await joinShared(options.pipe)).toBeUndefined();
  await run(["mkfifo", options.pipe]);
  expect(await joinShared(options.pipe)).toBeUndefined();
  expect(existsSync(options.pipe)).toBe(false);
});
