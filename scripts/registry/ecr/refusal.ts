import { messageOf, UserError } from "../../system/errors.ts";
import { RegistryError } from "../errors.ts";

/** What was asked of ECR. */
export interface EcrQuestion {
  readonly host: string;
  /** As ECR names it: `CreateRepository`. */
  readonly action: string;
  readonly repository: string | undefined;
}

/** Whether an error, or what caused it, is one that AWS names so. */
export function isNamed(error: unknown, name: string): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === name || isNamed(error.cause, name);
}

/**
 * ECR's refusal in words: what the user can correct is a `UserError` with what to do, all else a `RegistryError`. Pure.
 * Source: Amazon ECR API reference, "Common Error Types" and the errors of each action
 */
export function refusalOf(question: EcrQuestion, error: unknown): Error {
  const { host, action, repository } = question;
  const name = error instanceof Error ? error.name : "";
  const said = messageOf(error);
  const advice = adviceFor(name, question);
  if (advice !== undefined) {
    const about = repository === undefined ? host : `${host}/${repository}`;
    return Object.assign(new UserError(`${about}: ECR refuses ${action}: ${said}`, advice), { cause: error });
  }
  const doing = `have ECR do ${action}`;
  const failure = { registry: host, repository, action: doing, code: name, detail: said };
  return new RegistryError(failure, { cause: error });
}

function adviceFor(name: string, { action }: EcrQuestion): string | undefined {
  if (CREDENTIAL_ERRORS.has(name)) {
    return "set AWS_PROFILE, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a role: see docs/registries.md";
  }
  if (name === "AccessDeniedException") {
    return `allow ecr:${action} to the identity that the AWS SDK finds: docs/registries.md has the whole policy`;
  }
  return ADVICE[name];
}

const ADVICE: Readonly<Record<string, string>> = {
  InvalidParameterException: "see `registry`, `ecr` and the names of the images in the catalog",
  ValidationException: "see `ecr` of the catalog: untaggedDays, and the file that repositoryPolicy names",
  LimitExceededException:
    "remove repositories that nobody needs, or ask AWS for more of them (Service Quotas, Amazon ECR)",
  KmsException:
    "see ecr.kmsKey: the key must be in the registry's region and enabled, and whoever makes repositories needs " +
    "kms:CreateGrant and kms:DescribeKey on it",
  OptInRequired: "enable the region for the account, or name another in ecr.region",
};

/** Of who asks: that the SDK finds nobody, or that AWS does not know or trust whom it finds. */
const CREDENTIAL_ERRORS: ReadonlySet<string> = new Set([
  "CredentialsProviderError",
  "UnrecognizedClientException",
  "InvalidClientTokenId",
  "ExpiredToken",
  "ExpiredTokenException",
  "InvalidSignatureException",
  "SignatureDoesNotMatch",
  "IncompleteSignature",
  "MissingAuthenticationToken",
  "MissingAuthenticationTokenException",
  "RequestExpired",
  "NotAuthorized",
]);
