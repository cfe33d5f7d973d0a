import { z } from "zod";
import { digestOf, digestOfFile, verifyBytes, verifyFound } from "../oci/digest.ts";
import { type Descriptor, imageIndexSchema, MEDIA_TYPE, parseDocument } from "../oci/types.ts";
import { messageOf } from "../system/errors.ts";
import type { HttpResponse } from "../system/http.ts";
import { MANIFEST_LIMIT } from "../system/http-limits.ts";
import { Pages } from "../system/http-pages.ts";
import { type Call, type RegistryOptions, type RequestParts, Session } from "./session.ts";
import { type BlobFile, type BlobUpload, type UploadOptions, uploadBlob } from "./upload.ts";

/** A manifest or an index as a registry keeps it: its digest is of exactly these bytes. */
export interface ManifestContent {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  readonly digest: string;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

const ACCEPT = [
  MEDIA_TYPE.index,
  MEDIA_TYPE.manifest,
  MEDIA_TYPE.dockerManifestList,
  MEDIA_TYPE.dockerManifest,
].join(", ");

const tagListSchema = z.looseObject({ tags: z.array(z.string()).nullable() });

/**
 * A registry over the OCI distribution specification 1.1. Every method throws `RegistryError` when the
 * registry refuses or goes on failing. "Not there" is an answer, not an error. `reference` is a tag or a digest.
 */
export class Registry {
  readonly #session: Session;

  /** @param host `HOST[:PORT]`, or `docker.io`; plain HTTP on loopback, HTTPS elsewhere */
  constructor(
    readonly host: string,
    options: RegistryOptions = {},
  ) {
    this.#session = new Session(host, options);
  }

  /** A manifest, checked against its digest. Undefined when it is not there. */
  async getManifest(
    repository: string,
    reference: string,
    options: CallOptions = {},
  ): Promise<ManifestContent | undefined> {
    const call: Call = { action: `read the manifest ${reference}`, repository, access: "pull", ...options };
    const path = `manifests/${reference}`;
    const request = { method: "GET", path, headers: { accept: ACCEPT }, limit: MANIFEST_LIMIT };
    const response = await this.#session.send(call, request, [200, 404]);
    if (response.status === 404) return undefined;
    const bytes = response.body;
    const expected = reference.includes(":") ? reference : response.headers["docker-content-digest"];
    const digest = expected ?? digestOf(bytes);
    this.#verify(call, bytes, { digest, size: bytes.length });
    return { bytes, mediaType: mediaTypeOf(response), digest };
  }

  /** What a tag or a digest points at, without reading it. Undefined when it is not there. */
  async headManifest(
    repository: string,
    reference: string,
    options: CallOptions = {},
  ): Promise<Descriptor | undefined> {
    const call: Call = { action: `find the manifest ${reference}`, repository, access: "pull", ...options };
    const request = { method: "HEAD", path: `manifests/${reference}`, headers: { accept: ACCEPT } };
    const response = await this.#session.send(call, request, [200, 404]);
    if (response.status === 404) return undefined;
    const digest = response.headers["docker-content-digest"];
    const size = Number(response.headers["content-length"]);
    if (digest !== undefined && size > 0) return { mediaType: mediaTypeOf(response), digest, size };
    // Both headers may be missing by the specification; then the bytes themselves must tell.
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
    const call: Call = { action: `find the manifest ${tag}`, repository, access: "pull", ...options };
    const headers = { accept: ACCEPT, "if-none-match": `"${digest}"` };
    const request = { method: "HEAD", path: `manifests/${tag}`, headers };
    const { status, headers: answer } = await this.#session.send(call, request, [200, 304, 404]);
    return status === 304 || (status === 200 && answer["docker-content-digest"] === digest);
  }

  /** Puts a manifest under its digest or under a tag, which is made or moved. */
  async putManifest(
    repository: string,
    reference: string,
    manifest: ManifestContent,
    options: CallOptions = {},
  ): Promise<void> {
    const { bytes, mediaType, digest } = manifest;
    const call: Call = { action: `put the manifest ${reference}`, repository, access: "push", ...options };
    this.#verify(call, bytes, { digest, size: bytes.length });
    const headers = { "content-type": mediaType };
    const request = { method: "PUT", path: `manifests/${reference}`, headers, body: bytes };
    const response = await this.#session.send(call, request, [201]);
    const kept = response.headers["docker-content-digest"] ?? digest;
    if (kept !== digest) throw this.#session.error(call, `sent ${digest}, but the registry kept ${kept}`);
  }

