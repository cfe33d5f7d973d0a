import { spawn } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Cleanup, lateSignal } from "../../../scripts/system/ending.ts";
import { writePlainModule } from "../../support/plain-module.ts";

/** A cleanup of three actions, which write down when they end; those named in `failing` throw. */
function cleanupOf(...failing: readonly string[]) {
  const log: string[] = [];
  const cleanup = new Cleanup();
  for (const name of ["first", "second", "third"]) {
    cleanup.add(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      log.push(name);
      if (failing.includes(name)) throw new Error(`${name} failed`);
    });
  }
  return { cleanup, log };
}

describe("Cleanup", () => {
  it("does things in reverse order, one after the other", async () => {
    const { cleanup, log } = cleanupOf();
    await cleanup.run();
    expect(log).toEqual(["third", "second", "first"]);
  });

  it("does everything although something fails, and then tells of the first failure", async () => {
    const { cleanup, log } = cleanupOf("third", "second");
    await expect(cleanup.run()).rejects.toThrow("third failed");
    expect(log).toEqual(["third", "second", "first"]);
  });

  it("takes an action that throws at once for one that fails", async () => {
    const { cleanup, log } = cleanupOf();
    cleanup.add(() => {
      throw new Error("at once");
    });
    await expect(cleanup.run()).rejects.toThrow("at once");
    expect(log).toHaveLength(3);
  });

  it("does each thing once, however often it runs", async () => {
    const { cleanup, log } = cleanupOf("second");
    await cleanup.run().catch(() => {});
    await cleanup.run();
    expect(log).toHaveLength(3);
  });

  it("does what is added while it runs too", async () => {
    const { cleanup, log } = cleanupOf();
    cleanup.add(() => cleanup.add(() => log.push("late")));
    await cleanup.run();
    expect(log).toEqual(["late", "third", "second", "first"]);
  });
});

it("hears of an interruption later, with its reason", async () => {
  const controller = new AbortController();
  const late = lateSignal(controller.signal, 30);
  const heard = new Promise((done) => late.addEventListener("abort", done));
  controller.abort(new Error("interrupted"));
  expect(late.aborted).toBe(false);
  const alive = setTimeout(() => {}, 10_000);
  await heard;
  clearTimeout(alive);
  expect(late.reason).toEqual(new Error("interrupted"));
});

it("hears of one that was before, too", async () => {
  const late = lateSignal(AbortSignal.abort(new Error("interrupted")), 1);
  await new Promise((done) => late.addEventListener("abort", done));
  expect(late.reason).toEqual(new Error("interrupted"));
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ending-"));
  await writePlainModule("scripts/system/ending.ts", join(folder, "ending.mjs"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs a program whose output nobody reads, or that goes to a file. Gives its exit code and what it left. */
async function runProgram(
  body: string,
  closes: "stdout" | "stderr" | "none",
  stdout: "pipe" | number = "pipe",
) {
  const program = join(folder, "program.mjs");
  const file = join(folder, "left");
  await rm(file, { force: true });
  await writeFile(
    program,
    `import { appendFileSync } from "node:fs";
     import { setTimeout as sleep } from "node:timers/promises";
     import { catchUncaught, onUncaught, surviveLostOutput } from "./ending.mjs";
     const leave = (text) => appendFileSync(${JSON.stringify(file)}, text);
     surviveLostOutput();
     catchUncaught((error) => leave("reported: " + error.message));
     ${body}`,
  );
  const child = spawn(process.execPath, [program], { stdio: ["ignore", stdout, "pipe"] });
  let stderr = "";
  if (closes === "stderr") child.stderr?.destroy();
  else
    child.stderr?.setEncoding("utf8").on("data", (piece: string) => {
      stderr += piece;
    });
  if (closes === "stdout") child.stdout?.destroy();
  const [exitCode] = await once(child, closes === "none" ? "close" : "exit");
  return { exitCode: exitCode as number, left: await readFile(file, "utf8").catch(() => ""), stderr };
}

describe("lost output", () => {
  it.each(["stdout", "stderr"] as const)("ends no work: %s that nobody reads", async (name) => {
    const body = `for (let i = 0; i < 50; i++) { process.${name}.write("x".repeat(5000)); await sleep(2); }
      leave("done"); process.exitCode = 3;`;
    expect(await runProgram(body, name)).toMatchObject({ exitCode: 3, left: "done" });
  });

  it("is told, and is a failure, where a disk is full", async () => {
    const full = openSync("/dev/full", "w");
    const { exitCode, left, stderr } = await runProgram(
      `console.log("a document"); await sleep(10); console.log("more"); leave("done");`,
      "none",
      full,
    );
    expect({ exitCode, left }).toEqual({ exitCode: 1, left: "done" });
    expect(stderr.match(/cannot write to standard output/g)).toHaveLength(1);
    expect(stderr).toContain("ENOSPC");
  });
});

describe("an error that nobody waits for", () => {
  it.each([
    ["an exception", `setTimeout(() => { throw new Error("lost"); }, 10);`],
    ["a rejection", `Promise.reject(new Error("lost"));`],
    [
      "an error of an emitter",
      `(await import("node:events")).EventEmitter.prototype.emit.call(new (await import("node:events")).EventEmitter(), "error", new Error("lost"));`,
    ],
  ])("has whoever listens clean up: %s", async (_, fail) => {
    const body = `const end = new AbortController();
      onUncaught((error) => end.abort(error));
      const working = sleep(20_000, undefined, { signal: end.signal }).catch(() => leave("cleaned up: " + end.signal.reason.message));
      void (async () => { ${fail} })();
      await working; process.exitCode = 1;`;
    expect(await runProgram(body, "none")).toMatchObject({ exitCode: 1, left: "cleaned up: lost" });
  });

  it("is reported where nobody listens", async () => {
    const body = `setTimeout(() => { throw new Error("lost"); }, 10); await sleep(20_000);`;
    expect(await runProgram(body, "none")).toMatchObject({ exitCode: 1, left: "reported: lost" });
  });
});
