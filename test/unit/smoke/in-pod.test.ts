import { describe, expect, it } from "vitest";
import type { Check } from "../../../scripts/model/target.ts";
import { trialsInPod } from "../../../scripts/smoke/in-pod.ts";

const check = (name: string, changes: Partial<Check> = {}): Check => ({
  ...{ name, variants: ["runtime"], env: {}, files: {}, run: ["x"], expected: { prints: "" }, tls: false },
  ...changes,
});

const example = { directory: "examples/x", test: ["t"], run: ["r"], output: "" };

describe("in a Pod of the restricted profile", () => {
  it("all is tried but what asks a server of this machine, and what needs root", () => {
    const checks = [
      check("time"),
      check("tls", { tls: true }),
      check("root", { user: "0:5" }),
      check("a", { user: "10" }),
    ];
    const { leftOut, ...trials } = trialsInPod({ checks, example }, "x:1");
    expect(trials.checks.map(({ name }) => name)).toEqual(["time", "a"]);
    expect(trials.example).toBe(example);
    expect(leftOut).toEqual([
      "x:1: the check tls is left out, as a Pod does not reach the server that it asks",
      "x:1: the check root is left out, as nobody is root in a Pod",
    ]);
  });

  it("an example whose dependencies need root is left out", () => {
    const { leftOut, example: left } = trialsInPod(
      { checks: [], example: { ...example, root: true } },
      "x:1",
    );
    expect(left).toBeUndefined();
    expect(leftOut).toEqual(["x:1: the example is left out, as its dependencies need root, whom no Pod has"]);
  });
});
