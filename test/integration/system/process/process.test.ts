import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { setDebugging } from "../../../../scripts/system/debug.ts";
import {
  CommandError,
  type ProcessOptions,
  run,
  stream,
  tryRun,
} from "../../../../scripts/system/process/process.ts";
import { commandLine } from "../../../../scripts/system/shown/started.ts";
import { writePlainModule } from "../../../support/plain-module.ts";

const NODE = process.execPath;
const AWKWARD = [
  "",
  "a b",
  "'",
  '"',
  "$(id)",
  "`id`",
  "a\nb",
  "*",
  "~",
  "\\",
  "é",
  "--x=1 2",
  ";",
  "&&",
  "!",
  "#",
  "{a,b}",
];
const PRINT_ARGUMENTS = "process.stdout.write(JSON.stringify(process.argv.slice(1)))";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "process-"));
  await writePlainModule("scripts/system/process/process.ts", join(folder, "process.mjs"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Whether a process is there and does something: one that has ended may wait to be collected. */
async function isAlive(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return status !== "" && !status.slice(status.lastIndexOf(")")).startsWith(") Z");
}

describe("what a command gets", () => {
  test("its arguments, letter by letter", async () => {
    const { stdout } = await run([NODE, "-e", PRINT_ARGUMENTS, "--", ...AWKWARD]);
    expect(JSON.parse(stdout)).toEqual(AWKWARD);
  });

  test("the same arguments when its command line is pasted into a shell", async () => {
    const pasted = commandLine([NODE, "-e", PRINT_ARGUMENTS, "--", ...AWKWARD]);
    const { stdout } = await run(["sh", "-c", pasted]);
    expect(JSON.parse(stdout)).toEqual(AWKWARD);
  });

  test("its directory, and its environment besides ours", async () => {
    const { stdout } = await run(["sh", "-c", 'pwd; echo "$EXTRA"; test -n "$PATH" && echo path'], {
      cwd: folder,
      env: { EXTRA: "a  b" },
    });
    expect(stdout).toBe(`${folder}\na  b\npath\n`);
  });

  test("its input, and nothing when there is none", async () => {
    expect((await run(["cat"], { input: "a\nb" })).stdout).toBe("a\nb");
    expect((await run(["cat"])).stdout).toBe("");
  });

  test("more input than it reads", async () => {
    const { exitCode } = await run(["true"], { input: "x".repeat(1_000_000) });
    expect(exitCode).toBe(0);
  });
});

describe("what a command gives", () => {
  test("standard output and standard error, apart and together", async () => {
    const result = await run(["sh", "-c", "echo a; sleep 0.1; echo b >&2; sleep 0.1; echo c"]);
    expect(result).toEqual({ exitCode: 0, stdout: "a\nc\n", stderr: "b\n", output: "a\nb\nc\n" });
  });

  test("pieces of it as they come, no letter in two of them", async () => {
    const letters = "é".repeat(300_001);
    const pieces: string[] = [];
    const { stdout } = await run([NODE, "-e", `process.stdout.write("x" + "é".repeat(300001))`], {
      onOutput: (piece) => pieces.push(piece),
    });
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.join("")).toBe(`x${letters}`);
    expect(stdout).toBe(`x${letters}`);
  });

  test.each([
    [["sh", "-c", "exit 3"], 3],
    [["sh", "-c", "kill -9 $$"], 137],
    [["sh", "-c", "kill -TERM $$"], 143],
  ])("the exit code of %j", async (argv, exitCode) => {
    expect(await tryRun(argv)).toMatchObject({ exitCode, output: "" });
  });

  test.each([
    ["no-such-command", undefined, "no-such-command: command not found\n"],
    ["true", "/no/such", "true: command not found, or no directory /no/such\n"],
    ["/", undefined, "/: spawn / EACCES\n"],
  ])("127 when %s in %s cannot start", async (command, cwd, stderr) => {
    expect(await tryRun([command], cwd === undefined ? {} : { cwd })).toEqual({
      exitCode: 127,
      stdout: "",
      stderr,
      output: stderr,
    });
  });
});

describe("a command that prints without end", () => {
  test("is ended and has failed, with the beginning of what it printed; nothing else is lost", async () => {
    const result = await tryRun(["yes", "on and on"], { mostPrinted: 1_000_000 });
    expect(result.exitCode).not.toBe(0);
    expect(result.stdout.length).toBeLessThanOrEqual(1_000_000);
    expect(result.output).toMatch(/^on and on\n/);
    expect(result.output).toContain("left out");
    expect(result.output.trimEnd().split("\n").at(-1)).toBe(
      "it printed more than 1000000 characters, and was stopped",
    );
    expect((await run(["echo", "still here"])).stdout).toBe("still here\n");
  });

  test("has failed also where it ends well when it is told to", async () => {
    const script = "trap 'exit 0' TERM; while :; do echo on and on; done";
    expect((await tryRun(["sh", "-c", script], { mostPrinted: 10_000 })).exitCode).toBe(1);
  });
});

test("an argument has no NUL, which no program can be given", async () => {
  expect(await tryRun(["echo", "a\0b"])).toMatchObject({
    exitCode: 127,
    stderr: "echo: an argument has a NUL character\n",
  });
});

test("what zx finds in our environment decides nothing", async () => {
  for (const [name, value] of Object.entries({
    TIMEOUT: "1ms",
    SHELL: "/bin/false",
    PREFIX: "exit 7;",
    CWD: "/",
  })) {
    vi.stubEnv(`ZX_${name}`, value);
  }
  vi.stubEnv("ZX_VERBOSE", "true");
  vi.stubEnv("ZX_PREFER_LOCAL", "true");
  const program = `
    const { run } = await import(${JSON.stringify(join(folder, "process.mjs"))});
    process.stdout.write((await run(["sh", "-c", "sleep 0.1; pwd; echo $PATH"])).output);`;
  const result = await run([NODE, "--input-type=module", "-e", program]);
  const path = process.env.PATH ?? "";
  vi.unstubAllEnvs();
  expect(result.output).toBe(`${process.cwd()}\n${path}\n`);
});

describe("a command that is read as it prints", () => {
  test("gives its standard output, however long, and its end", async () => {
    // More than a command may print that is not read meanwhile.
    const { stdout, ended } = await stream(["head", "-c", "70000000", "/dev/zero"]);
    let bytes = 0;
    for await (const chunk of stdout) bytes += (chunk as Buffer).length;
    await ended;
    expect(bytes).toBe(70_000_000);
  });

  test("says why it failed, or could not start", async () => {
    const { stdout, ended } = await stream(["sh", "-c", "echo half; echo broken >&2; exit 2"]);
    stdout.resume();
    await expect(ended).rejects.toThrow(/exit code 2\nbroken/);
    await expect(stream(["no-such-command"])).rejects.toThrow("command not found");
  });
});

describe("a command that fails", () => {
  test("is an error with the end of what it printed, and how to repeat it", async () => {
    const script = "for i in $(seq 50); do echo line $i; done; exit 4";
    const error = await run(["sh", "-c", script]).catch((thrown: unknown) => thrown);
    if (!(error instanceof CommandError)) throw error;
    expect(error.result.exitCode).toBe(4);
    expect(error.argv).toEqual(["sh", "-c", script]);
    const lines = error.message.split("\n");
    expect(lines[0]).toBe("sh ended with exit code 4");
    expect(lines.slice(1, -1)).toEqual(Array.from({ length: 30 }, (_, i) => `line ${i + 21}`));
    expect(lines.at(-1)).toBe(`the command was: sh -c '${script}'`);
  });
});

describe("a command that is aborted", () => {
  /** Runs a script until it has printed a line, then aborts. Gives the numbers in that line and the exit code. */
  async function abortAfterFirstLine(
    script: string,
    options: Pick<ProcessOptions, "grace"> = {},
  ): Promise<{ pids: number[]; exitCode: number }> {
    const controller = new AbortController();
    let printed = "";
    setDebugging(true);
    const told = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    const running = run(["sh", "-c", script], {
      ...options,
      signal: controller.signal,
      onOutput: (piece) => {
        printed += piece;
        if (printed.includes("\n")) controller.abort(new Error("enough"));
      },
    });
    await expect(running).rejects.toThrow("enough");
    const [, exitCode] = /\(exit code (\d+), /.exec(String(told.mock.lastCall?.[0])) ?? [];
    told.mockRestore();
    setDebugging(false);
    const [line = ""] = printed.split("\n");
    return { pids: line.split(" ").map(Number), exitCode: Number(exitCode) };
  }

  test("ends by being asked to, with its children and theirs", async () => {
    const { pids, exitCode } = await abortAfterFirstLine("sh -c 'sleep 60 & echo $$ $!; wait' & wait");
    expect(pids).toHaveLength(2);
    for (const pid of pids) expect(await isAlive(pid)).toBe(false);
    expect(exitCode).toBe(128 + constants.signals.SIGTERM);
  });

  test("may clean up first", async () => {
    const file = join(folder, "cleaned-up");
    const { exitCode } = await abortAfterFirstLine(
      `trap 'sleep 0.1; echo yes > ${file}; exit 9' TERM; echo $$; while :; do sleep 0.05; done`,
    );
    expect(await readFile(file, "utf8")).toBe("yes\n");
    expect(exitCode).toBe(9);
  });

  test("is asked first, and killed when it does not end", async () => {
    const file = join(folder, "asked");
    const { pids, exitCode } = await abortAfterFirstLine(
      `trap 'echo yes > ${file}' TERM; echo $$; while :; do sleep 0.05; done`,
      { grace: 300 },
    );
    expect(await readFile(file, "utf8")).toBe("yes\n");
    expect(pids).toHaveLength(1);
    expect(await isAlive(pids[0] ?? 0)).toBe(false);
    expect(exitCode).toBe(128 + constants.signals.SIGKILL);
  });

  test("does not start when it was aborted before", async () => {
    const file = join(folder, "started");
    const signal = AbortSignal.abort(new Error("too late"));
    await expect(run(["touch", file], { signal })).rejects.toThrow("too late");
    await expect(readFile(file)).rejects.toThrow("ENOENT");
  });
});

test("no command outlives us when we exit in its middle", async () => {
  const program = join(folder, "exits.mjs");
  await writeFile(
    program,
    `import { run } from "./process.mjs";
     run(["sh", "-c", "sleep 60 & echo $$ $!; wait"], {
       onOutput: (pids) => { process.stdout.write(pids); process.exit(7); },
     });`,
  );
  const child = spawn(NODE, [program], { stdio: ["ignore", "pipe", "inherit"] });
  let pids = "";
  child.stdout.setEncoding("utf8").on("data", (piece: string) => {
    pids += piece;
  });
  const [exitCode] = await once(child, "close");
  expect(exitCode).toBe(7);
  const numbers = pids.split(/\s+/).filter(Boolean).map(Number);
  expect(numbers).toHaveLength(2);
  await vi.waitFor(async () => {
    for (const pid of numbers) expect(await isAlive(pid)).toBe(false);
  });
});
