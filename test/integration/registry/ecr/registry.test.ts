import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { digestOf } from "../../../../scripts/formats/oci/digest.ts";
import { MEDIA_TYPE } from "../../../../scripts/formats/oci/types.ts";
import { DEFAULT_ECR } from "../../../../scripts/model/ecr.ts";
import { EcrApi } from "../../../../scripts/registry/ecr/api.ts";
import { refusalOf } from "../../../../scripts/registry/ecr/refusal.ts";
import { EcrRegistry } from "../../../../scripts/registry/ecr/registry.ts";
import { type EcrFault, EcrStandIn } from "../../../support/ecr-stand-in.ts";
import { startFakeRegistry } from "../../../support/fake-registry.ts";
import { freePort } from "../../../support/world.ts";
import { temporaryDirectory } from "../../../unit/formats/oci/sample-image.ts";

const bytes = Buffer.from('{"schemaVersion":2,"manifests":[]}');
const INDEX = { bytes, mediaType: MEDIA_TYPE.index, digest: digestOf(bytes) };

async function setUp() {
  const behind = await startFakeRegistry();
  const ecr = await EcrStandIn.open(`127.0.0.1:${await freePort()}`, behind.host);
  onTestFinished(() => ecr.close());
  vi.stubEnv("AWS_ENDPOINT_URL_ECR", `http://${ecr.host}`);
  const api = new EcrApi(ecr.host, "eu-west-1", undefined);
  const registry = new EcrRegistry(api, DEFAULT_ECR);
  const asked = () => ecr.actions.map(({ action }) => action);
  return { behind, ecr, api, registry, asked };
}

const fault =
  (action: string, type: string, message = type): EcrFault =>
  (asked) =>
    asked === action ? { status: 400, type, message } : undefined;

