import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CronJob } from "kubernetes-types/batch/v1.js";
import type { ConfigMap, Container, Namespace, PodSpec, ServiceAccount } from "kubernetes-types/core/v1.js";
import type { NetworkPolicy } from "kubernetes-types/networking/v1.js";
import type { Role, RoleBinding } from "kubernetes-types/rbac/v1.js";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { podManifest } from "../../../scripts/engine/pods/manifest.ts";
import { tryRun } from "../../../scripts/system/process/process.ts";
import { PROJECT } from "../../support/workflows.ts";
import { sampleRequest } from "../../unit/engine/pods/sample-pod.ts";

const TEXT = readFileSync(join(PROJECT, "schedule/kubernetes/cronjob.yaml"), "utf8");
const DOCUMENTS = parseAllDocuments(TEXT).map((document) => document.toJS() as { kind: string });

/** All documents of a kind, in the order of the file. */
function documentsOf<T>(kind: string): T[] {
  return DOCUMENTS.filter((document) => document.kind === kind) as T[];
}

const namespaces = documentsOf<Namespace>("Namespace");
const [account, pulling] = documentsOf<ServiceAccount>("ServiceAccount");
const roles = documentsOf<Role>("Role");
const bindings = documentsOf<RoleBinding>("RoleBinding");
const policies = documentsOf<NetworkPolicy>("NetworkPolicy");
const [settings] = documentsOf<ConfigMap>("ConfigMap");
const [cronJob] = documentsOf<CronJob>("CronJob");
const pod = cronJob?.spec?.jobTemplate.spec?.template.spec;

/** Where the types of Kubernetes' own schema are, by kind. */
const TYPES: Readonly<Record<string, string>> = {
  Namespace: "core/v1",
  ServiceAccount: "core/v1",
  Role: "rbac/v1",
  RoleBinding: "rbac/v1",
  NetworkPolicy: "networking/v1",
  ConfigMap: "core/v1",
  CronJob: "batch/v1",
  Pod: "core/v1",
};

/** A program that is right only where each document has the type of its kind: no key missing, misspelt or of another type. */
function programOf(documents: readonly { kind: string }[]): string {
  const lines = documents.map((document, nth) => {
    const type = `import("kubernetes-types/${TYPES[document.kind]}.js").${document.kind}`;
    return `export const document${nth}: ${type} = ${JSON.stringify(document)};\n`;
  });
  return lines.join("");
}

