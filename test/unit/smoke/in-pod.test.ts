import { describe, expect, it } from "vitest";
import { openPods } from "../../../scripts/engine/pods/pods.ts";
import { PLATFORMS, type Platform } from "../../../scripts/model/platform.ts";
import type { Check } from "../../../scripts/model/target.ts";
import { trialsInPod } from "../../../scripts/smoke/in-pod.ts";
import { smoke } from "../../../scripts/smoke/smoke.ts";
import { buildRelease, FakeEngine } from "../../support/fake-engine.ts";
import { sampleRelease } from "../../support/sample-target.ts";
import { podAnswer } from "../engine/pods/sample-pod.ts";
import { temporaryDirectory } from "../formats/oci/sample-image.ts";

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

/** Smoke-tests a release in a cluster all of whose Pods run and print what they should. */
async function testInPods(built: readonly Platform[], asked: readonly Platform[]) {
  const directory = await temporaryDirectory();
  const smokeTest = { version: ["node", "--version"], files: {}, run: ["./hello"] };
  const release = await buildRelease(
    new FakeEngine(),
    sampleRelease({ platforms: built, smoke: smokeTest }),
    directory,
  );
  const made: { arch?: string; images: string[] }[] = [];
  const log: string[] = [];
  const running = { phase: "Running", containerStatuses: [{ name: "dev", state: { running: {} } }] };
  const pods = await openPods("smoke", async (args, { input } = {}) => {
    const [verb = "", kind = ""] = args;
    if (verb === "create" && kind === "--filename") {
      const { spec } = JSON.parse(String(input));
      const images = spec.containers.map(({ image }: { image: string }) => image);
      made.push({ arch: spec.nodeSelector["kubernetes.io/arch"], images });
    }
    if (verb === "exec") log.push(args[3] ?? "");
    if (verb === "delete") log.push("removed");
    const said = args.includes("--version") ? "v22.16.0\n" : "hello, world\n";
    const stdout = verb === "get" ? podAnswer(running) : said;
    return { exitCode: 0, stdout, stderr: "", output: stdout };
  });
  const bring = async () => "registry.example/birds/node";
  const inPods = { pods, platforms: asked, bring, note: () => {} };
  await smoke(release, { engine: new FakeEngine(), pods: inPods, scratch: directory, network: "bridge" });
  return { release, made, log };
}

describe("a release in Pods", () => {
  it("is tested on each platform that it was built for, on a node of it, by the manifest of it", async () => {
    const { release, made } = await testInPods(PLATFORMS, PLATFORMS);
    expect(made.map(({ arch }) => arch)).toEqual(["amd64", "arm64"]);
    for (const [nth, { images }] of made.entries()) {
      const [dev, runtime] = [release.dev, release.runtime].map(
        ({ platforms }) => `registry.example/birds/node@${platforms[nth]?.manifest.digest}`,
      );
      expect(new Set(images)).toEqual(new Set([dev, runtime]));
    }
  });

  it("is tested as each user, and its Pod is removed", async () => {
    const { made, log } = await testInPods(["linux/amd64"], PLATFORMS);
    expect(made).toHaveLength(1);
    expect(log).toEqual([
      ...["dev-10001-10001", "dev-10001-10001", "runtime-65532-65532", "runtime-65532-65532"],
      ...["runtime-1000-1000-read-only", "removed"],
    ]);
  });

  it("fails where it was built for none of them", async () => {
    await expect(testInPods(["linux/amd64"], ["linux/arm64"])).rejects.toThrow(
      "was not built for linux/arm64, on which it is to be tested",
    );
  });
});
