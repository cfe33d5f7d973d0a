import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { DEFAULT_ECR } from "../../../../scripts/catalog/ecr.ts";
import { digestOf } from "../../../../scripts/oci/digest.ts";
import { MEDIA_TYPE } from "../../../../scripts/oci/types.ts";
import { EcrApi } from "../../../../scripts/registry/ecr/api.ts";
import { EcrRegistry } from "../../../../scripts/registry/ecr/registry.ts";
import { type EcrFault, EcrStandIn } from "../../../support/ecr-stand-in.ts";
import { freePort } from "../../../support/world.ts";
import { startFakeRegistry } from "../fake-registry.ts";

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
    await registry.putManifest("base/node", "22", INDEX);
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
});
