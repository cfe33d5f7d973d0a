import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CronJob } from "kubernetes-types/batch/v1.js";
import type { ConfigMap, Namespace, ServiceAccount } from "kubernetes-types/core/v1.js";
import type { Role, RoleBinding } from "kubernetes-types/rbac/v1.js";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { tryRun } from "../../../scripts/system/process/process.ts";
import { PROJECT } from "../../support/workflows.ts";

const TEXT = readFileSync(join(PROJECT, "schedule/kubernetes/cronjob.yaml"), "utf8");
const DOCUMENTS = parseAllDocuments(TEXT).map((document) => document.toJS() as { kind: string });

function documentOf<T>(kind: string): T {
  return DOCUMENTS.find((document) => document.kind === kind) as T;
}

const namespace = documentOf<Namespace>("Namespace");
const account = documentOf<ServiceAccount>("ServiceAccount");
const role = documentOf<Role>("Role");
const binding = documentOf<RoleBinding>("RoleBinding");
const settings = documentOf<ConfigMap>("ConfigMap");
const cronJob = documentOf<CronJob>("CronJob");

/** Where the types of Kubernetes' own schema are, by kind; in the order of the file. */
const TYPES = {
  Namespace: "core/v1",
  ServiceAccount: "core/v1",
  Role: "rbac/v1",
  RoleBinding: "rbac/v1",
  ConfigMap: "core/v1",
  CronJob: "batch/v1",
};

/** A program that is right only where each document has the type of its kind: no key missing, misspelt or of another type. */
function programOf(documents: readonly unknown[]): string {
  const lines = Object.entries(TYPES).map(([kind, module], nth) => {
    const type = `import("kubernetes-types/${module}.js").${kind}`;
    return `export const document${nth}: ${type} = ${JSON.stringify(documents[nth])};\n`;
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
    expect(DOCUMENTS.map(({ kind }) => kind)).toEqual(Object.keys(TYPES));
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
    expect(["Allow", "Forbid", "Replace"]).toContain(cronJob.spec?.concurrencyPolicy);
  }, 60_000);

  it("goes beyond the baseline of the Pod Security Standards by SYS_ADMIN alone, and its namespace says so", () => {
    const pod = cronJob.spec?.jobTemplate.spec?.template.spec;
    const [container] = pod?.containers ?? [];
    const { securityContext } = container ?? {};
    // Source: Kubernetes, "Pod Security Standards", baseline: capabilities that may be added.
    const baseline =
      "AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE SETFCAP SETGID SETPCAP SETUID SYS_CHROOT";
    const { add = [], drop } = securityContext?.capabilities ?? {};
    expect(add.filter((one) => !baseline.split(" ").includes(one))).toEqual(["SYS_ADMIN"]);
    expect(drop).toEqual(["ALL"]);
    expect(securityContext).toMatchObject({
      allowPrivilegeEscalation: false,
      seccompProfile: { type: "RuntimeDefault" },
    });
    expect(securityContext?.privileged).toBeUndefined();
    expect(pod).not.toMatchObject({ hostNetwork: true });
    expect(pod?.volumes?.flatMap((volume) => Object.keys(volume)).sort()).toEqual([
      ...["emptyDir", "name", "name", "secret"],
    ]);
    expect(namespace.metadata?.labels).toEqual({
      "pod-security.kubernetes.io/enforce": "privileged",
      "pod-security.kubernetes.io/audit": "baseline",
      "pod-security.kubernetes.io/warn": "baseline",
    });
  });

  it("is as right with the role of EKS that stands in it as a comment", async () => {
    const text = TEXT.replace(/^ {2}# (annotations:\n) {2}# {3}(.*)$/m, "  $1    $2");
    const documents = parseAllDocuments(text).map((document) => document.toJS() as { kind: string });
    const own = documents.find(({ kind }) => kind === "ServiceAccount") as ServiceAccount;
    expect(Object.keys(own.metadata?.annotations ?? {})).toEqual(["eks.amazonaws.com/role-arn"]);
    expect(await complaintsOf({ "right.ts": programOf(documents) })).toEqual([]);
  }, 60_000);

  it("has no name that leads nowhere", () => {
    const pod = cronJob.spec?.jobTemplate.spec?.template.spec;
    const [container] = pod?.containers ?? [];
    expect(pod?.serviceAccountName).toBe(account.metadata?.name);
    expect(binding.roleRef).toMatchObject({ kind: "Role", name: role.metadata?.name });
    expect(binding.subjects?.[0]?.name).toBe(account.metadata?.name);
    expect(container?.envFrom?.[0]?.configMapRef?.name).toBe(settings.metadata?.name);
    const volumes = pod?.volumes?.map(({ name }) => name);
    expect(container?.volumeMounts?.map(({ name }) => name)).toEqual(volumes);
    const inNamespace = DOCUMENTS.slice(1) as { metadata?: { namespace?: string } }[];
    for (const { metadata } of inNamespace) expect(metadata?.namespace).toBe(namespace.metadata?.name);
  });
});
