/**
 * What Amazon ECR documents that it takes, of all that Birdhouse sends; read from its pages, and not from our code.
 * Source: Amazon ECR API reference (CreateRepository, ImageTagMutabilityExclusionFilter, EncryptionConfiguration,
 * PutLifecyclePolicy, SetRepositoryPolicy, BatchGetImage, ImageIdentifier), Amazon ECR user guide ("Preventing image
 * tags from being overwritten", "Lifecycle policy properties"), Amazon ECR service quotas.
 */

/** What the actions that we use are given. */
export interface EcrInput {
  readonly repositoryName?: string;
  readonly registryId?: string;
  readonly imageIds?: readonly { readonly imageTag?: string; readonly imageDigest?: string }[];
  readonly acceptedMediaTypes?: readonly string[];
  readonly imageTagMutability?: string;
  readonly imageTagMutabilityExclusionFilters?: readonly {
    readonly filter?: string;
    readonly filterType?: string;
  }[];
  readonly imageScanningConfiguration?: { readonly scanOnPush?: unknown };
  readonly encryptionConfiguration?: { readonly encryptionType?: string; readonly kmsKey?: string };
  readonly lifecyclePolicyText?: string;
  readonly policyText?: string;
  readonly [name: string]: unknown;
}

const NAME = /^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*\/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$/;

/** Why ECR does not take what an action is given; undefined where it does. */
export function ecrProblem(action: string, input: EcrInput): string | undefined {
  const { registryId, repositoryName } = input;
  if (registryId !== undefined && !/^[0-9]{12}$/.test(registryId)) return "registryId";
  if (action === "GetAuthorizationToken") return undefined;
  const name = repositoryName ?? "";
  if (name.length < 2 || name.length > 256 || !NAME.test(name)) return `repositoryName '${name}'`;
  switch (action) {
    case "CreateRepository":
      return mutabilityProblem(input) ?? creationProblem(input);
    case "BatchDeleteImage":
    case "BatchGetImage":
      return imagesProblem(input);
    case "PutLifecyclePolicy":
      return lifecycleProblem(input.lifecyclePolicyText ?? "");
    case "SetRepositoryPolicy":
      return policyProblem(input.policyText ?? "");
    default:
      return undefined;
  }
}

function mutabilityProblem(input: EcrInput): string | undefined {
  const { imageTagMutability: mutability = "MUTABLE", imageTagMutabilityExclusionFilters: filters } = input;
  const known = ["MUTABLE", "IMMUTABLE", "MUTABLE_WITH_EXCLUSION", "IMMUTABLE_WITH_EXCLUSION"];
  if (!known.includes(mutability)) return `imageTagMutability '${mutability}'`;
  const wantsFilters = mutability.endsWith("_WITH_EXCLUSION");
  if (wantsFilters !== (filters !== undefined))
    return `imageTagMutabilityExclusionFilters with ${mutability}`;
  if (!filters) return undefined;
  if (filters.length < 1 || filters.length > 5) return `${filters.length} imageTagMutabilityExclusionFilters`;
  const wrong = filters.find(({ filter = "", filterType }) => {
    const wildcards = filter.split("*").length - 1;
    return filterType !== "WILDCARD" || !/^[0-9a-zA-Z._*-]{1,128}$/.test(filter) || wildcards > 2;
  });
  return wrong && `imageTagMutabilityExclusionFilters: '${wrong.filter}'`;
}

function creationProblem(input: EcrInput): string | undefined {
  const { encryptionConfiguration: { encryptionType = "AES256", kmsKey } = {} } = input;
  if (!["AES256", "KMS", "KMS_DSSE"].includes(encryptionType)) return `encryptionType '${encryptionType}'`;
  if (kmsKey !== undefined && encryptionType === "AES256") return "kmsKey with AES256";
  if (kmsKey !== undefined && (kmsKey.length < 1 || kmsKey.length > 2048)) return "kmsKey";
  const { scanOnPush = false } = input.imageScanningConfiguration ?? {};
  return typeof scanOnPush === "boolean" ? undefined : "scanOnPush";
}

function imagesProblem({ imageIds = [], acceptedMediaTypes }: EcrInput): string | undefined {
  if (imageIds.length < 1 || imageIds.length > 100) return `${imageIds.length} imageIds`;
  const wrong = imageIds.find(({ imageTag, imageDigest }) => {
    if (imageTag === undefined && imageDigest === undefined) return true;
    return imageTag !== undefined && (imageTag.length < 1 || imageTag.length > 300);
  });
  if (wrong) return `imageIds: ${JSON.stringify(wrong)}`;
  const types = acceptedMediaTypes?.length;
  return types !== undefined && (types < 1 || types > 100) ? `${types} acceptedMediaTypes` : undefined;
}

interface LifecycleRule {
  readonly rulePriority?: unknown;
  readonly description?: unknown;
  readonly selection?: Readonly<Record<string, unknown>>;
  readonly action?: { readonly type?: unknown };
}

function lifecycleProblem(text: string): string | undefined {
  if (text.length < 100 || text.length > 30_720) return `lifecyclePolicyText of ${text.length} characters`;
  const { rules } = JSON.parse(text) as { rules?: readonly LifecycleRule[] };
  if (!rules || rules.length < 1 || rules.length > 50) return "lifecyclePolicyText: rules";
  const priorities = rules.map(({ rulePriority }) => rulePriority);
  if (new Set(priorities).size < rules.length || !priorities.every((one) => isCount(one)))
    return "rulePriority";
  return rules.map((one) => ruleProblem(one)).find((problem) => problem !== undefined);
}

function ruleProblem({ selection = {}, action }: LifecycleRule): string | undefined {
  const { tagStatus, tagPrefixList, tagPatternList, countType, countUnit, countNumber } = selection;
  if (action?.type !== "expire") return "action";
  if (!["tagged", "untagged", "any"].includes(String(tagStatus))) return "tagStatus";
  const hasTags = tagPrefixList !== undefined || tagPatternList !== undefined;
  if (hasTags !== (tagStatus === "tagged")) return "tagPrefixList";
  if (!isCount(countNumber)) return "countNumber";
  if (countType === "sinceImagePushed") return countUnit === "days" ? undefined : "countUnit";
  return countType === "imageCountMoreThan" && countUnit === undefined ? undefined : "countType";
}

function policyProblem(text: string): string | undefined {
  if (text.length > 10_240) return `policyText of ${text.length} characters`;
  JSON.parse(text);
  return undefined;
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 1;
}

/** Whether a repository that was made so keeps a tag from being moved. */
export function isFixedTag(tag: string, made: EcrInput): boolean {
  const { imageTagMutability = "MUTABLE", imageTagMutabilityExclusionFilters: filters = [] } = made;
  const isExcepted = filters.some(({ filter = "" }) => matches(tag, filter));
  return imageTagMutability.startsWith("IMMUTABLE") ? !isExcepted : isExcepted;
}

/** `*` is for none or more characters. */
function matches(tag: string, filter: string): boolean {
  const [first = "", ...rest] = filter.split("*");
  if (rest.length === 0) return tag === filter;
  const last = rest.pop() ?? "";
  if (!tag.startsWith(first) || !tag.endsWith(last)) return false;
  let left = tag.slice(first.length, tag.length - last.length);
  for (const part of rest) {
    const at = left.indexOf(part);
    if (at === -1) return false;
    left = left.slice(at + part.length);
  }
  return tag.length >= first.length + last.length;
}
