import { describe, expect, it } from "vitest";
import { loadCatalog } from "../../../../scripts/catalog/load.ts";
import { DEFAULT_ECR, type EcrSettings } from "../../../../scripts/model/ecr.ts";
import { buildTag } from "../../../../scripts/model/tags.ts";
import { historyTag } from "../../../../scripts/publish/history.ts";
import { creation, lifecycle, repositoryNameProblem } from "../../../../scripts/registry/ecr/rules.ts";
import { type EcrInput, ecrProblem, isFixedTag } from "../../../support/ecr-bounds.ts";
import { digest } from "../../report/sample-outcomes.ts";

/** Whether ECR would keep a tag from being moved. */
const isFixed = (tag: string) => isFixedTag(tag, creation(DEFAULT_ECR) as EcrInput);

describe("a repository in ECR", () => {
  it("keeps the tag of a build from being moved, and no tag that has to move", async () => {
    for (const variant of ["runtime", "dev"] as const) {
      expect(isFixed(buildTag(variant, "22.16.0-r2", digest("a")))).toBe(true);
    }
    const { targets } = await loadCatalog("catalog.yaml");
    const moving = targets.flatMap(({ tags }) => tags.flatMap((tag) => [tag, historyTag(tag)]));
    const beside = ["lock", digest("a").replace(":", "-"), `${digest("b").replace(":", "-")}.sig`];
    // What no catalog of ours has, and another may.
    const others = ["3-rc", "9-rootless", "8-ruby-dev", "2-r", "1.0-r2", "7-r1.history"];
    expect([...moving, ...beside, ...others].filter((one) => isFixed(one))).toEqual([]);
  });

  it("is asked for within the bounds that ECR documents (R1)", () => {
    const settings: EcrSettings[] = [
      DEFAULT_ECR,
      { ...DEFAULT_ECR, encryption: "KMS", kmsKey: "k".repeat(2048) },
      { ...DEFAULT_ECR, encryption: "KMS" },
      { ...DEFAULT_ECR, untaggedDays: 1 },
      { ...DEFAULT_ECR, untaggedDays: 3650 },
    ];
    for (const one of settings) {
      const input = { repositoryName: "base/node", ...creation(one) } as EcrInput;
      expect(ecrProblem("CreateRepository", input)).toBeUndefined();
      const lifecyclePolicyText = lifecycle(one.untaggedDays);
      expect(
        ecrProblem("PutLifecyclePolicy", { repositoryName: "base/node", lifecyclePolicyText }),
      ).toBeUndefined();
    }
  });

  it.each([
    ["base/node", true],
    ["a", false],
    ["n".repeat(256), true],
    ["n".repeat(257), false],
    ["base/a--b", false],
    ["base/a__b", false],
    ["base/a.b-c_d", true],
    ["base//node", false],
    ["2base/node", true],
  ])("is called as ECR has it: %s", (repositoryName, isTaken) => {
    expect(repositoryNameProblem(repositoryName) === undefined).toBe(isTaken);
    expect(ecrProblem("SetRepositoryPolicy", { repositoryName, policyText: "{}" }) === undefined).toBe(
      isTaken,
    );
  });

  it("is scanned and encrypted as the catalog says", () => {
    const made = creation({ ...DEFAULT_ECR, scanOnPush: false, encryption: "KMS", kmsKey: "arn:aws:kms:x" });
    expect(made).toMatchObject({
      imageScanningConfiguration: { scanOnPush: false },
      encryptionConfiguration: { encryptionType: "KMS", kmsKey: "arn:aws:kms:x" },
    });
    expect(creation(DEFAULT_ECR)).toMatchObject({
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfiguration: { encryptionType: "AES256" },
    });
  });

  it("forgets what has no tag, and never an image that has one", () => {
    const { rules } = JSON.parse(lifecycle(30)) as { rules: { selection: object }[] };
    expect(rules.map(({ selection }) => selection)).toEqual([
      { tagStatus: "untagged", countType: "sinceImagePushed", countUnit: "days", countNumber: 30 },
    ]);
  });
});
