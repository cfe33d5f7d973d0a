import { describe, expect, it } from "vitest";
import { isLeftBehind, parsePod, parsePods } from "../../../../scripts/engine/pods/status.ts";
import { podAnswer } from "./sample-pod.ts";

const waiting = (reason: string, message?: string) => ({
  phase: "Pending",
  containerStatuses: [
    { name: "dev", image: "r.example/a@sha256:1", state: { waiting: { reason, message } } },
  ],
});

describe("a Pod", () => {
  it("is ready once all of it runs, and not before", () => {
    const running = { name: "dev", state: { running: { startedAt: "2026-01-01T00:00:00Z" } } };
    const status = { phase: "Running", containerStatuses: [running, running] };
    expect(parsePod(podAnswer(status))).toEqual({ name: "a-pod", isReady: true });
    const starting = { name: "runtime", state: { waiting: { reason: "ContainerCreating" } } };
    for (const other of [
      { ...status, containerStatuses: [running, starting] },
      { phase: "Pending", containerStatuses: [running] },
      { phase: "Running", containerStatuses: [] },
      undefined,
    ]) {
      expect(parsePod(podAnswer(other))).toEqual({ name: "a-pod", isReady: false });
    }
  });

  it.each([
    [
      "ErrImagePull",
      "image",
      "the image r.example/a@sha256:1 cannot be pulled for the Pod a-pod (ErrImagePull): no",
    ],
    ["ImagePullBackOff", "image", "cannot be pulled"],
    ["ErrImageNeverPull", "final", "is not on the node, and is not pulled"],
    ["InvalidImageName", "final", "has a name that the node does not take"],
    ["CreateContainerConfigError", "final", "cannot be run as its container is configured"],
    ["RunContainerError", "final", "cannot be run for the Pod a-pod (RunContainerError): no"],
  ])("that waits for %s is in trouble, and says which", (reason, kind, words) => {
    const trouble = parsePod(podAnswer(waiting(reason, "no\n")))?.trouble;
    expect(trouble?.kind).toBe(kind);
    expect(trouble?.what).toContain(words);
  });

  it.each(["ContainerCreating", "PodInitializing", "toString"])("that waits for %s is in none", (reason) => {
    expect(parsePod(podAnswer(waiting(reason)))?.trouble).toBeUndefined();
  });

  it("that no node takes says why the scheduler refused them", () => {
    const conditions = [
      { type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/3 nodes are available" },
    ];
    expect(parsePod(podAnswer({ phase: "Pending", conditions }))?.trouble).toMatchObject({
      kind: "node",
      what: "no node takes the Pod a-pod: 0/3 nodes are available",
    });
  });

  it("one of whose containers has ended never runs; what prepares them may end well", () => {
    const ended = (exitCode: number, reason: string) => ({
      phase: "Pending",
      initContainerStatuses: [{ name: "prepare", state: { terminated: { exitCode, reason } } }],
    });
    expect(parsePod(podAnswer(ended(0, "Completed")))?.trouble).toBeUndefined();
    expect(parsePod(podAnswer(ended(1, "Error")))?.trouble).toEqual({
      kind: "final",
      what: "the container prepare of the Pod a-pod has ended (exit code 1, Error)",
      printed: "prepare",
    });
    expect(parsePod(podAnswer(ended(137, "OOMKilled")))?.trouble?.what).toContain("more memory than it may");
  });

  it("that was evicted, or lived too long, says so", () => {
    const failed = (reason: string, message: string) => ({ phase: "Failed", reason, message });
    const whatOf = (status: unknown) => parsePod(podAnswer(status))?.trouble?.what;
    expect(whatOf(failed("Evicted", "The node was low on memory"))).toBe(
      "the Pod a-pod was ended (Evicted): The node was low on memory",
    );
    expect(whatOf(failed("DeadlineExceeded", "x"))).toContain("it lived for as long as a Pod may");
  });

  it("is nothing where the answer is none", () => {
    for (const text of ["", "{}", "[]", "Error from server", '{"metadata":{"name":1}}'])
      expect(parsePod(text)).toBeUndefined();
  });
});

describe("what runs have left behind", () => {
  const NOW = Date.parse("2026-03-01T12:00:00Z");
  const pod = (identity: string, creationTimestamp: string) =>
    JSON.parse(
      podAnswer(undefined, { creationTimestamp, annotations: { "birdhouse/run": identity } }),
    ) as unknown;

  it("is of a process that is gone, or older than a Pod lives", () => {
    const items = [
      pod("gone", "2026-03-01T11:59:00Z"),
      pod("alive", "2026-03-01T11:00:00Z"),
      pod("alive", "2026-03-01T09:59:59Z"),
      "no pod",
    ];
    const pods = parsePods(JSON.stringify({ items }));
    expect(pods).toHaveLength(3);
    expect(pods.map((one) => isLeftBehind(one, (identity) => identity === "gone", NOW))).toEqual([
      ...[true, false, true],
    ]);
    expect(parsePods("")).toEqual([]);
  });
});
