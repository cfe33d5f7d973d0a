import { describe, expect, it } from "vitest";
import { DEFAULT_ECR } from "../../../../scripts/catalog/ecr.ts";
import { loadCatalog } from "../../../../scripts/catalog/load.ts";
import { historyTag } from "../../../../scripts/publish/history.ts";
import { buildTag } from "../../../../scripts/publish/tags.ts";
import { creation, lifecycle } from "../../../../scripts/registry/ecr/repository.ts";
import { digest } from "../../report/sample-outcomes.ts";

/** Whether ECR would keep a tag from being moved. */
function isFixed(tag: string): boolean {
  const { imageTagMutability, imageTagMutabilityExclusionFilters = [] } = creation(DEFAULT_ECR);
  const patterns = imageTagMutabilityExclusionFilters.map(({ filter = "" }) => filter.replaceAll("*", ".*"));
  const isExcepted = patterns.some((pattern) => new RegExp(`^${pattern}$`).test(tag));
  return imageTagMutability === "MUTABLE_WITH_EXCLUSION" ? isExcepted : !isExcepted;
}

describe("a repository in ECR", () => {
  it("keeps the tag of a build from being moved, and no tag that has to move", async () => {
    for (const variant of ["runtime", "dev"] as const) {
      expect(isFixed(buildTag(variant, "22.16.0-r2", digest("a")))).toBe(true);
    }
    const { targets } = await loadCatalog("catalog.yaml");
    const moving = targets.flatMap(({ tags }) => tags.flatMap((tag) => [tag, historyTag(tag)]));
    const beside = ["lock", digest("a").replace(":", "-"), `${digest("b").replace(":", "-")}.sig`];
    expect([...moving, ...beside].filter((one) => isFixed(one))).toEqual([]);
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
