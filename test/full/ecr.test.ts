import { writeFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { openLocalRegistry } from "../../scripts/registry/local.ts";
import { tryRun } from "../../scripts/system/process/process.ts";
import { smallCatalog } from "../support/catalogs.ts";
import { EcrStandIn } from "../support/ecr-stand-in.ts";
import { rememberBuilds } from "../support/remembered-builds.ts";
import { type Document, freePort, World } from "../support/world.ts";

rememberBuilds();

const POLICY = JSON.stringify({ Version: "2012-10-17", Statement: [] });
const ECR = `ecr: { region: eu-west-1, repositoryPolicy: policy.json }\n`;

describe("Amazon ECR, through the real SDK", () => {
  let world: World;
  let ecr: EcrStandIn;
  let closeRegistry: () => Promise<unknown>;

  beforeAll(async () => {
    world = await World.open(ECR + smallCatalog(["lua"]));
    await writeFile(world.path("policy.json"), POLICY);
    const behind = `127.0.0.1:${await freePort()}`;
    const directory = world.path("state/registry");
    closeRegistry = await openLocalRegistry({ host: behind, directory, note: () => {} });
    ecr = await EcrStandIn.open(world.registryHost, behind);
  });
  afterEach(() => {
    ecr.fault = () => undefined;
    ecr.actions.length = 0;
  });
  afterAll(async () => {
    await ecr?.close();
    await closeRegistry?.();
    await world?.close();
  });

  async function run(command: string, ...args: readonly string[]) {
    const env = {
      AWS_ENDPOINT_URL_ECR: `http://${world.registryHost}`,
      AWS_ACCESS_KEY_ID: "an-id",
      AWS_SECRET_ACCESS_KEY: "a-secret",
      AWS_EC2_METADATA_DISABLED: "true",
    };
    const { exitCode, stdout, stderr } = await tryRun(world.commandLine(command, "--json", ...args), { env });
    const document = stdout.startsWith("{") ? (JSON.parse(stdout) as Document) : undefined;
    return { exitCode, document, stderr };
  }
  const asked = (action: string) => ecr.actions.filter((one) => one.action === action);

  it("says which permission is missing", async () => {
    ecr.fault = (action) =>
      action === "BatchGetImage"
        ? {
            status: 400,
            type: "AccessDeniedException",
            message: "User: arn:aws:iam::1:user/x is not authorized",
          }
        : undefined;
    const { exitCode, stderr } = await run("plan");
    expect(stderr).toContain("arn:aws:iam::1:user/x is not authorized");
    expect(stderr).toContain("→ allow ecr:BatchGetImage");
    expect(exitCode).toBe(2);
  });

  it("makes repositories on demand, each once, and publishes into them", async () => {
    const { exitCode, document, stderr } = await run("rebuild", "--engine", "buildah");
    expect(
      document?.outcomes.filter(({ status }) => status !== "done"),
      stderr,
    ).toEqual([]);
    expect(exitCode).toBe(0);
    const made = ecr.repositories.get("test/lua");
    expect(made).toMatchObject({
      imageTagMutability: "MUTABLE_WITH_EXCLUSION",
      imageTagMutabilityExclusionFilters: [0, 1, 2, 3, 4].map((build) => ({
        filterType: "WILDCARD",
        filter: `*-r${build}-*`,
      })),
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfiguration: { encryptionType: "AES256" },
    });
    expect(asked("CreateRepository").filter(({ input }) => input.repositoryName === "test/lua")).toHaveLength(
      1,
    );
    expect(ecr.policies.get("test/lua")).toBe(POLICY);
    expect(JSON.parse(ecr.lifecycles.get("test/lua") ?? "")).toMatchObject({
      rules: [{ selection: { tagStatus: "untagged", countNumber: 14 } }],
    });
  });

  it("plans with a call for a hundred tags, finds nothing to do, and leaves a repository as it is", async () => {
    ecr.passed.length = 0;
    const { exitCode, document } = await run("plan");
    expect(document?.plan.filter(({ rebuild }) => rebuild)).toEqual([]);
    expect(exitCode).toBe(0);
    expect(asked("BatchGetImage")).toHaveLength(1);
    expect(ecr.passed.filter((line) => line.includes("/lua/"))).toEqual([]);
    await run("rebuild", "lua:5.4", "--force", "--engine", "buildah");
    const created = asked("CreateRepository").map(({ input }) => input.repositoryName);
    expect(new Set(created).size).toBe(created.length);
  });

  it("waits where it is throttled", async () => {
    let throttled = 0;
    ecr.fault = (action) =>
      action === "BatchGetImage" && throttled++ < 3
        ? { status: 400, type: "ThrottlingException", message: "Rate exceeded" }
        : undefined;
    const { exitCode, document } = await run("plan");
    expect(exitCode).toBe(0);
    expect(document?.plan.filter(({ rebuild }) => rebuild)).toEqual([]);
    expect(throttled).toBe(4);
  });

  it("logs in anew when a token ends in the middle of a run", async () => {
    ecr.fault = (action, input) => {
      // The lock has been written by then, with the token of the beginning; it is given back with another.
      const isIn = asked("GetAuthorizationToken").length === 1;
      if (isIn && action === "BatchGetImage" && input.repositoryName === "test/lua") ecr.endTokens();
      return undefined;
    };
    const { exitCode, document, stderr } = await run("rebuild", "--force", "lua:5.4", "--engine", "buildah");
    expect(
      document?.outcomes.filter(({ status }) => status !== "done"),
      stderr,
    ).toEqual([]);
    expect(exitCode).toBe(0);
    expect(asked("GetAuthorizationToken").length).toBeGreaterThan(1);
  });
});
