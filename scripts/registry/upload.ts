import { digestOfFile, verifyFound } from "../formats/oci/digest.ts";
import { messageOf } from "../system/errors.ts";
import { followUp } from "../system/http/follow.ts";
import type { HttpRequest, HttpResponse } from "../system/http/message.ts";
import { isAnswerTo } from "./answers.ts";
import type { Call, CallOptions, Connection } from "./connection.ts";
import { RegistryError } from "./errors.ts";

/** A blob on disk. */
export interface BlobFile {
  readonly path: string;
  readonly digest: string;
  /** In bytes. */
  readonly size: number;
}

/** How a blob came to be in a repository. */
export type BlobUpload = "uploaded" | "mounted";

export interface UploadOptions {
  readonly signal?: AbortSignal | undefined;
  /** A repository of the same registry that is known to have the blob: it is mounted from there, not sent. */
  readonly mountFrom?: string | undefined;
}

/** Sends blobs to one registry. */
export class Uploader {
  /** Whether this registry mounts blobs, as far as its answers in this run have shown. */
  #mounts = true;

  constructor(private readonly connection: Connection) {}

  /** What `HEAD` says of a blob; undefined where it was refused, and the caller takes that for "not there". */
  head(repository: string, digest: string, options: CallOptions): Promise<HttpResponse | undefined> {
    const call = { action: `find the blob ${digest}`, repository, ...options };
    return this.connection.read(call, { method: "HEAD", path: `blobs/${digest}` }, isAnswerTo.head);
  }

  /**
   * Brings a blob into a repository (distribution spec 1.1, "Pushing blobs": POST, then one PUT; and "Mounting
   * a blob from another repository"). The file is checked against its digest before the first byte is sent.
   * A registry that does not mount is sent the blob.
   */
  async upload(repository: string, blob: BlobFile, options: UploadOptions): Promise<BlobUpload> {
    const { connection } = this;
    const { signal, mountFrom } = options;
    const call: Call = { action: `upload ${blob.digest}`, repository, access: "push", signal };
    const found = await digestOfFile(blob.path, signal).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw connection.error(call, messageOf(error), error);
    });
    connection.check(call, () => verifyFound(found, blob, blob.path));
    let outcome: BlobUpload | undefined;
    const done = (how: BlobUpload, response: HttpResponse) => {
      outcome = how;
      return response;
    };
    const response = await connection.repeat(call, async (before) => {
      if (before > 0) {
        // An earlier attempt may have arrived although its answer did not.
        const there = await this.head(repository, blob.digest, { signal, access: "push" });
        if (there?.status === 200) return done("uploaded", there);
      }
      const mounted = await this.#mount({ ...call, source: mountFrom }, blob);
      if (mounted?.status === 201) return done("mounted", mounted);
      const begun = mounted ?? (await connection.sendOnce(call, this.#beginning(call)));
      if (begun.status !== 202) return begun;
      const sent = await connection.sendOnce(call, {
        method: "PUT",
        url: this.#uploadUrl(call, begun, blob.digest),
        headers: { "content-type": "application/octet-stream" },
        body: blob,
      });
      return isAnswerTo.put(sent.status) ? done("uploaded", sent) : sent;
    });
    if (outcome === undefined) throw await connection.failure(call, response);
    return outcome;
  }

  /**
   * Has the blob mounted from another repository.
   * @returns 201 where it was, 202 where it must be sent; undefined where the registry does not do that, which is then
   *   remembered: mounting is a shortcut, and a registry without it is sent the blob
   */
  async #mount(call: Call, blob: BlobFile): Promise<HttpResponse | undefined> {
    if (call.source === undefined || !this.#mounts) return undefined;
    const request = this.#beginning(call);
    request.url.searchParams.set("mount", blob.digest);
    request.url.searchParams.set("from", call.source);
    const response = await this.connection.sendOnce(call, request).catch((error: unknown) => {
      // The token for two repositories may be refused where the one for ours is not.
      if (error instanceof RegistryError && error.isRefusal) return undefined;
      throw error;
    });
    if (response?.status === 201 || response?.status === 202) return response;
    this.#mounts = false;
    return undefined;
  }

  /** How an upload is begun. Source: distribution spec 1.1, "POST then PUT" */
  #beginning({ repository }: Call): HttpRequest {
    const url = this.connection.url(repository, "blobs/uploads/");
    return { method: "POST", url, body: new Uint8Array() };
  }

  /**
   * Where a blob is to be sent: what `Location` says, or, where it is missing, what the upload is called.
   * @throws RegistryError where neither says so; HttpError where `Location` is no address, or leads from https to http
   */
  #uploadUrl(call: Call, begun: HttpResponse, digest: string): URL {
    const start = this.connection.url(call.repository, "blobs/uploads/");
    const { location, "docker-upload-uuid": uuid = "" } = begun.headers;
    if (location === undefined && !/^[\w=.-]{1,512}$/.test(uuid)) {
      const why = "its answer does not say where to send it: the header Location is missing";
      throw this.connection.error(call, why);
    }
    const url = location === undefined ? new URL(uuid, start) : followUp(location, "Location", start);
    // Added to the text: URLSearchParams would rewrite what the registry put there, and it may compare bytes.
    url.search += `${url.search === "" ? "?" : "&"}digest=${encodeURIComponent(digest)}`;
    return url;
  }
}
