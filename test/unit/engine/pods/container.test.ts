import { beforeEach, describe, expect, it } from "vitest";
import { containersOf } from "../../../../scripts/engine/pods/container.ts";
import type { OpenedPod } from "../../../../scripts/engine/pods/pods.ts";
import type { ProcessResult } from "../../../../scripts/system/process/process.ts";
import { sampleRequest } from "./sample-pod.ts";

const said = (stdout: string, exitCode = 0, stderr = ""): ProcessResult => ({
  ...{ exitCode, stdout, stderr, output: stdout + stderr },
});
const BROKEN = said("", 1, "error: error dialing backend: EOF\n");

describe("an image in a Pod", () => {
  let answers: ProcessResult[] = [];
  let asked: string[][] = [];
  let trouble: string | undefined;
  beforeEach(() => {
    answers = [said("ok\n")];
    asked = [];
    trouble = undefined;
  });

  const pod: OpenedPod = {
    name: "a-pod",
    pause: 1,
    kubectl: async (args) => {
      asked.push([...args]);
      return (answers.length > 1 ? answers.shift() : answers[0]) ?? said("");
    },
    trouble: async () => trouble,
    remove: async () => {},
  };
  const runtime = containersOf(pod, sampleRequest(), "/scratch").container("runtime", "65532:65532");

  it("runs a command in the container of who is asked for", async () => {
    await runtime.run(["lua", "-v"]);
    await runtime.run(["lua"], { user: "1000:1000", isReadOnly: true });
    await runtime.run(["lua"], { user: "4711", env: { A: "b" } });
    expect(asked.map((words) => words.slice(0, 5).join(" "))).toEqual([
      "exec a-pod --container runtime-65532-65532 --",
      "exec a-pod --container runtime-1000-1000-read-only --",
      "exec a-pod --container runtime-4711 --",
    ]);
    expect(asked[0]?.slice(5)).toEqual(["lua", "-v"]);
    expect(asked[2]?.slice(-4)).toEqual(["A=b", "--", ".", "lua"]);
  });

  it("is a mistake of ours where the Pod was made without such a container, or without such a folder", async () => {
    await expect(runtime.run(["x"], { user: "5" })).rejects.toThrow("the Pod has no container runtime-5");
    const mounts = [{ source: "/here", target: "/elsewhere" }];
    await expect(runtime.run(["x"], { mounts })).rejects.toThrow("the Pod a-pod has no folder /elsewhere");
    expect(asked).toEqual([]);
  });

  it("gives the exit code of what failed, once", async () => {
    answers = [said("", 7, "command terminated with exit code 7\n")];
    expect(await runtime.run(["x"])).toEqual(said("", 7));
    expect(asked).toHaveLength(1);
  });

  it("runs a command again where the way to the Pod failed, and not where the Pod did", async () => {
    answers = [BROKEN, BROKEN, said("ok\n")];
    expect(await runtime.run(["x"])).toEqual(said("ok\n"));
    answers = [BROKEN];
    await expect(runtime.run(["x"])).rejects.toThrow("error dialing backend: EOF");
    expect(asked).toHaveLength(6);
    trouble = "the Pod a-pod was ended (Evicted)";
    await expect(runtime.run(["x"])).rejects.toThrow("came to no end of its own: the Pod a-pod was ended");
    expect(asked).toHaveLength(7);
  });
});
