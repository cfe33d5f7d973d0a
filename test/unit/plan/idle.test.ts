import { describe, expect, it } from "vitest";
import type { Target } from "../../../scripts/model/target.ts";
import { type IdleTargets, maybeIdle, plannedIdle, rememberIdle } from "../../../scripts/plan/idle.ts";
import type { PlannedTarget } from "../../../scripts/plan/plan.ts";
import { sampleRelease } from "../../support/sample-target.ts";

const node = sampleRelease();
const lua = sampleRelease({ image: "lua", version: "5.4" });
const all = [node.runtime, node.dev, lua.runtime, lua.dev];
const names = (targets: readonly Target[]) => targets.map(({ name }) => name);

function known(...targets: readonly Target[]): IdleTargets {
  return new Map(targets.map(({ name }) => [name, { digest: `sha256:${name}`, world: "today" }]));
}

const unknownPlatform = [{ platform: "linux/arm64", because: "no engine", isUnknown: true }] as const;

function idle(target: Target, changes: Partial<PlannedTarget> = {}): PlannedTarget {
  return { ...plannedIdle(target, `sha256:${target.name}`, "supported"), ...changes };
}

describe("what may be idle", () => {
  it("is what was, of the same world", () => {
    expect(names(maybeIdle(all, known(...all), () => "today"))).toEqual(names(all));
    expect(maybeIdle(all, known(...all), () => "tomorrow")).toEqual([]);
    expect(maybeIdle(all, known(...all), () => undefined)).toEqual([]);
  });

  it("is both variants of a version or none", () => {
    expect(names(maybeIdle(all, known(node.runtime, lua.runtime, lua.dev), () => "today"))).toEqual(
      names([lua.runtime, lua.dev]),
    );
  });
});

describe("what is remembered", () => {
  const before = known(lua.runtime);

  it("is what had nothing to do, and what was known of the others", () => {
    const after = rememberIdle(before, [idle(node.runtime), idle(node.dev)], () => "today");
    expect(after).toEqual(known(lua.runtime, node.runtime, node.dev));
  });

  it("is nothing that was due, held back, not fully known or not published", () => {
    const reason = { kind: "missing" } as const;
    const { published: _, ...unpublished } = idle(lua.runtime);
    for (const found of [
      idle(lua.runtime, { reasons: [reason] }),
      idle(lua.runtime, { held: [{ reason, because: "no security fix" }] }),
      idle(lua.runtime, { offered: { packages: new Map(), fixes: new Map(), unknown: ["mirror away"] } }),
      idle(lua.runtime, { unavailable: unknownPlatform }),
      { ...unpublished, published: undefined },
    ]) {
      expect(rememberIdle(before, [found], () => "today")).toEqual(new Map());
    }
    expect(rememberIdle(before, [idle(lua.runtime)], () => undefined)).toEqual(new Map());
  });
});
