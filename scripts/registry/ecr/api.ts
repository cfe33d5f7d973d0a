import {
  BatchDeleteImageCommand,
  BatchGetImageCommand,
  CreateRepositoryCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
  type Image,
  PutLifecyclePolicyCommand,
  SetRepositoryPolicyCommand,
} from "@aws-sdk/client-ecr";
import { MEDIA_TYPE } from "../../formats/oci/types.ts";
import type { EcrSettings } from "../../model/ecr.ts";
import { UserError } from "../../system/errors.ts";
import { createTransport } from "../../system/http/http.ts";
import type { FoundCredentials } from "../credentials.ts";
import { sdkHandler } from "./http-handler.ts";
import { isNamed, refusalOf } from "./refusal.ts";
import { creation, kmsKeyProblem, lifecycle, repositoryNameProblem } from "./rules.ts";

/** How often the SDK sends a request at most; it waits longer each time, and longer still when it is throttled. */
const ATTEMPTS = 8;

/** Milliseconds that a login is still good for when it is renewed: longer than sending a blob takes. */
const RENEWAL_MARGIN = 30 * 60 * 1000;

const ACCEPTED = [
  MEDIA_TYPE.index,
  MEDIA_TYPE.manifest,
  MEDIA_TYPE.dockerManifestList,
  MEDIA_TYPE.dockerManifest,
];

/**
 * What we ask of Amazon ECR besides what any registry does. Every method throws `UserError` where we may not, or where
 * ECR refuses what we send, and `RegistryError` where it fails.
 */
export class EcrApi {
  readonly #client: ECRClient;

  /** @param host for errors @param region as AWS names it @param signal ends every call */
  constructor(
    readonly host: string,
    readonly region: string,
    readonly account: string | undefined,
    signal?: AbortSignal,
  ) {
    this.#client = new ECRClient({
      region,
      maxAttempts: ATTEMPTS,
      retryMode: "adaptive",
      requestHandler: sdkHandler(createTransport(), signal),
    });
  }

  /** Logs in, for twelve hours. ECR answers with 403 when they are over, so the login is renewed before. */
  async login(): Promise<FoundCredentials> {
    const answer = await this.#ask("GetAuthorizationToken", undefined, () =>
      this.#client.send(new GetAuthorizationTokenCommand({})),
    );
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

  /**
   * Reads up to a hundred tags or digests of a repository.
   * @returns those that are there
   */
  async images(repository: string, references: readonly string[]): Promise<readonly Image[]> {
    const imageIds = references.map((reference) =>
      reference.includes(":") ? { imageDigest: reference } : { imageTag: reference },
    );
    const command = new BatchGetImageCommand({
      ...this.#named(repository),
      imageIds,
      acceptedMediaTypes: ACCEPTED,
    });
    try {
      const { images = [] } = await this.#ask("BatchGetImage", repository, () => this.#client.send(command));
      return images;
    } catch (error) {
      if (isNamed(error, "RepositoryNotFoundException")) return [];
      throw error;
    }
  }

  /** Removes a tag or, by its digest, an image with all its tags. @returns whether it was there */
  async remove(repository: string, reference: string): Promise<boolean> {
    const imageIds = [reference.includes(":") ? { imageDigest: reference } : { imageTag: reference }];
    const command = new BatchDeleteImageCommand({ ...this.#named(repository), imageIds });
    const { failures = [] } = await this.#ask("BatchDeleteImage", repository, () =>
      this.#client.send(command),
    );
    const [failure] = failures;
    if (failure === undefined) return true;
    if (failure.failureCode === "ImageNotFound") return false;
    const error = Object.assign(new Error(failure.failureReason ?? ""), { name: failure.failureCode ?? "" });
    throw refusalOf({ host: this.host, action: "BatchDeleteImage", repository }, error);
  }

  /** Sees to it that a repository is there. One that is there already is left as it is. @returns whether it was made */
  async ensureRepository(
    repository: string,
    settings: EcrSettings,
    policy: string | undefined,
  ): Promise<boolean> {
    const named = this.#named(repository);
    const keyProblem = kmsKeyProblem(settings.kmsKey ?? "");
    if (keyProblem) throw new UserError(`ecr.kmsKey of the catalog: ${keyProblem}`, "give the key's ARN");
    try {
      const command = new CreateRepositoryCommand({ ...named, ...creation(settings) });
      await this.#ask("CreateRepository", repository, () => this.#client.send(command));
    } catch (error) {
      if (isNamed(error, "RepositoryAlreadyExistsException")) return false;
      // Who may not make any may still push into those that others have made.
      if (isNamed(error, "AccessDeniedException") && (await this.#exists(repository))) return false;
      throw error;
    }
    const lifecyclePolicyText = lifecycle(settings.untaggedDays);
    const lifecycleCommand = new PutLifecyclePolicyCommand({ ...named, lifecyclePolicyText });
    await this.#ask("PutLifecyclePolicy", repository, () => this.#client.send(lifecycleCommand));
    if (policy !== undefined) {
      const command = new SetRepositoryPolicyCommand({ ...named, policyText: policy });
      await this.#ask("SetRepositoryPolicy", repository, () => this.#client.send(command));
    }
    return true;
  }

  /** Whether a repository is there; false where we may not even ask. */
  async #exists(repository: string): Promise<boolean> {
    const imageIds = [{ imageTag: "latest" }];
    try {
      await this.#client.send(new BatchGetImageCommand({ ...this.#named(repository), imageIds }));
      return true;
    } catch {
      return false;
    }
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
