import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CronJob, type ICronJob } from "kubernetes-models/batch/v1";
import {
  type IRole,
  type IRoleBinding,
  Role,
  RoleBinding,
} from "kubernetes-models/rbac.authorization.k8s.io/v1";
import {
  ConfigMap,
  type IConfigMap,
  type INamespace,
  type IServiceAccount,
  Namespace,
  ServiceAccount,
} from "kubernetes-models/v1";
import { describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { tryRun } from "../../../scripts/system/process/process.ts";
import { PROJECT } from "../../support/workflows.ts";

const TEXT = readFileSync(join(PROJECT, "schedule/kubernetes/cronjob.yaml"), "utf8");
const DOCUMENTS = parseAllDocuments(TEXT).map((document) => document.toJS() as { kind: string });

function documentOf<T>(kind: string): T {
  return DOCUMENTS.find((document) => document.kind === kind) as T;
}

const namespace = documentOf<INamespace>("Namespace");
const account = documentOf<IServiceAccount>("ServiceAccount");
const role = documentOf<IRole>("Role");
const binding = documentOf<IRoleBinding>("RoleBinding");
const settings = documentOf<IConfigMap>("ConfigMap");
const cronJob = documentOf<ICronJob>("CronJob");

describe("cronjob.yaml", () => {
  it("has these objects, and each is what Kubernetes' own schema asks for", () => {
    const models = [
      new Namespace(namespace),
      new ServiceAccount(account),
      new Role(role),
      new RoleBinding(binding),
      new ConfigMap(settings),
      new CronJob(cronJob),
    ];
    expect(models.map(({ kind }) => kind)).toEqual(DOCUMENTS.map(({ kind }) => kind));
    for (const model of models) expect(() => model.validate()).not.toThrow();
  });

  it("has no key that Kubernetes does not know: the types made of its schema take no other", async () => {
    const folder = join(PROJECT, ".birdhouse/test");
    mkdirSync(folder, { recursive: true });
    const check = async (job: unknown) => {
      const file = join(folder, `cronjob-${process.pid}.ts`);
      const typed = `import type { ICronJob } from "kubernetes-models/batch/v1";\n`;
      writeFileSync(file, `${typed}export const job: ICronJob = ${JSON.stringify(job)};\n`);
      try {
        const options = ["--ignoreConfig", "--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext"];
        return await tryRun([
          process.execPath,
          join(PROJECT, "node_modules/typescript/bin/tsc"),
          ...options,
          file,
        ]);
      } finally {
        rmSync(file);
      }
    };
    expect(await check(cronJob)).toMatchObject({ exitCode: 0, output: "" });
    const misspelt = parse(JSON.stringify(cronJob).replace("emptyDir", "emptyDri"));
    expect((await check(misspelt)).output).toContain("emptyDri");
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
