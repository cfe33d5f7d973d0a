import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { setDebugging, stackOf } from "../../../scripts/system/debug.ts";
import { createTransport } from "../../../scripts/system/http/http.ts";
import { run, stream, tryRun } from "../../../scripts/system/process/process.ts";
import { HostileMirror } from "../../support/hostile/mirror.ts";

/** What standard error was told, a line each, with no times in it. */
const told: string[] = [];

beforeEach(() => {
  setDebugging(true);
  told.length = 0;
  vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    told.push(
      String(text)
        .trim()
        .replace(/\d[\d.]*m?s\)$/, "0s)"),
    );
    return true;
  });
});
afterEach(() => {
  setDebugging(false);
  vi.restoreAllMocks();
});

describe("what --debug tells", () => {
  it("of a command is what can be pasted, how it ended, and nothing secret", async () => {
    await tryRun(["sh", "-c", "exit 3"], { env: { PASSWORD: "hush" }, input: "hush" });
    await run(["true"]);
    expect(told).toEqual([
      "debug: ran sh -c 'exit 3' (exit code 3, 0s)",
      "debug: ran true (exit code 0, 0s)",
    ]);
  });

  it("is told of a stream, too", async () => {
    const { stdout, ended } = await stream(["sh", "-c", "exit 4"]);
    stdout.resume();
    await expect(ended).rejects.toThrow();
    expect(told).toEqual(["debug: ran sh -c 'exit 4' (exit code 4, 0s)"]);
  });

  it("of a request is what came of it, and no name, password or query", async () => {
    const mirror = await new HostileMirror({ files: new Map([["/a", Buffer.from("content")]]) }).listen();
    onTestFinished(() => mirror.close());
    const send = createTransport({ env: {} });
    const url = new URL(`${mirror.url.replace("//", "//robot:hunter22@")}/a?token=hunter22#hunter22`);
    await send({ method: "GET", url });
    mirror.cases.add("breaks");
    await expect(send({ method: "HEAD", url })).rejects.toThrow();
    expect(told).toEqual([
      `debug: GET ${mirror.url}/a?… → 200 (0s)`,
      `debug: HEAD ${mirror.url}/a?… → no answer (0s)`,
    ]);
  });

  it("of an error is where it comes from, and its causes, though they go round", () => {
    const cause = new Error("inner");
    const error = new Error("outer", { cause });
    cause.cause = error;
    const stack = stackOf(error);
    expect(stack).toContain("Error: outer");
    expect(stack).toContain("caused by: Error: inner");
    expect(stack).toContain("debug.test.ts");
  });
});
