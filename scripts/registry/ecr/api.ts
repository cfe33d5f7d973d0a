import { ECR, type Image } from "@aws-sdk/client-ecr";
import type { EcrSettings } from "../../model/ecr.ts";
import { UserError } from "../../system/errors.ts";
import { createTransport } from "../../system/http/http.ts";
import { ACCEPTED } from "../answers.ts";
import type { FoundCredentials } from "../credentials.ts";
import { sdkHandler } from "./http-handler.ts";
import { isNamed, refusalOf } from "./refusal.ts";
import { creation, LONGEST_KMS_KEY, lengthProblem, lifecycle, repositoryNameProblem } from "./rules.ts";

/** How often the SDK sends a request at most; it waits longer each time, and longer still when it is throttled. */
const ATTEMPTS = 8;

/** Milliseconds that a login is still good for when it is renewed: longer than sending a blob takes. */
const RENEWAL_MARGIN = 30 * 60 * 1000;

/**
 * What we ask of Amazon ECR besides what any registry does. Every method throws `UserError` where we may not, or where
 * ECR refuses what we send, and `RegistryError` where it fails.
 */
export class EcrApi {
  readonly #ecr: ECR;

  /** @param host for errors @param region as AWS names it @param signal ends every call */
  constructor(
    readonly host: string,
    readonly region: string,
    readonly account: string | undefined,
    signal?: AbortSignal,
  ) {
    // The SDK tells on each start when its next versions will want a newer Node.js: engines in package.json says what we
    // want. Source: the SDK's emitWarningIfUnsupportedVersion, which names this variable.
    process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
    this.#ecr = new ECR({
      region,
      maxAttempts: ATTEMPTS,
      retryMode: "adaptive",
      requestHandler: sdkHandler(createTransport(), signal),
    });
  }

  /** Logs in, for twelve hours. ECR answers with 403 when they are over, so the login is renewed before. */
  async login(): Promise<FoundCredentials> {
    const asking = () => this.#ecr.getAuthorizationToken({});
    const answer = await this.#ask("GetAuthorizationToken", undefined, asking);
    const [{ authorizationToken: token, expiresAt } = {}] = answer.authorizationData ?? [];
    const [username, password] = Buffer.from(token ?? "", "base64")
      .toString("utf8")
      .split(":");
    if (!username || password === undefined) throw new Error(`${this.host}: ECR gave no authorization token`);
    return {
      source: "Amazon ECR, by way of the AWS SDK's credentials",
      credentials: { username, password },
      ...(expiresAt && { renewAt: expiresAt.getTime() - RENEWAL_MARGIN }),
    };
  }

  /** Reads up to a hundred tags or digests of a repository. @returns those that are there */
  async images(repository: string, references: readonly string[]): Promise<readonly Image[]> {
    const imageIds = references.map((reference) => imageId(reference));
    const input = { ...this.#named(repository), imageIds, acceptedMediaTypes: ACCEPTED };
    try {
      const { images = [] } = await this.#ask("BatchGetImage", repository, () =>
        this.#ecr.batchGetImage(input),
      );
      return images;
    } catch (error) {
      if (isNamed(error, "RepositoryNotFoundException")) return [];
      throw error;
    }
  }

  /** Removes a tag or, by its digest, an image with all its tags. @returns whether it was there */
  async remove(repository: string, reference: string): Promise<boolean> {
    const input = { ...this.#named(repository), imageIds: [imageId(reference)] };
    const deleting = () =>
      this.#ecr.batchDeleteImage(input).catch((error: unknown) => {
        if (isNamed(error, "RepositoryNotFoundException")) return undefined;
        throw error;
      });
    const answer = await this.#ask("BatchDeleteImage", repository, deleting);
    if (answer === undefined) return false;
    const [failure] = answer.failures ?? [];
    if (failure === undefined) return true;
    if (failure.failureCode === "ImageNotFound") return false;
    const error = Object.assign(new Error(failure.failureReason ?? ""), { name: failure.failureCode ?? "" });
    throw refusalOf({ host: this.host, action: "BatchDeleteImage", repository }, error);
  }

  /** Sees to it that a repository is there. One that is there already is left as it is. @param policyText its policy, JSON */
  async ensureRepository(repository: string, settings: EcrSettings, policyText?: string): Promise<void> {
    const named = this.#named(repository);
    const keyProblem = lengthProblem(settings.kmsKey ?? "", LONGEST_KMS_KEY);
    if (keyProblem) throw new UserError(`ecr.kmsKey of the catalog: ${keyProblem}`, "give the key's ARN");
    try {
      const input = { ...named, ...creation(settings) };
      await this.#ask("CreateRepository", repository, () => this.#ecr.createRepository(input));
    } catch (error) {
      if (isNamed(error, "RepositoryAlreadyExistsException")) return;
      // Who may not make any may still push into those that others have made.
      if (isNamed(error, "AccessDeniedException") && (await this.#exists(repository))) return;
      throw error;
    }
    const untagged = { ...named, lifecyclePolicyText: lifecycle(settings.untaggedDays) };
    await this.#ask("PutLifecyclePolicy", repository, () => this.#ecr.putLifecyclePolicy(untagged));
    if (policyText === undefined) return;
    const input = { ...named, policyText };
    await this.#ask("SetRepositoryPolicy", repository, () => this.#ecr.setRepositoryPolicy(input));
  }

  /** Whether a repository is there; false where we may not even ask. */
  async #exists(repository: string): Promise<boolean> {
    const input = { ...this.#named(repository), imageIds: [imageId("latest")] };
    return this.#ecr.batchGetImage(input).then(
      () => true,
      () => false,
    );
  }

  #named(repositoryName: string): { repositoryName: string; registryId?: string } {
    const problem = repositoryNameProblem(repositoryName);
    if (problem) {
      throw new UserError(
        `${this.host}: ECR has no repository ${JSON.stringify(repositoryName)}: ${problem}`,
        "name the image, or the namespace in `registry`, otherwise",
      );
    }
    return { repositoryName, ...(this.account !== undefined && { registryId: this.account }) };
  }

  /** Puts into words what ECR refuses. @param action as ECR names it */
  async #ask<T>(action: string, repository: string | undefined, send: () => Promise<T>): Promise<T> {
    try {
      return await send();
    } catch (error) {
      throw refusalOf({ host: this.host, action, repository }, error);
    }
  }
}

function imageId(reference: string) {
  return reference.includes(":") ? { imageDigest: reference } : { imageTag: reference };
}
