import { describe, expect, test } from "vitest";
import { exitCodeOf, exitCodeOfError } from "../../../scripts/app/result.ts";
import type { Outcome } from "../../../scripts/pipeline/events.ts";
import { LockedError } from "../../../scripts/publish/lock-state.ts";
import { RegistryError } from "../../../scripts/registry/errors.ts";
import { Interrupted, UserError } from "../../../scripts/system/errors.ts";
import { samplePlanned, sampleRelease } from "../../support/sample-target.ts";
import { publishedTarget } from "../report/sample-outcomes.ts";

const refusal = (status: number) =>
  new RegistryError({ registry: "registry.example", action: "upload", status });
const locked = new LockedError({ owner: "somebody", until: new Date(0) }, "registry.example/base");

describe("what a run ends with that could not go on", () => {
  test.each<[error: unknown, code: number]>([
    [new UserError("no such file"), 2],
    [refusal(401), 2],
    [refusal(403), 2],
    [refusal(500), 1],
    [new Error("disk full"), 1],
    ["text", 1],
    [locked, 3],
    [new Interrupted("SIGTERM"), 130],
  ])("%s", (error, code) => {
    expect(exitCodeOfError(error)).toBe(code);
  });
});

test.each<[outcomes: Outcome[], code: number]>([
  [[publishedTarget()], 0],
  [[publishedTarget(), { status: "failed", target: "a:1", stage: "build", message: "no" }], 1],
  [[publishedTarget(), { status: "unstarted", target: "a:1" }], 1],
  [[{ status: "held", target: "a:1", pair: "a:1-dev" }], 1],
  [[], 0],
])("outcomes %#", (outcomes, code) => {
  expect(exitCodeOf([], outcomes)).toBe(code);
});

test("what failed again and again, and waits, is no success", () => {
  const { runtime } = sampleRelease();
  const waiting = samplePlanned(runtime, { reasons: [{ kind: "missing" }], leftOut: "waiting" });
  expect(exitCodeOf([waiting], [])).toBe(1);
  expect(exitCodeOf([{ ...waiting, leftOut: "limit" }], [])).toBe(0);
});
