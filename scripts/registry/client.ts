import { z } from "zod";
import { digestOf, digestOfFile, verifyBytes, verifyFound } from "../formats/oci/digest.ts";
import { type Descriptor, MEDIA_TYPE, parseDocument } from "../formats/oci/types.ts";
import { messageOf, UserError } from "../system/errors.ts";
import { Pages } from "../system/http/follow.ts";
import { MANIFEST_LIMIT } from "../system/http/limits.ts";
import type { HttpResponse } from "../system/http/message.ts";
import { digestHeader, mediaTypeOf, referrersIn, typeOfManifest } from "./answers.ts";
import { type Call, Connection, type RegistryOptions, type RequestParts } from "./connection.ts";
import { RegistryError } from "./errors.ts";
import { type BlobFile, type BlobUpload, type UploadOptions, uploadBlob } from "./upload.ts";

/** A manifest or an index as a registry keeps it: its digest is of exactly these bytes. */
export interface ManifestContent {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  readonly digest: string;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /**
   * What is refused counts as not there. Some registries refuse everything about a repository that does not exist yet
   * (Harbor, GitLab, GHCR and Docker Hub do, by 401 or 403): whether we may write, only writing tells.
   */
  readonly refusedIsAbsent?: boolean | undefined;
  /** What the rights asked for must allow: a repository that is about to be written is asked about as its writer. */
  readonly access?: "pull" | "push" | undefined;
}

const ACCEPT = [
  MEDIA_TYPE.index,
  MEDIA_TYPE.manifest,
  MEDIA_TYPE.dockerManifestList,
  MEDIA_TYPE.dockerManifest,
].join(", ");

/** A list without any is `null` or left out by some. */
const tagListSchema = z.looseObject({ tags: z.array(z.string()).nullish() });

/** Answers to `HEAD` by registries, and proxies before them, that know only `GET` of a manifest. */
const HEAD_UNKNOWN = new Set([400, 404, 405, 406, 501]);

/** Answers to putting a manifest: 201 by the specification, the others by registries that say "done" otherwise. */
const PUT_DONE = [200, 201, 202, 204];

/**
 * A registry over the OCI distribution specification 1.1. Every method throws `RegistryError` when the
 * registry refuses or goes on failing. "Not there" is an answer, not an error. `reference` is a tag or a digest.
 */
