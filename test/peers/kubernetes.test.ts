import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { LABELS, podManifest } from "../../scripts/engine/pods/manifest.ts";
import { openPods, requirePods } from "../../scripts/engine/pods/pods.ts";
import type { Platform } from "../../scripts/model/platform.ts";
import { processIdentity } from "../../scripts/system/state/identity.ts";
import { KUBERNETES, type KubeServer, kubernetesPrograms, openKubeServer } from "../support/kube-server.ts";
import { titleOf } from "../support/peers.ts";
import { PROJECT } from "../support/workflows.ts";
import { sampleRequest } from "../unit/engine/pods/sample-pod.ts";

const programs = await kubernetesPrograms();
const peer = programs === undefined ? undefined : { version: KUBERNETES.version.replace("v", "") };

/** Who the job runs as, where it tests, and where its builders are: schedule/kubernetes/cronjob.yaml. */
const JOB = "birdhouse:birdhouse";
const [OWN, SMOKE, BUILD] = ["birdhouse", "birdhouse-smoke", "birdhouse-build"] as const;

const QUICK = { interval: 50, pause: 50, ready: 60_000, image: 0, node: 0 };

describe.skipIf(!peer)(titleOf(peer, "kube-apiserver"), () => {
  let server: KubeServer;
  let manifest: string;

  beforeAll(async () => {
    manifest = await readFile(join(PROJECT, "schedule/kubernetes/cronjob.yaml"), "utf8");
    server = await openKubeServer(programs ?? "");
  });
  afterAll(() => server?.close());

  const apply = (text: string) => server.kubectl(["apply", "--validate=strict", "--filename", "-"], text);
  const pods = async () => {
    const { stdout } = await server.kubectl(["--namespace", SMOKE, "get", "pods", "--output", "name"]);
    return stdout.split("\n").filter(Boolean);
  };
  /** Says of the one Pod that there is what a scheduler or a node would. */
  const report = async (status: unknown) => {
    const pod = await vi.waitFor(
      async () => {
        const [made] = await pods();
        if (made === undefined) throw new Error("there is no Pod");
        return made;
      },
      { timeout: 30_000 },
    );
    const patch = ["--subresource=status", "--type=merge", "--patch", JSON.stringify({ status })];
    const done = await server.kubectl(["--namespace", SMOKE, "patch", pod, ...patch]);
    expect(done.exitCode, done.output).toBe(0);
  };

  it("takes the CronJob's manifest, checked strictly, and has nothing to change the second time", async () => {
    const first = await apply(manifest);
    expect(first.exitCode, first.output).toBe(0);
    expect(first.stdout).toContain("cronjob.batch/birdhouse created");
    const second = (await apply(manifest)).stdout.trim().split("\n");
    expect(second.length).toBeGreaterThan(10);
    expect(second.filter((line) => !line.endsWith(" unchanged"))).toEqual([]);
  });

  it("would not take it with a word that Kubernetes does not know", async () => {
    const { exitCode, output } = await apply(manifest.replace("backoffLimit:", "backofLimit:"));
    expect(output).toContain('unknown field "spec.jobTemplate.spec.backofLimit"');
    expect(exitCode).toBe(1);
  });

  it("gives the job what it needs to test and to build, and nothing of anybody else's", async () => {
    const asked = [
      [SMOKE, "create", "pods", "yes"],
      [SMOKE, "create", "pods/exec", "yes"],
      [SMOKE, "get", "pods/log", "yes"],
      [SMOKE, "create", "deployments", "no"],
      [SMOKE, "get", "secrets", "no"],
      [BUILD, "create", "deployments", "yes"],
      [BUILD, "create", "pods", "no"],
      [BUILD, "get", "secrets", "no"],
      [OWN, "create", "pods", "no"],
      [OWN, "get", "secrets", "no"],
      ["kube-system", "get", "pods", "no"],
    ] as const;
    const answers = asked.map(async ([namespace, verb, what]) => {
      const { stdout } = await server.as(JOB, namespace)(["auth", "can-i", verb, what]);
      return [namespace, verb, what, stdout.trim()];
    });
    expect(await Promise.all(answers)).toEqual(asked);
  });

  it("lets the job make the Pods of smoke tests", async () => {
    await requirePods(SMOKE, server.as(JOB, SMOKE));
  });

  it("lets none in that is root", async () => {
    const pod = JSON.stringify(podManifest(sampleRequest())).replaceAll(
      '"runAsNonRoot":true',
      '"runAsNonRoot":false',
    );
    const { exitCode, output } = await server.as(JOB, SMOKE)(["create", "--filename", "-"], { input: pod });
    expect(output).toContain('violates PodSecurity "restricted');
    expect(exitCode).toBe(1);
  });

  it("refuses in words of which we know what to do", async () => {
    await expect(requirePods(OWN, server.as(JOB, OWN))).rejects.toThrow(
      "no Pod may be made in the namespace birdhouse: ",
    );
    await expect(requirePods(SMOKE, server.stranger(SMOKE))).rejects.toThrow(
      "kubectl has no credentials that the cluster takes: ",
    );
    const admin = (args: readonly string[], options: { input?: unknown } = {}) =>
      server.kubectl(["--namespace", "nowhere", ...args], String(options.input ?? ""));
    await expect(requirePods("nowhere", admin)).rejects.toThrow("the cluster has no namespace nowhere");
  });

  it("keeps a Pod from its beginning to its end, and says of it what we read", async () => {
    const opened = await openPods(SMOKE, server.as(JOB, SMOKE), QUICK);
    const { name: _, run: __, ...request } = sampleRequest();
    const opening = opened.open(request);
    const names = podManifest(sampleRequest()).spec?.containers.map(({ name }) => name) ?? [];
    await report({
      phase: "Running",
      containerStatuses: names.map((name) => ({
        ...{ name, image: "x", imageID: "x", ready: true, restartCount: 0 },
        state: { running: { startedAt: "2026-11-30T00:00:00Z" } },
      })),
    });
    const pod = await opening;
    expect(await pods()).toEqual([`pod/${pod.name}`]);
    expect(await pod.trouble()).toBeUndefined();
    await report({ phase: "Failed", reason: "Evicted", message: "The node was low on resource: memory." });
    expect(await pod.trouble()).toBe(
      `the Pod ${pod.name} was ended (Evicted): The node was low on resource: memory.`,
    );
    await pod.remove();
    expect(await pods()).toEqual([]);
  });

  it("keeps none that no node takes", async () => {
    const opened = await openPods(SMOKE, server.as(JOB, SMOKE), QUICK);
    const { name: _, run: __, ...request } = sampleRequest();
    const opening = expect(opened.open(request)).rejects.toThrow(
      /^no node takes the Pod birdhouse-lua-5-4-[0-9a-f]{8}: 0\/3 nodes are available$/,
    );
    const unscheduled = { type: "PodScheduled", status: "False", reason: "Unschedulable" };
    await report({ conditions: [{ ...unscheduled, message: "0/3 nodes are available" }] });
    await opening;
    expect(await pods()).toEqual([]);
  });

  it("has the Pods of a run that was killed removed by the next, and none of anybody else", async () => {
    const gone = processIdentity()?.replace(/\d+$/, "1") ?? "";
    const left = podManifest({ ...sampleRequest(), run: { label: "0123456789abcdef", identity: gone } });
    const [own] = Object.keys(LABELS);
    const metadata = { ...left.metadata, name: "not-ours", labels: { ...left.metadata?.labels } };
    delete metadata.labels[own ?? ""];
    for (const pod of [left, { ...left, metadata }]) {
      const made = await server.as(JOB, SMOKE)(["create", "--filename", "-"], { input: JSON.stringify(pod) });
      expect(made.exitCode, made.output).toBe(0);
    }
    expect(await pods()).toHaveLength(2);
    await openPods(SMOKE, server.as(JOB, SMOKE), QUICK);
    expect(await pods()).toEqual(["pod/not-ours"]);
  });
});

