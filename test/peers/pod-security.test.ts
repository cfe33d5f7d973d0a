import { readFileSync } from "node:fs";
import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { CronJob } from "kubernetes-types/batch/v1.js";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { podManifest } from "../../scripts/engine/pods/manifest.ts";
import { run, tryRun } from "../../scripts/system/process/process.ts";
import { compiledOnce, goEnvironment, PEERS, titleOf } from "../support/peers.ts";
import { PROJECT } from "../support/workflows.ts";
import { sampleRequest } from "../unit/engine/pods/sample-pod.ts";

/** Of k8s.io/pod-security-admission: that of Kubernetes 1.32. */
const VERSION = "v0.32.4";

/**
 * What Kubernetes' API server itself asks about each Pod, made into a program: compiled by `make peers`, and then kept.
 * @returns undefined where it is not there and cannot be made
 */
async function admission(): Promise<string | undefined> {
  const folder = await compiledOnce(join(PEERS, `pod-security-${VERSION}`), async (work) => {
    const [source, result] = [join(work, "source"), join(work, "result")];
    for (const one of [source, result]) await mkdir(one, { recursive: true });
    await copyFile(join(PROJECT, "test/support/pod-security/main.go"), join(source, "main.go"));
    const options = { cwd: source, env: goEnvironment() };
    await run(["go", "mod", "init", "pod-security"], options);
    await run(["go", "get", `k8s.io/pod-security-admission@${VERSION}`], options);
    await run(["go", "build", "-o", join(result, "pod-security"), "."], options);
    return result;
  });
  return folder === undefined ? undefined : join(folder, "pod-security");
}

const program = await admission();
const peer = program === undefined ? undefined : { version: VERSION.replace("v", "") };

describe.skipIf(!peer)(titleOf(peer, "pod-security-admission"), () => {
  const admit = (pod: unknown) => tryRun([program ?? ""], { input: JSON.stringify(pod) });
  const pod = podManifest(sampleRequest());

  it("lets the Pod of a smoke test into a namespace with the restricted profile", async () => {
    expect(await admit(pod)).toMatchObject({ exitCode: 0, output: "" });
  });

  it("would not, if any of its containers were root", async () => {
    const text = JSON.stringify(pod).replace('"runAsUser":10001', '"runAsUser":0');
    const { exitCode, stdout } = await admit(JSON.parse(text));
    expect(stdout).toContain('runAsUser=0 (container "prepare" must not set runAsUser=0)');
    expect(exitCode).toBe(1);
  });

  it("lets the job in, too", async () => {
    const text = readFileSync(join(PROJECT, "schedule/kubernetes/cronjob.yaml"), "utf8");
    const job = parseAllDocuments(text)
      .map((document) => document.toJS() as CronJob)
      .find(({ kind }) => kind === "CronJob");
    const { spec } = job?.spec?.jobTemplate.spec?.template ?? {};
    expect(await admit({ apiVersion: "v1", kind: "Pod", metadata: { name: "job" }, spec })).toMatchObject({
      exitCode: 0,
      output: "",
    });
  });
});
