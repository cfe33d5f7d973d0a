import { cpus } from "node:os";
import { describe, expect, it } from "vitest";
import { firstConcurrency, nextConcurrency, openLimit } from "../../../scripts/pipeline/concurrency.ts";

describe("nextConcurrency", () => {
  const next = (now: number, idle: number, memory = 0.5) => nextConcurrency(now, { idle, memory }, 4);

  it("takes one more while processors are idle, at most two for each", () => {
    expect([4, 5, 7, 8].map((now) => next(now, 0.3))).toEqual([5, 6, 8, 8]);
  });

  it("stays while they are neither idle nor full", () => {
    expect(next(5, 0.1)).toBe(5);
  });

  it("goes back while they are full, to one for each", () => {
    expect([6, 5, 4].map((now) => next(now, 0.01))).toEqual([5, 4, 4]);
  });

  it("begins nothing more where memory is short, however idle they are", () => {
    expect([4, 6].map((now) => next(now, 0.9, 0.1))).toEqual([4, 5]);
  });
});

describe("openLimit", () => {
  it("keeps to a number that somebody gave", () => {
    const { limit, close } = openLimit(3);
    expect(limit.concurrency).toBe(3);
    close();
  });

  it("begins with one for each processor where nobody gave one", () => {
    const { limit, close } = openLimit("auto");
    expect(limit.concurrency).toBe(cpus().length);
    expect(firstConcurrency("auto")).toBe(cpus().length);
    close();
  });
});
