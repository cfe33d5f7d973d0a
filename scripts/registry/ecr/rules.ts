import type { CreateRepositoryCommandInput } from "@aws-sdk/client-ecr";
import type { EcrSettings } from "../../model/ecr.ts";

/**
 * The limits of Amazon ECR for what we send. Source: Amazon ECR API reference, "CreateRepository",
 * "ImageTagMutabilityExclusionFilter", "EncryptionConfiguration", "SetRepositoryPolicy", "BatchGetImage". All is pure.
 */

/** Images that one call reads. */
export const MAX_IMAGES = 100;
/** Characters, as those that follow. */
const SHORTEST_NAME = 2;
const LONGEST_NAME = 256;
export const LONGEST_KMS_KEY = 2048;
export const LONGEST_POLICY = 10_240;

/** Unlike other registries, ECR takes only one of . _ - in a row. */
const NAME_PART = /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/;

/** Why ECR does not take a repository's name; undefined where it does. */
export function repositoryNameProblem(name: string): string | undefined {
  if (name.length < SHORTEST_NAME || name.length > LONGEST_NAME) {
    return `it has ${name.length} characters, and ECR takes ${SHORTEST_NAME} to ${LONGEST_NAME}`;
  }
  const wrong = name.split("/").find((part) => !NAME_PART.test(part));
  if (wrong === undefined) return undefined;
  return `${JSON.stringify(wrong)} is not lower-case letters and digits with a single . _ or - between them`;
}

/** Why ECR does not take a text for its length; undefined where it does. */
export function lengthProblem(text: string, most: number): string | undefined {
  return text.length > most ? `it has ${text.length} characters, and ECR takes ${most}` : undefined;
}

const ECR_HOST =
  /^(\d{12})\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\.(?:amazonaws\.com(?:\.cn)?|on\.aws|on\.amazonwebservices\.com\.cn)$/;

/**
 * Reads the host of a private ECR registry; undefined where it is another's. ECR Public is none: it works as other registries do.
 * Source: Amazon ECR user guide, "Private registry authentication"; docs.aws.amazon.com/general/latest/gr/ecr.html
 */
export function parseEcrHost(host: string): { account: string; region: string } | undefined {
  const [, account, region] = ECR_HOST.exec(host) ?? [];
  return account !== undefined && region !== undefined ? { account, region } : undefined;
}

/**
 * Tags of builds, such as `22.16.0-r2-4f0c6a1b9d3e`, which never move: ECR keeps them from being moved even by somebody
 * else. It takes five filters with two wildcards each, so this covers the first five builds of a package's version: a
 * wider filter, such as `*-r*`, would hold tags that have to move (`3-rc`, `9-rootless`). Source: Amazon ECR user guide, "Preventing image tags from being overwritten"
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
 * The rule by which ECR removes, after some days, what no tag and no index names. Tagged images are not removed by their
 * number: the only image of a version that is seldom rebuilt would be the oldest. `prune` knows which ones are old.
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
