import { z } from "zod";
import { digestOf, digestOfFile, verifyBytes, verifyFound } from "../formats/oci/digest.ts";
import { type Descriptor, parseDocument } from "../formats/oci/types.ts";
import { MANIFEST_LIMIT } from "../system/http/limits.ts";
import {
  ACCEPTED,
  describedBy,
  digestHeader,
  isAnswerTo,
  mediaTypeOf,
  referrersIn,
  typeOfManifest,
} from "./answers.ts";
import { type CallOptions, Connection, type RegistryOptions } from "./connection.ts";
import { deleteFailure } from "./errors.ts";
import { type BlobFile, type BlobUpload, Uploader, type UploadOptions } from "./upload.ts";

/** A manifest or an index as a registry keeps it: its digest is of exactly these bytes. */
export interface ManifestContent {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  readonly digest: string;
}

/** A repository, and what ends all that is asked of it. */
export interface RepositoryPlace {
  readonly registry: Registry;
  readonly repository: string;
  readonly signal?: AbortSignal | undefined;
}

const ACCEPT = { accept: ACCEPTED.join(", ") };

/** A list without any is `null` or left out by some. */
const tagListSchema = z.looseObject({ tags: z.array(z.string()).nullish() });

/**
 * A registry over the OCI distribution specification 1.1. Every method throws `RegistryError` when the
 * registry refuses or goes on failing. "Not there" is an answer, not an error. `reference` is a tag or a digest.
 */
export class Registry {
  readonly #connection: Connection;
  readonly #uploader: Uploader;
  /** Whether `HEAD` has found a manifest: some registries answer it with 404 whatever there is. */
  #headFinds = false;
  /** Repositories that failed, again and again, to list what is attached. */
  readonly #listless = new Set<string>();

  /** @param host `HOST[:PORT]`, or `docker.io`; plain HTTP on loopback, HTTPS elsewhere */
  constructor(
    readonly host: string,
    options: RegistryOptions = {},
  ) {
    this.#connection = new Connection(host, options);
    this.#uploader = new Uploader(this.#connection);
  }

