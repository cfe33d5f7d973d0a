import { PassThrough } from "node:stream";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import type { Stage } from "../../../scripts/model/run.ts";
import type { Event } from "../../../scripts/pipeline/events.ts";
import {
  eventWithoutSecrets,
  LiveState,
  describe as lineOf,
  notesAlone,
  openProgress,
  plainProgress,
} from "../../../scripts/report/progress.ts";
import { rememberSecret } from "../../../scripts/system/shown/secrets.ts";
import { publishedTarget } from "./sample-outcomes.ts";

const node = "node:22";
const dev = "node:22-dev";

describe("a line for an event", () => {
  it.each<[Event, string | undefined]>([
    [{ type: "note", text: "a note" }, "a note"],
    [{ type: "plan", text: "2 targets to rebuild" }, "2 targets to rebuild"],
    [{ type: "engine", title: "docker 26.1" }, "building with docker 26.1"],
    [{ type: "done", target: node, outcome: publishedTarget() }, undefined],
    [{ type: "unstarted", target: node }, "- node:22              not started before the deadline"],
    [{ type: "planned", targets: [node], last: "publish" }, undefined],
    [{ type: "started", target: node, stage: "build" }, undefined],
    [
      { type: "finished", target: node, stage: "build", seconds: 75.25 },
      "✔ node:22              build    1m 15s",
    ],
    [
      { type: "failed", target: dev, stage: "smoke", message: "it says:\nno" },
      "✖ node:22-dev          smoke failed: it says:",
    ],
    [
      { type: "held", target: node, pair: dev },
      "- node:22              held back, because node:22-dev failed",
    ],
  ])("%j", (event, line) => {
    expect(lineOf(event)).toBe(line);
  });
});

describe("plainProgress", () => {
  it("writes a line for each thing that ends, and nothing for what begins", () => {
    const stream = new PassThrough();
    const { listener, close } = plainProgress(stream);
    listener({ type: "planned", targets: [node, dev], last: "publish" });
    listener({ type: "started", target: node, stage: "build" });
    listener({ type: "finished", target: node, stage: "build", seconds: 1 });
    listener({ type: "note", text: "a note" });
    close();
    expect(String(stream.read())).toBe("✔ node:22              build    1.0s\na note\n");
  });
});

describe("notesAlone", () => {
  it("writes what is said by the way, and of the work nothing", () => {
    const stream = new PassThrough();
    const { listener } = notesAlone(stream);
    listener({ type: "plan", text: "2 targets to rebuild" });
    listener({ type: "note", text: "a note" });
    listener({ type: "finished", target: node, stage: "build", seconds: 1 });
    expect(String(stream.read())).toBe("a note\n");
  });
});

describe("openProgress", () => {
  const written = (isTTY: boolean) => {
    const stream = Object.assign(new PassThrough(), { isTTY, columns: 80, rows: 24 });
    const { listener, close } = openProgress(stream as unknown as NodeJS.WriteStream);
    listener({ type: "planned", targets: [node], last: "publish" });
    listener({ type: "note", text: "a note" });
    close();
    return String(stream.read());
  };

  it("draws a list on a terminal, and elsewhere writes lines alone", () => {
    expect(written(true)).toContain("0 of 1 targets done");
    expect(written(false)).toBe("a note\n");
  });
});

describe("eventWithoutSecrets", () => {
  it("hides what is secret in each text, and leaves all else", () => {
    rememberSecret("hunter2hunter2");
    const texts: readonly [Event, string][] = [
      [{ type: "note", text: "it said hunter2hunter2" }, "text"],
      [{ type: "plan", text: "it said hunter2hunter2" }, "text"],
      [{ type: "engine", title: "it said hunter2hunter2" }, "title"],
      [{ type: "failed", target: node, stage: "smoke", message: "it said hunter2hunter2" }, "message"],
    ];
    for (const [event, key] of texts) {
      const shown = eventWithoutSecrets(event);
      expect(JSON.stringify(shown)).not.toContain("hunter2");
      expect(shown).toEqual({ ...event, [key]: expect.stringMatching(/^it said ./) });
    }
    const held: Event = { type: "held", target: node, pair: dev };
    expect(eventWithoutSecrets(held)).toBe(held);
  });
});

describe("LiveState", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["performance"] });
    onTestFinished(() => void vi.useRealTimers());
  });

  function stateAfter(...events: readonly Event[]): LiveState {
    const state = new LiveState();
    for (const event of events) state.apply(event);
    return state;
  }

  const planned = (last: Stage): Event => ({ type: "planned", targets: [node, dev], last });
  const started = (target: string, stage: Stage): Event => ({ type: "started", target, stage });
  const finished = (target: string, stage: Stage): Event => ({ type: "finished", target, stage, seconds: 1 });

  it("counts what is not started before the deadline as dealt with", () => {
    const state = stateAfter(planned("publish"), { type: "unstarted", target: node });
    expect(state.lines()).toEqual(["  1 of 2 targets done"]);
  });

  it("shows nothing before there is a plan", () => {
    expect(stateAfter({ type: "note", text: "hello" }).lines()).toEqual([]);
  });

  it("shows what is under way, at which stage and for how long, and how many are done", () => {
    const state = stateAfter(planned("publish"), started(node, "build"));
    vi.advanceTimersByTime(1000);
    state.apply(started(dev, "build"));
    vi.advanceTimersByTime(250);
    expect(state.lines()).toEqual([
      "⠹ node:22              build 1.3s",
      "⠹ node:22-dev          build 0.3s",
      "  0 of 2 targets done",
    ]);
  });

  it("counts a target as done after the last stage, not before", () => {
    const state = stateAfter(planned("publish"), started(node, "build"), finished(node, "build"));
    expect(state.lines()).toEqual(["  0 of 2 targets done"]);
    for (const stage of ["smoke", "publish"] as const) {
      state.apply(started(node, stage));
      expect(state.lines()).toEqual([
        expect.stringMatching(`node:22 +${stage} 0ms`),
        "  0 of 2 targets done",
      ]);
      state.apply(finished(node, stage));
    }
    expect(state.lines()).toEqual(["  1 of 2 targets done"]);
  });

  it("counts a target as done after the last stage of this run, which may be an early one", () => {
    const state = stateAfter(planned("build"), started(node, "build"), finished(node, "build"));
    expect(state.lines()).toEqual(["  1 of 2 targets done"]);
  });

  it("counts what failed and what is held back among what is done", () => {
    const state = stateAfter(
      planned("publish"),
      started(node, "smoke"),
      started(dev, "smoke"),
      { type: "failed", target: dev, stage: "smoke", message: "no" },
      { type: "held", target: node, pair: dev },
    );
    expect(state.lines()).toEqual(["  2 of 2 targets done"]);
  });
});