describe("Amazon ECR", () => {
  beforeEach(() => {
    vi.stubEnv("AWS_ACCESS_KEY_ID", "an-id");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "a-secret");
    vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
  });
  afterEach(() => vi.unstubAllEnvs());

  it("makes a repository before the first push to it, and only then", async () => {
    const { registry, asked } = await setUp();
    await registry.putManifest("base/node", "22", INDEX);
    await registry.putManifest("base/node", "latest", INDEX);
    expect(asked()).toEqual(["CreateRepository", "PutLifecyclePolicy", "GetAuthorizationToken"]);
  });

  it("leaves one that is there as it is", async () => {
    const { registry, ecr, asked } = await setUp();
    ecr.repositories.set("base/node", {});
    await registry.putManifest("base/node", "22", INDEX);
    expect(asked()).toEqual(["CreateRepository", "GetAuthorizationToken"]);
  });

  it("pushes into one that is there, though it may not make any", async () => {
    const { registry, ecr } = await setUp();
    ecr.repositories.set("base/node", {});
    ecr.fault = fault("CreateRepository", "AccessDeniedException");
    await registry.putManifest("base/node", "22", INDEX);
    expect((await registry.getManifest("base/node", "22"))?.digest).toBe(INDEX.digest);
  });

  it("says which right is missing where there is none", async () => {
    const { registry, ecr } = await setUp();
    ecr.fault = fault("CreateRepository", "AccessDeniedException", "x is not authorized");
    await expect(registry.putManifest("base/node", "22", INDEX)).rejects.toMatchObject({
      name: "UserError",
      message: expect.stringContaining("x is not authorized"),
      hint: expect.stringContaining("allow ecr:CreateRepository"),
    });
  });

  it("waits where it is throttled", async () => {
    const { registry, ecr } = await setUp();
    const throttled = fault("CreateRepository", "ThrottlingException", "Rate exceeded");
    let times = 0;
    ecr.fault = (action, input) => (times++ < 1 ? throttled(action, input) : undefined);
    // The SDK's own waits pass two hundred times as fast.
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"], now: Date.now() });
    const passing = setInterval(() => vi.advanceTimersByTime(1000), 5);
    onTestFinished(() => {
      clearInterval(passing);
      vi.useRealTimers();
    });
    const start = Date.now();
    await registry.putManifest("base/node", "22", INDEX);
    expect(Date.now()).toBeGreaterThan(start);
    expect(ecr.repositories.has("base/node")).toBe(true);
  });

  it("reads what is asked for at one moment a hundred at a time", async () => {
    const { registry, ecr, asked } = await setUp();
    await registry.putManifest("base/node", "22", INDEX);
    ecr.actions.length = 0;
    const tags = Array.from({ length: 120 }, (_, number) => (number === 110 ? "22" : `no-${number}`));
    const found = await Promise.all(tags.map((tag) => registry.getManifest("base/node", tag)));
    expect(found.map((manifest) => manifest?.digest).indexOf(INDEX.digest)).toBe(110);
    expect(asked()).toEqual(["BatchGetImage", "BatchGetImage"]);
  });

  it("has nothing where there is no such repository", async () => {
    const { registry } = await setUp();
    expect(await registry.getManifest("base/none", "22")).toBeUndefined();
  });

  it("logs in anew half an hour before a login ends", async () => {
    const { api, ecr } = await setUp();
    const ends = Date.UTC(2026, 10, 25, 12);
    ecr.loginEnds = new Date(ends);
    expect((await api.login()).renewAt).toBe(ends - 30 * 60 * 1000);
  });

  it("says what is wrong with credentials that ECR does not take", async () => {
    const { registry, ecr } = await setUp();
    ecr.fault = fault("BatchGetImage", "UnrecognizedClientException", "The security token is invalid.");
    await expect(registry.getManifest("base/node", "22")).rejects.toMatchObject({
      name: "UserError",
      message: expect.stringContaining("The security token is invalid."),
      hint: expect.stringContaining("AWS_PROFILE"),
    });
  });

  it("moves no tag of a build, and all others", async () => {
    const { registry } = await setUp();
    const other = Buffer.from('{"schemaVersion":2,"manifests":[],"annotations":{}}');
    const moved = { bytes: other, mediaType: MEDIA_TYPE.index, digest: digestOf(other) };
    for (const tag of ["22", "3-rc", "22-r0-4f0c6a1b9d3e"])
      await registry.putManifest("base/node", tag, INDEX);
    await registry.putManifest("base/node", "22", moved);
    await registry.putManifest("base/node", "3-rc", moved);
    await expect(registry.putManifest("base/node", "22-r0-4f0c6a1b9d3e", moved)).rejects.toThrow(
      /TAG_INVALID The image tag '22-r0-4f0c6a1b9d3e' already exists/,
    );
  });

  it.each([false, true])(
    "removes what is asked for, by its own way where there is no other: %s",
    async (own) => {
      const { registry, ecr, asked } = await setUp();
      ecr.deletesByItsOwnWayOnly = own;
      await registry.putManifest("base/node", "22", INDEX);
      expect(await registry.deleteManifest("base/node", "22")).toBe(true);
      expect(await registry.getManifest("base/node", "22")).toBeUndefined();
      expect(await registry.deleteManifest("base/node", "22")).toBe(false);
      expect(await registry.deleteManifest("base/none", "22")).toBe(false);
      expect(asked().includes("BatchDeleteImage")).toBe(own);
    },
  );

  it("asks nothing of ECR that it cannot have, and says so", async () => {
    const { registry, asked } = await setUp();
    for (const repository of ["base/a--b", "x", `base/${"n".repeat(255)}`]) {
      const asks = [
        () => registry.getManifest(repository, "22"),
        () => registry.putManifest(repository, "22", INDEX),
      ];
      for (const ask of asks) {
        await expect(ask()).rejects.toMatchObject({
          name: "UserError",
          message: expect.stringContaining(`ECR has no repository "${repository}"`),
        });
      }
    }
    expect(asked()).toEqual([]);
  });

  it("tells what to do where an account may have no more", () => {
    const limit = Object.assign(new Error("too many"), { name: "LimitExceededException" });
    const question = { host: "ecr.example", action: "CreateRepository", repository: "base/node" };
    expect(refusalOf(question, limit)).toMatchObject({
      message: "ecr.example/base/node: ECR refuses CreateRepository: too many",
      hint: expect.stringContaining("Service Quotas"),
    });
  });

  it("takes a repository's policy within the bounds only", async () => {
    const { api } = await setUp();
    const file = join(await temporaryDirectory(), "policy.json");
    const registry = new EcrRegistry(api, { ...DEFAULT_ECR, repositoryPolicy: file });
    await writeFile(file, JSON.stringify({ Version: "x".repeat(10_240) }));
    await expect(registry.putManifest("base/node", "22", INDEX)).rejects.toMatchObject({
      name: "UserError",
      message: expect.stringMatching(/policy\.json: .*it has 10254 characters, and ECR takes 10240/),
    });
  });

  it.each([
    ["InvalidParameterException", "UserError", "see `registry`, `ecr` and the names"],
    ["ValidationException", "UserError", "untaggedDays"],
    ["KmsException", "UserError", "ecr.kmsKey"],
    ["SignatureDoesNotMatch", "UserError", "AWS_PROFILE"],
    ["TooManyTagsException", "RegistryError", undefined],
    ["SomethingNewException", "RegistryError", undefined],
  ])("tells in words what ECR refuses: %s", async (type, name, hint) => {
    const { registry, ecr } = await setUp();
    ecr.fault = fault("CreateRepository", type, "no such luck");
    const failure = await registry.putManifest("base/node", "22", INDEX).catch((error: unknown) => error);
    expect(failure).toMatchObject({ name, ...(hint && { hint: expect.stringContaining(hint) }) });
    expect(String(failure)).toContain(`${ecr.host}/base/node`);
    expect(String(failure)).toContain("no such luck");
  });
});