  /** Whether a repository has a blob. */
  async blobExists(repository: string, digest: string, options: CallOptions = {}): Promise<boolean> {
    return (await this.#uploader.head(repository, digest, options))?.status === 200;
  }

  /** A blob that fits in memory, such as an image's configuration. Undefined when it is not there. */
  async getBlob(
    repository: string,
    { digest, size }: Descriptor,
    options: CallOptions = {},
  ): Promise<Buffer | undefined> {
    const call = { action: `read the blob ${digest}`, repository, ...options };
    const request = { method: "GET", path: `blobs/${digest}`, limit: size };
    const { status, body } = await this.#connection.send(call, request, isAnswerTo.get);
    if (status === 404) return undefined;
    this.#connection.check(call, () => verifyBytes(body, { digest, size }, "the content"));
    return body;
  }

  /** Writes a blob of any size to a file, and checks it against its digest. False when it is not there. */
  async downloadBlob(repository: string, blob: BlobFile, options: CallOptions = {}): Promise<boolean> {
    const { path, digest, size } = blob;
    const call = { action: `read the blob ${digest}`, repository, ...options };
    const request = { method: "GET", path: `blobs/${digest}`, saveTo: path, limit: size };
    if ((await this.#connection.send(call, request, isAnswerTo.get)).status === 404) return false;
    const found = await digestOfFile(path, options.signal);
    this.#connection.check(call, () => verifyFound(found, blob, "the content"));
    return true;
  }

  /** Brings a blob from a file into a repository. */
  async uploadBlob(repository: string, blob: BlobFile, options: UploadOptions = {}): Promise<BlobUpload> {
    await this.makeReady(repository);
    return this.#uploader.upload(repository, blob, options);
  }

  /** Sees to it that a repository can be pushed to; most registries make it by that. */
  protected async makeReady(_repository: string): Promise<void> {}

  /** A manifest, checked against its digest. Undefined when it is not there. */
  async getManifest(
    repository: string,
    reference: string,
    options: CallOptions = {},
  ): Promise<ManifestContent | undefined> {
    const call = { action: `read the manifest ${reference}`, repository, ...options };
    const path = `manifests/${reference}`;
    const request = { method: "GET", path, headers: ACCEPT, limit: MANIFEST_LIMIT };
    const response = await this.#connection.read(call, request, isAnswerTo.get);
    if (response?.status !== 200) return undefined;
    const bytes = response.body;
    const digest = reference.includes(":") ? reference : (digestHeader(response) ?? digestOf(bytes));
    this.#connection.check(call, () => verifyBytes(bytes, { digest, size: bytes.length }, "the content"));
    const mediaType = typeOfManifest(response);
    if (mediaType !== undefined) return { bytes, mediaType, digest };
    const given = mediaTypeOf(response) || "something without a type";
    const why = `it answered with ${given}, no manifest; a proxy or a login page may stand before the registry`;
    throw this.#connection.error(call, why);
  }

  /** What a tag or a digest points at, without reading it. Undefined when it is not there. */
  async headManifest(
    repository: string,
    reference: string,
    options: CallOptions = {},
  ): Promise<Descriptor | undefined> {
    const call = { action: `find the manifest ${reference}`, repository, ...options };
    const request = { method: "HEAD", path: `manifests/${reference}`, headers: ACCEPT };
    const response = await this.#connection.read(call, request, isAnswerTo.head);
    if (!response) return undefined;
    // Once HEAD has found something here, what it does not find is not there: to ask twice would double a first plan.
    if (response.status === 200) this.#headFinds = true;
    else if (response.status === 404 && this.#headFinds) return undefined;
    const described = describedBy(response);
    if (described) return described;
    // The headers may be missing by the specification, and some answer HEAD with 404 or 405 where GET finds
    // something; then the bytes themselves must tell.
    const manifest = await this.getManifest(repository, reference, options);
    if (!manifest) return undefined;
    const { mediaType, digest, bytes } = manifest;
    return { mediaType, digest, size: bytes.length };
  }

  /**
   * Whether a tag still points at a digest; false where there is no such tag.
   * Source: RFC 9110, section 13.1.2; registries give the digest as the `ETag`.
   */
  async pointsAt(repository: string, tag: string, digest: string, options?: CallOptions): Promise<boolean> {
    const call = { action: `find the manifest ${tag}`, repository, ...options };
    const headers = { ...ACCEPT, "if-none-match": `"${digest}"` };
    const request = { method: "HEAD", path: `manifests/${tag}`, headers };
    const isAnswer = (status: number) => status === 304 || isAnswerTo.head(status);
    const response = await this.#connection.read(call, request, isAnswer);
    return response?.status === 304 || (response?.status === 200 && digestHeader(response) === digest);
  }

  /** Puts a manifest under its digest or under a tag, which is made or moved. */
  async putManifest(
    repository: string,
    reference: string,
    { bytes, mediaType, digest }: ManifestContent,
    { signal }: CallOptions = {},
  ): Promise<void> {
    await this.makeReady(repository);
    const call = { action: `put the manifest ${reference}`, repository, access: "push", signal } as const;
    this.#connection.check(call, () => verifyBytes(bytes, { digest, size: bytes.length }, "the content"));
    const headers = { "content-type": mediaType };
    const request = { method: "PUT", path: `manifests/${reference}`, headers, body: bytes };
    const kept = digestHeader(await this.#connection.send(call, request, isAnswerTo.put)) ?? digest;
    if (kept === digest) return;
    throw this.#connection.error(call, `sent ${digest}, but the registry kept ${kept}`);
  }

  /**
   * What is attached to a digest; undefined where the registry does not keep such lists: whatever it answers that is no
   * list, from 404 to a web page, unless we lack rights.
   * Source: distribution spec 1.1, "Listing Referrers"
   */
  async referrers(
    repository: string,
    digest: string,
    options: CallOptions = {},
  ): Promise<Descriptor[] | undefined> {
    if (this.#listless.has(repository)) return undefined;
    const call = { action: `list what is attached to ${digest}`, repository, ...options };
    const found: Descriptor[] = [];
    for await (const response of this.#connection.pages(call, `referrers/${digest}`, isAnswerTo.list)) {
      // A registry that fails at every such list would cost all our patience for each image.
      if (response.status >= 500) this.#listless.add(repository);
      const listed = response.status === 200 ? referrersIn(response.body) : undefined;
      if (!listed) return undefined;
      found.push(...listed);
    }
    return found;
  }

  /**
   * Deletes a manifest by digest, or a tag where the registry can. False when it was not there.
   * @throws UserError where the registry deletes nothing at all
   */
  async deleteManifest(repository: string, reference: string, options?: CallOptions): Promise<boolean> {
    const call = { action: `delete ${reference}`, repository, ...options, access: "delete" } as const;
    const request = { method: "DELETE", path: `manifests/${reference}` };
    try {
      return (await this.#connection.send(call, request, isAnswerTo.delete)).status !== 404;
    } catch (error) {
      throw deleteFailure(error, repository, reference);
    }
  }

  /** All tags of a repository, in the registry's order. None when there is no such repository. */
  async listTags(repository: string, options: CallOptions = {}): Promise<string[]> {
    const call = { action: "list the tags", repository, ...options };
    const tags: string[] = [];
    for await (const { status, body } of this.#connection.pages(call, "tags/list", isAnswerTo.get)) {
      if (status === 404) return tags;
      tags.push(...(parseDocument(tagListSchema, body, `the tag list of ${repository}`).tags ?? []));
    }
    return tags;
  }

  /** As `Connection.isLoggedIn`. */
  acceptsCredentials(repository: string, { signal }: CallOptions = {}): Promise<boolean> {
    return this.#connection.isLoggedIn(repository, signal);
  }
}
