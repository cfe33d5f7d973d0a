import { z } from "zod";
import { digestOf } from "../formats/oci/digest.ts";
import { type Descriptor, parseDocument } from "../formats/oci/types.ts";
import { MANIFEST_LIMIT } from "../system/http/limits.ts";
import { ACCEPT, describedBy, digestHeader, mediaTypeOf, referrersIn, typeOfManifest } from "./answers.ts";
import { BlobStore, type CallOptions, callOf, isAbsent, isHeadAnswer, isThereOrNot, oneOf } from "./blobs.ts";
import type { Call, IsAnswer } from "./connection.ts";
import { cannotDelete, deletesNothing } from "./errors.ts";

/** A manifest or an index as a registry keeps it: its digest is of exactly these bytes. */
export interface ManifestContent {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  readonly digest: string;
}

/** A list without any is `null` or left out by some. */
const tagListSchema = z.looseObject({ tags: z.array(z.string()).nullish() });

/**
 * A registry over the OCI distribution specification 1.1. Every method throws `RegistryError` when the
 * registry refuses or goes on failing. "Not there" is an answer, not an error. `reference` is a tag or a digest.
 */
export class Registry extends BlobStore {
  /** Whether `HEAD` has found a manifest: some registries answer it with 404 whatever there is. */
  #headFinds = false;
  /** Repositories that failed, again and again, to list what is attached. */
  readonly #listless = new Set<string>();

  /** A manifest, checked against its digest. Undefined when it is not there. */
  async getManifest(
    repository: string,
    reference: string,
    options: CallOptions = {},
  ): Promise<ManifestContent | undefined> {
    const call = callOf(`read the manifest ${reference}`, repository, options);
    const path = `manifests/${reference}`;
    const request = { method: "GET", path, headers: { accept: ACCEPT }, limit: MANIFEST_LIMIT };
    const response = await this.read(call, request, isThereOrNot, options);
    if (!response || response.status === 404) return undefined;
    const bytes = response.body;
    const digest = reference.includes(":") ? reference : (digestHeader(response) ?? digestOf(bytes));
    this.verify(call, bytes, { digest, size: bytes.length });
    const mediaType = typeOfManifest(response);
    if (mediaType !== undefined) return { bytes, mediaType, digest };
    const given = mediaTypeOf(response) || "something without a type";
    throw this.connection.error(
      call,
      `it answered with ${given}, no manifest; a proxy or a login page may stand before the registry`,
    );
  }

  /** What a tag or a digest points at, without reading it. Undefined when it is not there. */
  async headManifest(
    repository: string,
    reference: string,
    options: CallOptions = {},
  ): Promise<Descriptor | undefined> {
    const call = callOf(`find the manifest ${reference}`, repository, options);
    const request = { method: "HEAD", path: `manifests/${reference}`, headers: { accept: ACCEPT } };
    const response = await this.read(call, request, isHeadAnswer, options);
    if (!response) return undefined;
    // Once HEAD has found something here, what it does not find is not there: to ask twice would double a first plan.
    if (response.status === 200) this.#headFinds = true;
    else if (response.status === 404 && this.#headFinds) return undefined;
    const described = describedBy(response);
    if (described) return described;
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
    const isAnswer = (status: number) => status === 304 || isHeadAnswer(status);
    const response = await this.read(call, request, isAnswer, options);
    if (!response) return false;
    return response.status === 304 || (response.status === 200 && digestHeader(response) === digest);
  }

  /** Puts a manifest under its digest or under a tag, which is made or moved. */
  async putManifest(
    repository: string,
    reference: string,
    { bytes, mediaType, digest }: ManifestContent,
    { signal }: CallOptions = {},
  ): Promise<void> {
    const call = callOf(`put the manifest ${reference}`, repository, { access: "push", signal });
    this.verify(call, bytes, { digest, size: bytes.length });
    const headers = { "content-type": mediaType };
    const request = { method: "PUT", path: `manifests/${reference}`, headers, body: bytes };
    const kept = digestHeader(await this.connection.send(call, request, isPutAnswer)) ?? digest;
    if (kept !== digest) {
      throw this.connection.error(call, `sent ${digest}, but the registry kept ${kept}`);
    }
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
    const call = callOf(`list what is attached to ${digest}`, repository, options);
    const found: Descriptor[] = [];
    try {
      for await (const response of this.connection.pages(call, `referrers/${digest}`, hasRights)) {
        // A registry that fails at every such list would cost all our patience for each image.
        if (response.status >= 500) this.#listless.add(repository);
        const listed = response.status === 200 ? referrersIn(response.body) : undefined;
        if (!listed) return undefined;
        found.push(...listed);
      }
    } catch (error) {
      if (!isAbsent(error, options)) throw error;
    }
    return found;
  }

  /**
   * Deletes a manifest by digest, or a tag where the registry can. False when it was not there.
   * @throws UserError where the registry deletes nothing at all
   */
  async deleteManifest(
    repository: string,
    reference: string,
    { signal }: CallOptions = {},
  ): Promise<boolean> {
    const call: Call = { action: `delete ${reference}`, repository, access: "delete", signal };
    const request = { method: "DELETE", path: `manifests/${reference}` };
    const response = await this.connection.send(call, request, isDeleteAnswer).catch((error: unknown) => {
      throw deletesNothing(error) ? cannotDelete(this.host, repository, reference, error) : error;
    });
    return response.status !== 404;
  }

  /** All tags of a repository, in the registry's order. None when there is no such repository. */
  async listTags(repository: string, options: CallOptions = {}): Promise<string[]> {
    const call = callOf("list the tags", repository, options);
    const tags: string[] = [];
    try {
      for await (const { status, body } of this.connection.pages(call, "tags/list", isThereOrNot)) {
        if (status === 404) return tags;
        tags.push(...(parseDocument(tagListSchema, body, `the tag list of ${repository}`).tags ?? []));
      }
    } catch (error) {
      if (!isAbsent(error, options)) throw error;
    }
    return tags;
  }

  /**
   * Whether the registry takes our credentials, whichever of its repositories we may see; false where we have none, or
   * it does not say.
   * @param repository whose credentials are tried
   * Source: distribution spec 1.1, "Determining Support"
   */
  acceptsCredentials(repository: string, options: Pick<CallOptions, "signal"> = {}): Promise<boolean> {
    return this.connection.isLoggedIn(repository, options.signal);
  }
}

/** 201 by the specification, the others by registries that say "done" otherwise. */
const isPutAnswer = oneOf(200, 201, 202, 204);
const isDeleteAnswer = oneOf(200, 202, 204, 404);
/** All but what says that we lack rights, or ask too often. */
const hasRights: IsAnswer = (status) => ![401, 403, 429].includes(status);
