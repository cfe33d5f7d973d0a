/**
 * What Amazon ECR takes, as far as we send it. Source: Amazon ECR API reference, "CreateRepository",
 * "ImageTagMutabilityExclusionFilter", "EncryptionConfiguration", "SetRepositoryPolicy", "BatchGetImage". All is pure.
 */

/** Of one call. */
export const MOST_IMAGES = 100;
/** Characters. */
const REPOSITORY_NAME = { shortest: 2, longest: 256 };
const LONGEST_KMS_KEY = 2048;
export const LONGEST_POLICY = 10_240;

/** Between letters and digits stands one of . _ - and never two, unlike in names that other registries take. */
const NAME_PART = /^[a-z0-9]+(?:[._-][a-z0-9]+)*$/;

/** What ECR has against a repository's name; undefined where it takes it. */
export function repositoryNameProblem(name: string): string | undefined {
  const { shortest, longest } = REPOSITORY_NAME;
  if (name.length < shortest || name.length > longest) {
    return `it has ${name.length} characters, and ECR takes ${shortest} to ${longest}`;
  }
  const wrong = name.split("/").find((part) => !NAME_PART.test(part));
  if (wrong === undefined) return undefined;
  return `${JSON.stringify(wrong)} is not lower-case letters and digits with a single . _ or - between them`;
}

/** What ECR has against the name of a key; undefined where it takes it. */
export function kmsKeyProblem(key: string): string | undefined {
  if (key.length <= LONGEST_KMS_KEY) return undefined;
  return `it has ${key.length} characters, and ECR takes ${LONGEST_KMS_KEY}`;
}

/** What ECR has against a repository's policy; undefined where it takes it. */
export function policyProblem(text: string): string | undefined {
  if (text.length <= LONGEST_POLICY) return undefined;
  return `it has ${text.length} characters, and ECR takes ${LONGEST_POLICY}`;
}