/** What the compiler says of programs: their files' names → its lines. */
async function complaintsOf(programs: Readonly<Record<string, string>>): Promise<string[]> {
  const parent = join(PROJECT, ".birdhouse/test");
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, "kubernetes-"));
  try {
    const files = Object.entries(programs).map(([name, text]) => {
      const file = join(folder, name);
      writeFileSync(file, text);
      return file;
    });
    const tsc = join(PROJECT, "node_modules/typescript/bin/tsc");
    const options = ["--ignoreConfig", "--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext"];
    const { output } = await tryRun([process.execPath, tsc, ...options, "--pretty", "false", ...files]);
    return output.split("\n").filter((line) => line !== "");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe("cronjob.yaml", () => {
  it("has these objects, each as Kubernetes' own schema has it, and without a key that is not in there", async () => {
    expect(new Set(DOCUMENTS.map(({ kind }) => kind))).toEqual(
      new Set(Object.keys(TYPES).filter((kind) => kind !== "Pod")),
    );
    const wrong = (from: string, to: string) =>
      programOf(JSON.parse(JSON.stringify(DOCUMENTS).replace(from, to)));
    const complaints = await complaintsOf({
      "right.ts": programOf(DOCUMENTS),
      "key.ts": wrong("emptyDir", "emptyDri"),
      "type.ts": wrong('"backoffLimit":0', '"backoffLimit":"0"'),
      "missing.ts": wrong('"schedule":"17 3 * * *",', ""),
    });
    const first = ["key.ts", "missing.ts", "type.ts"].map((name) =>
      complaints.find((line) => line.includes(name)),
    );
    expect(first).toEqual([
      expect.stringContaining("emptyDri"),
      expect.stringContaining("schedule"),
      expect.stringContaining("'string' is not assignable to type 'number'"),
    ]);
    expect(complaints.filter((line) => line.includes("right.ts"))).toEqual([]);
    expect(["Allow", "Forbid", "Replace"]).toContain(cronJob?.spec?.concurrencyPolicy);
  }, 60_000);

  it("has the job and the smoke tests let in by the restricted profile, and only the builders by another", () => {
    const enforced = namespaces.map(({ metadata }) => [
      metadata?.name,
      metadata?.labels?.["pod-security.kubernetes.io/enforce"],
    ]);
    expect(Object.fromEntries(enforced)).toEqual({
      birdhouse: "restricted",
      "birdhouse-smoke": "restricted",
      "birdhouse-build": "privileged",
    });
    expect(settings?.data?.BUILDER_OPTIONS).toContain("namespace=birdhouse-build,");
    expect(settings?.data?.SMOKE_PODS).toBe("birdhouse-smoke");
  });

  it("has a job that the restricted profile lets in", () => {
    expect(notRestricted(pod)).toEqual([]);
    const [container] = pod?.containers ?? [];
    const asRoot = { ...container, securityContext: { ...container?.securityContext, runAsUser: 0 } };
    const asBefore = {
      ...container,
      securityContext: { capabilities: { drop: ["ALL"], add: ["SYS_ADMIN"] } },
    };
    expect(notRestricted({ ...pod, containers: [asRoot as Container] })).toEqual(["root"]);
    expect(notRestricted({ ...pod, containers: [asBefore as Container] })).toEqual([
      "escalation",
      "SYS_ADMIN",
    ]);
  });

  it("lets smoke tests do what they ask kubectl for, in their namespace and no other", () => {
    const smoke = roles.find(({ metadata }) => metadata?.namespace === "birdhouse-smoke");
    const rights = smoke?.rules?.map(({ resources, verbs }) => [resources?.join(), verbs.join()]);
    expect(rights).toEqual([
      ["pods", "create,delete,get,list"],
      ["pods/exec", "create,get"],
      ["pods/log", "get"],
    ]);
    expect(roles.map(({ metadata }) => metadata?.namespace)).toEqual(["birdhouse-build", "birdhouse-smoke"]);
    expect(pulling?.metadata).toEqual({ name: "default", namespace: "birdhouse-smoke" });
    expect(pulling?.automountServiceAccountToken).toBe(false);
  });

  it("closes the network to smoke tests by the label that each Pod of them has", () => {
    const labels = [false, true].map(
      (needsNetwork) =>
        podManifest({ ...sampleRequest(), needsNetwork }).metadata?.labels?.["birdhouse/network"],
    );
    expect(policies.map(({ spec }) => spec?.podSelector.matchLabels)).toEqual(
      labels.map((label) => ({ "birdhouse/network": label })),
    );
    for (const { spec } of policies) expect(spec?.policyTypes).toEqual(["Ingress", "Egress"]);
    expect(policies.map(({ spec }) => spec?.egress?.length ?? 0)).toEqual([0, 2]);
  });

  it("is as right with the role of EKS that stands in it as a comment", async () => {
    const text = TEXT.replace(/^ {2}# (annotations:\n) {2}# {3}(.*)$/m, "  $1    $2");
    const documents = parseAllDocuments(text).map((document) => document.toJS() as { kind: string });
    const own = documents.find(({ kind }) => kind === "ServiceAccount") as ServiceAccount;
    expect(Object.keys(own.metadata?.annotations ?? {})).toEqual(["eks.amazonaws.com/role-arn"]);
    expect(await complaintsOf({ "right.ts": programOf(documents) })).toEqual([]);
  }, 60_000);

  it("has no name that leads nowhere", () => {
    const [container] = pod?.containers ?? [];
    expect(pod?.serviceAccountName).toBe(account?.metadata?.name);
    for (const [nth, { roleRef, subjects, metadata }] of bindings.entries()) {
      expect(roleRef).toMatchObject({ kind: "Role", name: roles[nth]?.metadata?.name });
      expect(metadata?.namespace).toBe(roles[nth]?.metadata?.namespace);
      expect(subjects?.[0]).toMatchObject({ name: account?.metadata?.name, namespace: "birdhouse" });
    }
    expect(container?.envFrom?.[0]?.configMapRef?.name).toBe(settings?.metadata?.name);
    expect(container?.volumeMounts?.map(({ name }) => name)).toEqual(pod?.volumes?.map(({ name }) => name));
    const names = namespaces.map(({ metadata }) => metadata?.name);
    const inNamespace = DOCUMENTS.slice(names.length) as { metadata?: { namespace?: string } }[];
    for (const { metadata } of inNamespace) expect(names).toContain(metadata?.namespace);
  });
});

describe("the Pod of a smoke test", () => {
  it("is as Kubernetes' own schema has it, and let in by the restricted profile", async () => {
    const manifest = { kind: "Pod", ...podManifest(sampleRequest()) };
    expect(await complaintsOf({ "right.ts": programOf([manifest]) })).toEqual([]);
    expect(notRestricted(manifest.spec)).toEqual([]);
  }, 60_000);
});

/**
 * What of a Pod the restricted profile would not let in, in a word each.
 * Source: Kubernetes, "Pod Security Standards", Restricted; what of it our Pods could break
 */
function notRestricted(spec: PodSpec | undefined): string[] {
  const found: string[] = [];
  const volumes = ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "projected", "secret"];
  for (const volume of spec?.volumes ?? [])
    found.push(...Object.keys(volume).filter((key) => key !== "name" && !volumes.includes(key)));
  for (const { securityContext: own } of [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])]) {
    const all = { ...spec?.securityContext, ...own };
    if (all.runAsNonRoot !== true || all.runAsUser === 0) found.push("root");
    if (own?.allowPrivilegeEscalation !== false) found.push("escalation");
    if (all.seccompProfile?.type !== "RuntimeDefault") found.push("seccomp");
    if (!own?.capabilities?.drop?.includes("ALL")) found.push("capabilities");
    found.push(...(own?.capabilities?.add ?? []).filter((one) => one !== "NET_BIND_SERVICE"));
    if (own?.privileged) found.push("privileged");
  }
  if (spec?.hostNetwork || spec?.hostPID || spec?.hostIPC) found.push("host");
  return found;
}
