import { ECR } from "@aws-sdk/client-ecr";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { digestOf } from "../../scripts/formats/oci/digest.ts";
import { DEFAULT_ECR } from "../../scripts/model/ecr.ts";
import { EcrApi } from "../../scripts/registry/ecr/api.ts";
import { EcrRegistry } from "../../scripts/registry/ecr/registry.ts";
import { lifecycle } from "../../scripts/registry/ecr/rules.ts";
import { Moto } from "../support/moto.ts";
import { titleOf } from "../support/peers.ts";

const INDEX = "application/vnd.oci.image.index.v1+json";
const POLICY = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Sid: "pull", Effect: "Allow", Principal: "*", Action: ["ecr:BatchGetImage"] }],
});

const moto = await Moto.open();

/*
 * Where moto 5.1 differs from what Amazon documents, so that these tests go round it: an image with several tags is given
 * back under one of them, whichever was asked for (Amazon: under the tag that was asked for); BatchGetImage leaves out
 * imageManifestMediaType; filters of tags that may not move are kept, and not obeyed.
 */
describe.skipIf(!moto)(titleOf(moto, "moto"), () => {
  let api: EcrApi;
  /** The SDK itself, to see what the server has made of our requests. */
  let direct: ECR;

  beforeAll(() => {
    for (const [name, value] of Object.entries(moto?.env ?? {})) vi.stubEnv(name, value);
    api = new EcrApi(moto?.host ?? "", moto?.region ?? "", undefined);
    direct = new ECR({ region: moto?.region ?? "" });
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await moto?.close();
  });

  const put = async (
    repositoryName: string,
    imageTag: string,
    text: string,
    digest = digestOf(Buffer.from(text)),
  ) => {
    const manifest = { imageManifest: text, imageManifestMediaType: INDEX, imageDigest: digest };
    await direct.putImage({ repositoryName, imageTag, ...manifest });
    return digest;
  };
  const manifestOf = (name: string) =>
    JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: [], annotations: { name } });

  it("gives a login as AWS, with a password and an end", async () => {
    const { credentials, renewAt } = await api.login();
    expect(credentials).toEqual({ username: "AWS", password: expect.stringMatching(/\S/) });
    expect(renewAt).toEqual(expect.any(Number));
  });

  it("makes a repository as the catalog asks: scanned, encrypted, its builds' tags fixed", async () => {
    await api.ensureRepository("peers/made", { ...DEFAULT_ECR, scanOnPush: true });
    const { repositories: [made] = [] } = await direct.describeRepositories({
      repositoryNames: ["peers/made"],
    });
    expect(made?.imageScanningConfiguration?.scanOnPush).toBe(true);
    expect(made?.encryptionConfiguration?.encryptionType).toBe(DEFAULT_ECR.encryption);
    expect(made?.imageTagMutability).toBe("MUTABLE_WITH_EXCLUSION");
  });

  it("takes a key of KMS", async () => {
    const kmsKey = `arn:aws:kms:${moto?.region}:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
    await api.ensureRepository("peers/kms", { ...DEFAULT_ECR, encryption: "KMS", kmsKey });
    const { repositories: [made] = [] } = await direct.describeRepositories({
      repositoryNames: ["peers/kms"],
    });
    expect(made?.encryptionConfiguration).toMatchObject({ encryptionType: "KMS", kmsKey });
  });

  it("leaves a repository that is there as it is", async () => {
    await direct.createRepository({ repositoryName: "peers/theirs", imageTagMutability: "IMMUTABLE" });
    await api.ensureRepository("peers/theirs", DEFAULT_ECR, POLICY);
    const { repositories: [theirs] = [] } = await direct.describeRepositories({
      repositoryNames: ["peers/theirs"],
    });
    expect(theirs?.imageTagMutability).toBe("IMMUTABLE");
    await expect(direct.getRepositoryPolicy({ repositoryName: "peers/theirs" })).rejects.toMatchObject({
      name: "RepositoryPolicyNotFoundException",
    });
  });

  it("takes the rule that removes what no tag names, and refuses one that is wrong", async () => {
    await api.ensureRepository("peers/rules", { ...DEFAULT_ECR, untaggedDays: 21 });
    const repositoryName = "peers/rules";
    expect(await moto?.lifecycleOf(repositoryName)).toEqual(JSON.parse(lifecycle(21)));
    const wrong = lifecycle(21).replace("sinceImagePushed", "sinceImageWished");
    await expect(direct.putLifecyclePolicy({ repositoryName, lifecyclePolicyText: wrong })).rejects.toThrow(
      /Invalid parameter at 'LifecyclePolicyText'/,
    );
  });

  it("takes a repository's policy, and what it says of a wrong one is told", async () => {
    await api.ensureRepository("peers/policy", DEFAULT_ECR, POLICY);
    const { policyText = "" } = await direct.getRepositoryPolicy({ repositoryName: "peers/policy" });
    expect(JSON.parse(policyText)).toEqual(JSON.parse(POLICY));
    await expect(api.ensureRepository("peers/wrong", DEFAULT_ECR, "{}")).rejects.toThrow(
      /ECR refuses SetRepositoryPolicy: .*Invalid repository policy provided/s,
    );
  });

  it("is asked for a hundred tags a call, and all that are there are found", async () => {
    await api.ensureRepository("peers/tags", DEFAULT_ECR);
    const tags = Array.from({ length: 130 }, (_, index) => `1.${index}`);
    const digests = new Map<string, string>();
    for (const tag of tags) digests.set(tag, await put("peers/tags", tag, manifestOf(tag)));
    const registry = new EcrRegistry(api, DEFAULT_ECR);
    const calls = vi.spyOn(api, "images");
    const found = await Promise.all(
      [...tags, "absent"].map((tag) => registry.getManifest("peers/tags", tag)),
    );
    expect(calls.mock.calls.map(([, asked]) => asked.length)).toEqual([100, 31]);
    expect(found.map((manifest) => manifest?.digest)).toEqual([...digests.values(), undefined]);
    expect(await registry.getManifest("peers/tags", `sha256:${"0".repeat(64)}`)).toBeUndefined();
    calls.mockRestore();
  });

  it("is not believed where the bytes are not those of the digest", async () => {
    await api.ensureRepository("peers/altered", DEFAULT_ECR);
    const text = manifestOf("altered");
    await put("peers/altered", "1", text.replace("altered", "alterer"), digestOf(Buffer.from(text)));
    const registry = new EcrRegistry(api, DEFAULT_ECR);
    await expect(registry.getManifest("peers/altered", "1")).rejects.toThrow(/ECR gave other bytes/);
  });

  it("removes a tag and an image, and what is not there is no failure", async () => {
    await api.ensureRepository("peers/removed", DEFAULT_ECR);
    const digest = await put("peers/removed", "1", manifestOf("one"));
    await put("peers/removed", "2", manifestOf("two"));
    expect(await api.remove("peers/removed", "2")).toBe(true);
    expect(await api.remove("peers/removed", "2")).toBe(false);
    expect(await api.images("peers/removed", ["1"])).toHaveLength(1);
    expect(await api.remove("peers/removed", digest)).toBe(true);
    expect(await api.images("peers/removed", ["1", digest])).toEqual([]);
    expect(await api.remove("peers/removed", digest)).toBe(false);
    expect(await api.remove("peers/none", "1")).toBe(false);
  });

  it("has nothing of a repository that is not there", async () => {
    expect(await api.images("peers/none", ["latest"])).toEqual([]);
  });
});