describe.skipIf(!peer)(titleOf(peer, "kube-scheduler"), () => {
  let server: KubeServer;

  beforeAll(async () => {
    server = await openKubeServer(programs ?? "");
    const manifest = await readFile(join(PROJECT, "schedule/kubernetes/cronjob.yaml"), "utf8");
    await server.kubectl(["apply", "--filename", "-"], manifest);
    await server.addNode("amd", "amd64", 1);
    await server.addNode("arm", "arm64", 1);
    await server.startScheduler();
  });
  afterAll(() => server?.close());

  const request = (platform: Platform) => ({ ...sampleRequest(), platform });
  /** The Pods that it gave to nodes, with these. */
  const placed = async () => {
    const column = '--output=jsonpath={range .items[*]}{.metadata.name} {.spec.nodeName}{"\\n"}{end}';
    const { stdout } = await server.kubectl(["--namespace", SMOKE, "get", "pods", column]);
    return stdout.trim().split("\n");
  };
  const make = async (platform: Platform) => {
    const pod = podManifest(request(platform));
    const made = await server.as(JOB, SMOKE)(["create", "--filename", "-"], { input: JSON.stringify(pod) });
    expect(made.exitCode, made.output).toBe(0);
    return pod.metadata?.name ?? "";
  };

  it.each([
    ["linux/arm64", "arm"],
    ["linux/amd64", "amd"],
  ] as const)("gives the Pod of %s to a node of it", async (platform, node) => {
    const name = await make(platform);
    await vi.waitFor(async () => expect(await placed()).toContain(`${name} ${node}`), { timeout: 30_000 });
    await server.kubectl(["--namespace", SMOKE, "delete", "pods", "--all", "--grace-period=0", "--force"]);
  });

  it("says that no node takes it where all of its platform are full, and which those are not", async () => {
    await make("linux/arm64");
    await vi.waitFor(async () => expect((await placed()).join()).toContain(" arm"), { timeout: 30_000 });
    const opened = await openPods(SMOKE, server.as(JOB, SMOKE), QUICK);
    const { name: _, run: __, ...second } = request("linux/arm64");
    await expect(opened.open(second)).rejects.toThrow(
      /^no node takes the Pod \S+: 0\/2 nodes are available: 1 Too many pods, 1 node\(s\) didn't match Pod's node affinity\/selector/,
    );
  });
});
