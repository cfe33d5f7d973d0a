import { describe, expect, it } from "vitest";
import { SharedStages } from "../../../scripts/engine/shared-stages.ts";
import { sampleRequest } from "./sample-request.ts";

/** Builds of stages that end when they are told to. */
function builds() {
  const started: string[] = [];
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const build = (stage: string) => {
    started.push(stage);
    return ended;
  };
  return { started, build, end };
}

describe("SharedStages", () => {
  it("builds a stage once for two builds at a time, and both wait for it", async () => {
    const stages = new SharedStages();
    const { started, build, end } = builds();
    const ended: string[] = [];
    const both = Promise.all([
      stages.build(sampleRequest({ name: "a" }), build).then(() => ended.push("a")),
      stages.build(sampleRequest({ name: "b" }), build).then(() => ended.push("b")),
    ]);
    await Promise.resolve();
    expect([started, ended]).toEqual([["tools"], []]);
    end();
    await both;
    expect([started, ended]).toEqual([["tools"], ["a", "b"]]);
  });

  it("builds a stage no second time after it has ended", async () => {
    const stages = new SharedStages();
    const { started, build, end } = builds();
    end();
    await stages.build(sampleRequest(), build);
    await stages.build(sampleRequest(), build);
    expect(started).toEqual(["tools"]);
  });

  it.each([
    ["stage", { shared: { stage: "other", key: "3.22" } }],
    ["branch", { shared: { stage: "tools", key: "3.24" } }],
    ["platform", { platform: "linux/amd64" as const }],
  ])("builds apart what differs in its %s", async (_, changes) => {
    const stages = new SharedStages();
    const { started, build, end } = builds();
    end();
    await stages.build(sampleRequest(), build);
    await stages.build(sampleRequest(changes), build);
    expect(started).toHaveLength(2);
  });

  it("builds nothing for a target that shares nothing", async () => {
    const { shared: _, ...request } = sampleRequest();
    const { started, build } = builds();
    await new SharedStages().build(request, build);
    expect(started).toEqual([]);
  });

  it("fails for all that wait for the stage when its build fails", async () => {
    const stages = new SharedStages();
    const build = () => Promise.reject(new Error("no such package"));
    const results = await Promise.allSettled([
      stages.build(sampleRequest(), build),
      stages.build(sampleRequest(), () => Promise.resolve()),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  });

  it("builds a stage anew after its build has failed: one 503 is no verdict on a branch", async () => {
    const stages = new SharedStages();
    const { started, build, end } = builds();
    end();
    const away = () => Promise.reject(new Error("HTTP 503"));
    await expect(stages.build(sampleRequest({ name: "a" }), away)).rejects.toThrow("HTTP 503");
    await stages.build(sampleRequest({ name: "a" }), build);
    await stages.build(sampleRequest({ name: "b" }), build);
    expect(started).toEqual(["tools"]);
  });
});
