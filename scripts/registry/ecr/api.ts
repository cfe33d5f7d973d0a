import {
  BatchGetImageCommand,
  CreateRepositoryCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
  type Image,
  PutLifecyclePolicyCommand,
  SetRepositoryPolicyCommand,
} from "@aws-sdk/client-ecr";
import type { EcrSettings } from "../../catalog/ecr.ts";
import { MEDIA_TYPE } from "../../oci/types.ts";
import { messageOf, UserError } from "../../system/errors.ts";
import { createTransport } from "../../system/http.ts";
import type { FoundCredentials } from "../credentials.ts";
import { sdkHandler } from "./http-handler.ts";
import { creation, lifecycle } from "./repository.ts";

/** How often the SDK sends a request at most; it waits longer each time, and longer still when it is throttled. */
const ATTEMPTS = 8;

/** Milliseconds that a login is still good for when it is renewed: longer than sending a blob takes. */
const RENEWAL_MARGIN = 30 * 60 * 1000;

/** Of one call: ECR takes no more. Source: Amazon ECR API reference, BatchGetImage */
export const MOST_IMAGES = 100;

const ACCEPTED = [
  MEDIA_TYPE.index,
  MEDIA_TYPE.manifest,
  MEDIA_TYPE.dockerManifestList,
  MEDIA_TYPE.dockerManifest,
];

/** What we ask of Amazon ECR besides what any registry does. Every method throws `UserError` where we may not. */
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
      ...{ region, maxAttempts: ATTEMPTS, retryMode: "adaptive" },
      requestHandler: sdkHandler(createTransport(), signal),
    });
  }

  /** Logs in, for twelve hours. ECR answers with 403 when they are over, so it is done anew before. */
  async login(): Promise<FoundCredentials> {
    const answer = await this.#ask("ecr:GetAuthorizationToken", () =>
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
      ...{ imageIds, acceptedMediaTypes: ACCEPTED },
    });
    try {
      const { images = [] } = await this.#ask("ecr:BatchGetImage", () => this.#client.send(command));
      return images;
    } catch (error) {
      if (nameOf(error) === "RepositoryNotFoundException") return [];
      throw error;
    }
  }

  /** Sees to it that a repository is there. One that is there already is left as it is. @returns whether it was made */
  async ensureRepository(
    repository: string,
    settings: EcrSettings,
    policy: string | undefined,
  ): Promise<boolean> {
    const named = this.#named(repository);
    try {
      const command = new CreateRepositoryCommand({ ...named, ...creation(settings) });
      await this.#ask("ecr:CreateRepository", () => this.#client.send(command));
    } catch (error) {
      if (nameOf(error) === "RepositoryAlreadyExistsException") return false;
      // Who may not make any may still push into those that others have made.
      if (error instanceof UserError && (await this.#exists(repository))) return false;
      throw error;
    }
    const lifecyclePolicyText = lifecycle(settings.untaggedDays);
    const lifecycleCommand = new PutLifecyclePolicyCommand({ ...named, lifecyclePolicyText });
    await this.#ask("ecr:PutLifecyclePolicy", () => this.#client.send(lifecycleCommand));
    if (policy !== undefined) {
      const command = new SetRepositoryPolicyCommand({ ...named, policyText: policy });
      await this.#ask("ecr:SetRepositoryPolicy", () => this.#client.send(command));
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
    return { repositoryName, ...(this.account !== undefined && { registryId: this.account }) };
  }

  /** Puts into words what a person has to mend. */
  async #ask<T>(permission: string, send: () => Promise<T>): Promise<T> {
    try {
      return await send();
    } catch (error) {
      const name = nameOf(error);
      if (name === "AccessDeniedException") {
        throw new UserError(
          `${this.host}: ${messageOf(error)}`,
          `allow ${permission} to the identity that the AWS SDK finds: docs/registries.md has the whole policy`,
        );
      }
      if (CREDENTIAL_ERRORS.has(name)) {
        throw new UserError(
          `${this.host}: no AWS credentials that ECR takes: ${messageOf(error)}`,
          "set AWS_PROFILE, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a role: see docs/registries.md",
        );
      }
      throw error;
    }
  }
}

const CREDENTIAL_ERRORS: ReadonlySet<string> = new Set([
  "CredentialsProviderError",
  "UnrecognizedClientException",
  "ExpiredTokenException",
  "InvalidSignatureException",
]);

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "";
}