export class Registry {
  readonly #connection: Connection;
  /** Whether this registry mounts no blobs, as an earlier answer of this run has shown. */
  readonly #mounts = { refused: false };
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
  }

  /** A manifest, checked against its digest. Undefined when it is not there. */
  async getManifest(
    repository: string,
    reference: string,
    options: CallOptions = {},
  ): Promise<ManifestContent | undefined> {
    const call = callOf(`read the manifest ${reference}`, repository, options);
    const path = `manifests/${reference}`;
    const request = { method: "GET", path, headers: { accept: ACCEPT }, limit: MANIFEST_LIMIT };
    const response = await this.#read(call, request, isAbsent, options);
    if (!response || response.status === 404) return undefined;
    const bytes = response.body;
    const expected = reference.includes(":") ? reference : digestHeader(response);
    const digest = expected ?? digestOf(bytes);
    this.#verify(call, bytes, { digest, size: bytes.length });
    const mediaType = typeOfManifest(response);
    if (mediaType === undefined) {
      const given = mediaTypeOf(response) || "something without a type";
      throw this.#connection.error(
        call,
        `it answered with ${given}, no manifest; a proxy or a login page may stand before the registry`,
      );
    }
    return { bytes, mediaType, digest };
  }

  /** What a tag or a digest points at, without reading it. Undefined when it is not there. */
  async headManifest(
    repository: string,
    reference: string,
    options: CallOptions = {},
  ): Promise<Descriptor | undefined> {
    const call = callOf(`find the manifest ${reference}`, repository, options);
    const request = { method: "HEAD", path: `manifests/${reference}`, headers: { accept: ACCEPT } };
    const response = await this.#read(call, request, isUnknownHead, options);
    if (!response) return undefined;
    // Once HEAD has found something here, what it does not find is not there: to ask twice would double a first plan.
    if (response.status === 200) this.#headFinds = true;
    else if (response.status === 404 && this.#headFinds) return undefined;
    const digest = digestHeader(response);
    const size = Number(response.headers["content-length"]);
    const mediaType = mediaTypeOf(response);
    if (
      response.status === 200 &&
      digest !== undefined &&
      size > 0 &&
      mediaType !== "" &&
      mediaType !== PAGE
    ) {
      return { mediaType, digest, size };
    }
    // The headers may be missing by the specification, and some answer HEAD with 404 or 405 where GET finds
    // something; then the bytes themselves must tell.
    const manifest = await this.getManifest(repository, reference, options);
    return (
      manifest && { mediaType: manifest.mediaType, digest: manifest.digest, size: manifest.bytes.length }
    );
  }

  /**
   * Whether a tag still points at a digest; false where there is no such tag.
   * Source: RFC 9110, section 13.1.2; registries give the digest as the `ETag`.
   */
  async pointsAt(
    repository: string,
    tag: string,
    digest: string,
    options: CallOptions = {},
  ): Promise<boolean> {
    const call = callOf(`find the manifest ${tag}`, repository, options);
    const headers = { accept: ACCEPT, "if-none-match": `"${digest}"` };
    const request = { method: "HEAD", path: `manifests/${tag}`, headers };
    const response = await this.#read(call, request, isUnknownOrSame, options);
    if (!response) return false;
    return response.status === 304 || (response.status === 200 && digestHeader(response) === digest);
  }

  /** Puts a manifest under its digest or under a tag, which is made or moved. */
  async putManifest(
    repository: string,
    reference: string,
    manifest: ManifestContent,
    options: CallOptions = {},
  ): Promise<void> {
    const { bytes, mediaType, digest } = manifest;
    const call = callOf(`put the manifest ${reference}`, repository, {
      access: "push",
      signal: options.signal,
    });
    this.#verify(call, bytes, { digest, size: bytes.length });
    const headers = { "content-type": mediaType };
    const request = { method: "PUT", path: `manifests/${reference}`, headers, body: bytes };
    const response = await this.#connection.send(call, request, PUT_DONE);
    const kept = digestHeader(response) ?? digest;
    if (kept !== digest) throw this.#connection.error(call, `sent ${digest}, but the registry kept ${kept}`);
  }

  /**
   * What says that it is about a digest; undefined where the registry does not keep such lists: whatever it answers
   * that is no list, from 404 to a web page, unless it lacks us rights.
   * Source: distribution spec 1.1, "Listing Referrers"
   */
  async referrers(
    repository: string,
    digest: string,
    options: CallOptions = {},
  ): Promise<Descriptor[] | undefined> {
    if (this.#listless.has(repository)) return undefined;
    const call = callOf(`list what is attached to ${digest}`, repository, options);
    const found: Descriptor[] = [];
    const pages = this.#pages(call, `referrers/${digest}`, options, (status) => !LACKS_RIGHTS.has(status));
    for await (const response of pages) {
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
  async deleteManifest(repository: string, reference: string, options: CallOptions = {}): Promise<boolean> {
    const call: Call = {
      action: `delete ${reference}`,
      repository,
      access: "delete",
      signal: options.signal,
    };
    const request = { method: "DELETE", path: `manifests/${reference}` };
    const response = await this.#connection
      .send(call, request, [200, 202, 204, 404])
      .catch((error: unknown) => {
        throw deletesNothing(error) ? cannotDelete(this.host, repository, reference, error) : error;
      });
    return response.status !== 404;
  }

  /** Whether a repository has a blob. */
  async blobExists(repository: string, digest: string, options: CallOptions = {}): Promise<boolean> {
    const call = callOf(`find the blob ${digest}`, repository, options);
    const request = { method: "HEAD", path: `blobs/${digest}` };
    return (await this.#read(call, request, isUnknownHead, options))?.status === 200;
  }

  /** A blob that fits in memory, such as an image's configuration. Undefined when it is not there. */
  async getBlob(
    repository: string,
    descriptor: Descriptor,
    options: CallOptions = {},
  ): Promise<Buffer | undefined> {
    const call = callOf(`read the blob ${descriptor.digest}`, repository, options);
    const request = { method: "GET", path: `blobs/${descriptor.digest}`, limit: descriptor.size };
    const response = await this.#connection.send(call, request, [200, 404]);
    if (response.status === 404) return undefined;
    this.#verify(call, response.body, descriptor);
    return response.body;
  }

  /** Writes a blob of any size to a file, and checks it against its digest. False when it is not there. */
  async downloadBlob(repository: string, blob: BlobFile, options: CallOptions = {}): Promise<boolean> {
    const { path, digest, size } = blob;
    const call = callOf(`read the blob ${digest}`, repository, options);
    const request = { method: "GET", path: `blobs/${digest}`, saveTo: path, limit: size };
    if ((await this.#connection.send(call, request, [200, 404])).status === 404) return false;
    const found = await digestOfFile(path, options.signal);
    this.#check(call, () => verifyFound(found, blob, "the content"));
    return true;
  }

  /** Brings a blob from a file into a repository; see `uploadBlob` in upload.ts. */
  uploadBlob(repository: string, blob: BlobFile, options: UploadOptions = {}): Promise<BlobUpload> {
    const exists = () => this.blobExists(repository, blob.digest, { signal: options.signal, access: "push" });
    return uploadBlob(this.#connection, repository, blob, { exists, mounts: this.#mounts }, options);
  }

  /** All tags of a repository, in the registry's order. None when there is no such repository. */
  async listTags(repository: string, options: CallOptions = {}): Promise<string[]> {
    const call = callOf("list the tags", repository, options);
    const tags: string[] = [];
    for await (const response of this.#pages(call, "tags/list", options, isAbsent)) {
      if (response.status === 404) return tags;
      tags.push(...(parseDocument(tagListSchema, response.body, `the tag list of ${repository}`).tags ?? []));
    }
    return tags;
  }

  /**
   * Whether the registry takes our credentials, whatever of its repositories we may see; false where we have none, or
   * it does not say.
   * @param repository whose credentials are tried
   * Source: distribution spec 1.1, "Determining Support"
   */
  acceptsCredentials(repository: string, options: Pick<CallOptions, "signal"> = {}): Promise<boolean> {
    return this.#connection.isLoggedIn(repository, options.signal);
  }

  /** The pages of a list. @param isAnswer says of a status beside 200 whether it is one */
  async *#pages(
    call: Call,
    path: string,
    options: CallOptions,
    isAnswer: (status: number) => boolean,
  ): AsyncGenerator<HttpResponse> {
    const pages = new Pages();
    let next: string | undefined = path;
    while (next !== undefined) {
      const response = await this.#read(call, { method: "GET", path: next }, isAnswer, options);
      if (!response) return;
      yield response;
      next = response.status === 200 ? this.#connection.nextPage(call, pages, response) : undefined;
    }
  }

  /** Reads; what is refused is undefined where the caller says so. @param isAnswer says of a status beside 200 whether it is one */
  async #read(
    call: Call,
    request: RequestParts,
    isAnswer: (status: number) => boolean,
    { refusedIsAbsent = false }: CallOptions,
  ): Promise<HttpResponse | undefined> {
    const { path, ...parts } = request;
    const url = this.#connection.url(call.repository, path);
    try {
      const response = await this.#connection.repeat(call, () =>
        this.#connection.sendOnce(call, { ...parts, url }),
      );
      if (response.status === 200 || isAnswer(response.status)) return response;
      throw await this.#connection.failure(call, response);
    } catch (error) {
      if (refusedIsAbsent && error instanceof RegistryError && error.isRefusal) return undefined;
      throw error;
    }
  }

  #verify(call: Call, bytes: Uint8Array, expected: { digest: string; size: number }): void {
    this.#check(call, () => verifyBytes(bytes, expected, "the content"));
  }

  #check(call: Call, verify: () => void): void {
    try {
      verify();
    } catch (error) {
      throw this.#connection.error(call, messageOf(error), error);
    }
  }
}

const isAbsent = (status: number) => status === 404;
const isUnknownHead = (status: number) => HEAD_UNKNOWN.has(status);
const isUnknownOrSame = (status: number) => status === 304 || HEAD_UNKNOWN.has(status);

/** Of who asks, and of how often. */
const LACKS_RIGHTS = new Set([401, 403, 429]);

function callOf(action: string, repository: string, { signal, access = "pull" }: CallOptions): Call {
  return { action, repository, access, signal };
}

/** What a proxy or a login page before a registry answers with. */
const PAGE = "text/html";

/** 405, or the code that the specification has for it (distribution spec 1.1, "Error codes"). */
function deletesNothing(error: unknown): boolean {
  if (!(error instanceof RegistryError)) return false;
  return error.status === 405 || error.status === 501 || error.code === "UNSUPPORTED";
}

function cannotDelete(host: string, repository: string, reference: string, cause: unknown): UserError {
  const said = messageOf(cause).split(": ").at(-1);
  return new UserError(
    `${host}: this registry deletes nothing that is asked for in the common way (${said}): ` +
      `${repository}, ${reference} stays, and so does all that was to follow`,
    "remove by the registry's own page, its own API or its rules for what is kept; " +
      "Distribution deletes where REGISTRY_STORAGE_DELETE_ENABLED is true",
  );
}