  /**
   * What says that it is about a digest; undefined where the registry does not keep such lists.
   * Source: distribution spec 1.1, "Listing Referrers"
   */
  async referrers(
    repository: string,
    digest: string,
    options: CallOptions = {},
  ): Promise<Descriptor[] | undefined> {
    const call: Call = {
      action: `list what is attached to ${digest}`,
      repository,
      access: "pull",
      ...options,
    };
    const found: Descriptor[] = [];
    const pages = new Pages();
    let request: RequestParts | undefined = { method: "GET", path: `referrers/${digest}` };
    while (request) {
      const response: HttpResponse = await this.#session.send(call, request, [200, 404]);
      if (response.status === 404 || mediaTypeOf(response) !== MEDIA_TYPE.index) return undefined;
      found.push(
        ...parseDocument(imageIndexSchema, response.body, `what is attached to ${digest}`).manifests,
      );
      const path = this.#session.nextPage(call, pages, response);
      request = path === undefined ? undefined : { method: "GET", path };
    }
    return found;
  }

  /** Deletes a manifest by digest, or a tag where the registry can. False when it was not there. */
  async deleteManifest(repository: string, reference: string, options: CallOptions = {}): Promise<boolean> {
    const call: Call = { action: `delete ${reference}`, repository, access: "delete", ...options };
    const request = { method: "DELETE", path: `manifests/${reference}` };
    const response = await this.#session.send(call, request, [200, 202, 204, 404]);
    return response.status !== 404;
  }

  /** Whether a repository has a blob. */
  async blobExists(repository: string, digest: string, options: CallOptions = {}): Promise<boolean> {
    const call: Call = { action: `find the blob ${digest}`, repository, access: "pull", ...options };
    const request = { method: "HEAD", path: `blobs/${digest}` };
    return (await this.#session.send(call, request, [200, 404])).status === 200;
  }

  /** A blob that fits in memory, such as an image's configuration. Undefined when it is not there. */
  async getBlob(
    repository: string,
    descriptor: Descriptor,
    options: CallOptions = {},
  ): Promise<Buffer | undefined> {
    const call: Call = {
      action: `read the blob ${descriptor.digest}`,
      repository,
      access: "pull",
      ...options,
    };
    const request = { method: "GET", path: `blobs/${descriptor.digest}`, limit: descriptor.size };
    const response = await this.#session.send(call, request, [200, 404]);
    if (response.status === 404) return undefined;
    this.#verify(call, response.body, descriptor);
    return response.body;
  }

  /** Writes a blob of any size to a file, and checks it against its digest. False when it is not there. */
  async downloadBlob(repository: string, blob: BlobFile, options: CallOptions = {}): Promise<boolean> {
    const { path, digest, size } = blob;
    const call: Call = { action: `read the blob ${digest}`, repository, access: "pull", ...options };
    const request = { method: "GET", path: `blobs/${digest}`, saveTo: path, limit: size };
    if ((await this.#session.send(call, request, [200, 404])).status === 404) return false;
    const found = await digestOfFile(path, options.signal);
    this.#check(call, () => verifyFound(found, blob, "the content"));
    return true;
  }

  /** Brings a blob from a file into a repository; see `uploadBlob` in upload.ts. */
  uploadBlob(repository: string, blob: BlobFile, options: UploadOptions = {}): Promise<BlobUpload> {
    const exists = () => this.blobExists(repository, blob.digest, { signal: options.signal });
    return uploadBlob(this.#session, repository, blob, exists, options);
  }

  /** All tags of a repository, in the registry's order. None when there is no such repository. */
  async listTags(repository: string, options: CallOptions = {}): Promise<string[]> {
    const call: Call = { action: "list the tags", repository, access: "pull", ...options };
    const tags: string[] = [];
    const pages = new Pages();
    let request: RequestParts | undefined = { method: "GET", path: "tags/list" };
    while (request) {
      const response: HttpResponse = await this.#session.send(call, request, [200, 404]);
      if (response.status === 404) return tags;
      tags.push(...(parseDocument(tagListSchema, response.body, `the tag list of ${repository}`).tags ?? []));
      const path = this.#session.nextPage(call, pages, response);
      request = path === undefined ? undefined : { method: "GET", path };
    }
    return tags;
  }

  #verify(call: Call, bytes: Uint8Array, expected: { digest: string; size: number }): void {
    this.#check(call, () => verifyBytes(bytes, expected, "the content"));
  }

  #check(call: Call, verify: () => void): void {
    try {
      verify();
    } catch (error) {
      throw this.#session.error(call, messageOf(error), error);
    }
  }
}

/** Without parameters such as `charset`. */
function mediaTypeOf(response: HttpResponse): string {
  return (response.headers["content-type"] ?? "").replace(/;.*$/, "").trim();
}
