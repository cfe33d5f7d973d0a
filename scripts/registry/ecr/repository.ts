import type { CreateRepositoryCommandInput } from "@aws-sdk/client-ecr";
import type { EcrSettings } from "../../model/ecr.ts";

/**
 * What never moves is what a build's tag looks like: `22.16.0-r2-4f0c6a1b9d3e`. ECR keeps those from being moved even by
 * somebody else; all others move with each build. It takes five filters with two wildcards each, so that this is so for
 * the first five builds of a package's version: a wider filter, such as `*-r*`, would hold tags that have to move
 * (`3-rc`, `9-rootless`). Source: Amazon ECR user guide, "Preventing image tags from being overwritten"
 */
const BUILD_TAGS = [0, 1, 2, 3, 4].map((build) => `*-r${build}-*`);

/** How a repository is made. Pure. */
export function creation(settings: EcrSettings): Omit<CreateRepositoryCommandInput, "repositoryName"> {
  return {
    imageTagMutability: "MUTABLE_WITH_EXCLUSION",
    imageTagMutabilityExclusionFilters: BUILD_TAGS.map((filter) => ({ filterType: "WILDCARD", filter })),
    imageScanningConfiguration: { scanOnPush: settings.scanOnPush },
    encryptionConfiguration: {
      encryptionType: settings.encryption,
      ...(settings.kmsKey !== undefined && { kmsKey: settings.kmsKey }),
    },
  };
}

/**
 * What no tag and no index names goes after some days. Tagged images do not go by their number: of a version that is
 * seldom rebuilt the only image would be the oldest. `prune` knows which ones are old.
 * Source: Amazon ECR user guide, "Lifecycle policy properties"
 */
export function lifecycle(untaggedDays: number): string {
  const selection = {
    tagStatus: "untagged",
    countType: "sinceImagePushed",
    countUnit: "days",
    countNumber: untaggedDays,
  };
  const description = "what prune removed, and what was never finished";
  return JSON.stringify({ rules: [{ rulePriority: 1, description, selection, action: { type: "expire" } }] });
}
