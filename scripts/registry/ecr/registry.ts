import { readFile } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import type { Image } from "@aws-sdk/client-ecr";
import { digestOf } from "../../formats/oci/digest.ts";
import type { EcrSettings } from "../../model/ecr.ts";
import { messageOf, UserError } from "../../system/errors.ts";
import { type ManifestContent, Registry } from "../client.ts";
import type { CallOptions } from "../connection.ts";
import type { EcrApi } from "./api.ts";
import { LONGEST_POLICY, lengthProblem, MAX_IMAGES } from "./rules.ts";

/**
 * Amazon ECR: a registry like any other, but that it logs in by the AWS SDK, makes repositories as they are needed,
 * and reads a hundred tags at a time. ECR's logins last twelve hours; when one ends, the registry asks who we are,
 * and we log in anew.
 */
export class EcrRegistry extends Registry {
  readonly #api: EcrApi;
  readonly #settings: EcrSettings;
  readonly #made = new Map<string, Promise<void>>();
  /** By repository, what is asked for at one moment: it goes in one call. */
  readonly #batches = new Map<string, { references: Set<string>; images: Promise<readonly Image[]> }>();

  constructor(api: EcrApi, settings: EcrSettings, signal?: AbortSignal) {
    super(api.host, { credentials: () => api.login(), signal });
    this.#api = api;
    this.#settings = settings;
  }

  override async getManifest(repository: string, reference: string): Promise<ManifestContent | undefined> {
    const image = (await this.#imagesWith(repository, reference)).find(
      ({ imageId }) => imageId?.imageTag === reference || imageId?.imageDigest === reference,
    );
    if (!image) return undefined;
    const bytes = Buffer.from(image.imageManifest ?? "");
    const digest = image.imageId?.imageDigest ?? digestOf(bytes);
    if (digestOf(bytes) === digest) return { bytes, mediaType: image.imageManifestMediaType ?? "", digest };
    throw new Error(`${this.host}/${repository}:${reference}: ECR gave other bytes than those of ${digest}`);
  }

  override async pointsAt(repository: string, tag: string, digest: string): Promise<boolean> {
    return (await this.getManifest(repository, tag))?.digest === digest;
  }

  /** Where it does not take the common way, ECR has one of its own. */
  override async deleteManifest(
    repository: string,
    reference: string,
    options: CallOptions = {},
  ): Promise<boolean> {
    try {
      return await super.deleteManifest(repository, reference, options);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return this.#api.remove(repository, reference);
    }
  }

  #imagesWith(repository: string, reference: string): Promise<readonly Image[]> {
    const open = this.#batches.get(repository);
    if (open && open.references.size < MAX_IMAGES) {
      open.references.add(reference);
      return open.images;
    }
    const references = new Set([reference]);
    const images = setImmediate().then(() => {
      if (this.#batches.get(repository)?.references === references) this.#batches.delete(repository);
      return this.#api.images(repository, [...references]);
    });
    this.#batches.set(repository, { references, images });
    return images;
  }

  protected override makeReady(repository: string): Promise<void> {
    const known = this.#made.get(repository);
    if (known) return known;
    const made = readPolicy(this.#settings.repositoryPolicy).then((policy) =>
      this.#api.ensureRepository(repository, this.#settings, policy),
    );
    this.#made.set(repository, made);
    made.catch(() => this.#made.delete(repository));
    return made;
  }
}

async function readPolicy(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    const text = await readFile(path, "utf8");
    JSON.parse(text);
    const problem = lengthProblem(text, LONGEST_POLICY);
    if (problem) throw new Error(problem);
    return text;
  } catch (error) {
    throw new UserError(
      `${path}: not a repository policy that can be read: ${messageOf(error)}`,
      "ecr.repositoryPolicy names a file of JSON: see docs/registries.md",
    );
  }
}
