import { readFile } from "node:fs/promises";
import { digestOf } from "../../formats/oci/digest.ts";
import type { EcrSettings } from "../../model/ecr.ts";
import { messageOf, UserError } from "../../system/errors.ts";
import type { BlobFile, BlobUpload, CallOptions, UploadOptions } from "../blobs.ts";
import { type ManifestContent, Registry } from "../client.ts";
import type { EcrApi } from "./api.ts";
import { MAX_IMAGES, policyProblem } from "./rules.ts";

interface Waiting {
  readonly reference: string;
  readonly resolve: (manifest: ManifestContent | undefined) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Amazon ECR: a registry like any other, but that it logs in by the AWS SDK, makes repositories as they are needed,
 * and reads a hundred tags at a time. ECR's logins last twelve hours; when one ends, the registry asks who we are,
 * and we log in anew.
 */
export class EcrRegistry extends Registry {
  readonly #api: EcrApi;
  readonly #settings: EcrSettings;
  readonly #made = new Map<string, Promise<unknown>>();
  readonly #waiting = new Map<string, Waiting[]>();

  constructor(api: EcrApi, settings: EcrSettings, signal?: AbortSignal) {
    super(api.host, { credentials: () => api.login(), signal });
    this.#api = api;
    this.#settings = settings;
  }

  /** What is asked for at one moment goes in one call. */
  override getManifest(
    repository: string,
    reference: string,
    _options: CallOptions = {},
  ): Promise<ManifestContent | undefined> {
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(repository);
      const one = { reference, resolve, reject };
      if (waiting) waiting.push(one);
      else {
        this.#waiting.set(repository, [one]);
        setImmediate(() => this.#readWaiting(repository));
      }
    });
  }

  override async pointsAt(repository: string, tag: string, digest: string): Promise<boolean> {
    return (await this.getManifest(repository, tag))?.digest === digest;
  }

  override async putManifest(
    repository: string,
    reference: string,
    manifest: ManifestContent,
    options: CallOptions = {},
  ): Promise<void> {
    await this.#ensure(repository);
    await super.putManifest(repository, reference, manifest, options);
  }

  override async uploadBlob(
    repository: string,
    blob: BlobFile,
    options: UploadOptions = {},
  ): Promise<BlobUpload> {
    await this.#ensure(repository);
    return super.uploadBlob(repository, blob, options);
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

  #readWaiting(repository: string): void {
    const waiting = this.#waiting.get(repository) ?? [];
    this.#waiting.delete(repository);
    for (let at = 0; at < waiting.length; at += MAX_IMAGES) {
      const batch = waiting.slice(at, at + MAX_IMAGES);
      this.#read(repository, batch).catch((error: unknown) => {
        for (const { reject } of batch) reject(error);
      });
    }
  }

  async #read(repository: string, batch: readonly Waiting[]): Promise<void> {
    const references = [...new Set(batch.map(({ reference }) => reference))];
    const images = await this.#api.images(repository, references);
    for (const { reference, resolve, reject } of batch) {
      const image = images.find(
        ({ imageId }) => imageId?.imageTag === reference || imageId?.imageDigest === reference,
      );
      const bytes = Buffer.from(image?.imageManifest ?? "");
      const digest = image?.imageId?.imageDigest ?? digestOf(bytes);
      if (!image) resolve(undefined);
      else if (digestOf(bytes) !== digest) {
        reject(
          new Error(`${this.host}/${repository}:${reference}: ECR gave other bytes than those of ${digest}`),
        );
      } else resolve({ bytes, mediaType: image.imageManifestMediaType ?? "", digest });
    }
  }

  #ensure(repository: string): Promise<unknown> {
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
    const problem = policyProblem(text);
    if (problem) throw new Error(problem);
    return text;
  } catch (error) {
    throw new UserError(
      `${path}: not a repository policy that can be read: ${messageOf(error)}`,
      "ecr.repositoryPolicy names a file of JSON: see docs/registries.md",
    );
  }
}
