import { digestOfFile, verifyBytes, verifyFound } from "../formats/oci/digest.ts";
import type { Descriptor } from "../formats/oci/types.ts";
import { messageOf } from "../system/errors.ts";
import { followUp } from "../system/http/follow.ts";
import type { HttpRequest, HttpResponse } from "../system/http/message.ts";
import { HEAD_UNKNOWN } from "./answers.ts";
import {
  type Call,
  Connection,
  type IsAnswer,
  type RegistryOptions,
  type RequestParts,
} from "./connection.ts";
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

/** What uploading needs to know of the registry. */
export interface UploadContext {
  /** Asks whether the repository has the blob. */
  readonly exists: () => Promise<boolean>;
  /** Shared by all uploads to one registry: one that mounts nothing is asked once. */
  readonly mounts: { refused: boolean };
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /**
   * What is refused counts as not there. Some registries refuse everything about a repository that does not exist yet
   * (Harbor, GitLab, GHCR and Docker Hub do, by 401 or 403): whether we may write, only writing tells.
   */
  readonly refusedIsAbsent?: boolean | undefined;
  /** The rights to ask for: a repository that is about to be written is asked about as its writer. */
  readonly access?: "pull" | "push" | undefined;
}

/** The blobs of a registry, and how all of it is asked; see `Registry`. */
export class BlobStore {
  protected readonly connection: Connection;
  /** Whether this registry mounts no blobs, as an earlier answer of this run has shown. */
  readonly #mounts = { refused: false };

  /** @param host `HOST[:PORT]`, or `docker.io`; plain HTTP on loopback, HTTPS elsewhere */
  constructor(
    readonly host: string,
    options: RegistryOptions = {},
  ) {
    this.connection = new Connection(host, options);
  }

  /** Whether a repository has a blob. */
  async blobExists(repository: string, digest: string, options: CallOptions = {}): Promise<boolean> {
    const call = callOf(`find the blob ${digest}`, repository, options);
    const request = { method: "HEAD", path: `blobs/${digest}` };
    return (await this.read(call, request, isHeadAnswer, options))?.status === 200;
  }

  /** A blob that fits in memory, such as an image's configuration. Undefined when it is not there. */
  async getBlob(
    repository: string,
    descriptor: Descriptor,
    options: CallOptions = {},
  ): Promise<Buffer | undefined> {
    const call = callOf(`read the blob ${descriptor.digest}`, repository, options);
    const request = { method: "GET", path: `blobs/${descriptor.digest}`, limit: descriptor.size };
    const response = await this.connection.send(call, request, isThereOrNot);
    if (response.status === 404) return undefined;
    this.verify(call, response.body, descriptor);
    return response.body;
  }

  /** Writes a blob of any size to a file, and checks it against its digest. False when it is not there. */
  async downloadBlob(repository: string, blob: BlobFile, options: CallOptions = {}): Promise<boolean> {
    const { path, digest, size } = blob;
    const call = callOf(`read the blob ${digest}`, repository, options);
    const request = { method: "GET", path: `blobs/${digest}`, saveTo: path, limit: size };
    if ((await this.connection.send(call, request, isThereOrNot)).status === 404) return false;
    const found = await digestOfFile(path, options.signal);
    this.connection.check(call, () => verifyFound(found, blob, "the content"));
    return true;
  }

  /** Brings a blob from a file into a repository; see `upload`. */
  uploadBlob(repository: string, blob: BlobFile, options: UploadOptions = {}): Promise<BlobUpload> {
    const exists = () => this.blobExists(repository, blob.digest, { signal: options.signal, access: "push" });
    return upload(this.connection, repository, blob, { exists, mounts: this.#mounts }, options);
  }

  /** Sends; undefined where it was refused, and the caller takes that for "not there". */
  protected async read(
    call: Call,
    request: RequestParts,
    isAnswer: IsAnswer,
    options: CallOptions,
  ): Promise<HttpResponse | undefined> {
    return this.connection.send(call, request, isAnswer).catch((error: unknown) => {
      if (isAbsent(error, options)) return undefined;
      throw error;
    });
  }

  protected verify(call: Call, bytes: Uint8Array, expected: { digest: string; size: number }): void {
    this.connection.check(call, () => verifyBytes(bytes, expected, "the content"));
  }
}

export function callOf(action: string, repository: string, { signal, access = "pull" }: CallOptions): Call {
  return { action, repository, access, signal };
}

/** Whether an error says "not there" to a caller who takes refusals for that. */
export function isAbsent(error: unknown, { refusedIsAbsent = false }: CallOptions): boolean {
  return refusedIsAbsent && error instanceof RegistryError && error.isRefusal;
}

export function oneOf(...statuses: readonly number[]): IsAnswer {
  return (status) => statuses.includes(status);
}

export const isThereOrNot = oneOf(200, 404);
export const isHeadAnswer = oneOf(200, ...HEAD_UNKNOWN);

/**
 * Brings a blob into a repository (distribution spec 1.1, "Pushing blobs": POST, then one PUT; and "Mounting
 * a blob from another repository"). The file is checked against its digest before the first byte is sent.
 * A registry that does not mount is sent the blob.
 */
async function upload(
  connection: Connection,
  repository: string,
  blob: BlobFile,
  { exists, mounts }: UploadContext,
  options: UploadOptions = {},
): Promise<BlobUpload> {
  const { signal, mountFrom } = options;
  const call: Call = { action: `upload ${blob.digest}`, repository, access: "push", signal };
  const found = await digestOfFile(blob.path, signal).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw connection.error(call, messageOf(error), error);
  });
  connection.check(call, () => verifyFound(found, blob, blob.path));
  let outcome: BlobUpload | undefined;
  const response = await connection.repeat(call, async (before) => {
    // An earlier attempt may have arrived although its answer did not.
    if (before > 0 && (await exists())) {
      outcome = "uploaded";
      return nothingLeft(connection.url(repository, ""));
    }
    const mounted = await mount(connection, { ...call, source: mountFrom }, blob, mounts);
    if (mounted?.status === 201) outcome = "mounted";
    if (mounted?.status === 201) return mounted;
    const begun = mounted ?? (await connection.sendOnce(call, beginning(connection, call)));
    if (begun.status !== 202) return begun;
    const sent = await send(connection, call, blob, begun);
    if (SENT.has(sent.status)) {
      outcome = "uploaded";
      return nothingLeft(sent.url);
    }
    return sent;
  });
  if (outcome === undefined) throw await connection.failure(call, response);
  return outcome;
}

/** Answers to a blob that was sent: 201 by the specification, the others by registries that say "done" otherwise. */
const SENT = new Set([200, 201, 202, 204]);

function nothingLeft(url: URL): HttpResponse {
  return { status: 201, url, headers: {}, body: Buffer.alloc(0) };
}

/** How an upload is begun. Source: distribution spec 1.1, "POST then PUT" */
function beginning(connection: Connection, { repository }: Call): HttpRequest {
  return { method: "POST", url: connection.url(repository, "blobs/uploads/"), body: new Uint8Array() };
}

/**
 * Has the blob mounted from another repository.
 * @returns 201 where it was, 202 where it must be sent; undefined where the registry does not do that, which is then
 *   remembered: mounting is a shortcut, and a registry without it is sent the blob
 */
async function mount(
  connection: Connection,
  call: Call,
  blob: BlobFile,
  mounts: UploadContext["mounts"],
): Promise<HttpResponse | undefined> {
  if (call.source === undefined || mounts.refused) return undefined;
  const request = beginning(connection, call);
  request.url.searchParams.set("mount", blob.digest);
  request.url.searchParams.set("from", call.source);
  const response = await connection.sendOnce(call, request).catch((error: unknown) => {
    // The token for two repositories may be refused where the one for ours is not.
    if (error instanceof RegistryError && error.isRefusal) return undefined;
    throw error;
  });
  if (response && MOUNTED_OR_BEGUN.has(response.status)) return response;
  mounts.refused = true;
  return undefined;
}

const MOUNTED_OR_BEGUN = new Set([201, 202]);

async function send(
  connection: Connection,
  call: Call,
  blob: BlobFile,
  begun: HttpResponse,
): Promise<HttpResponse> {
  const url = uploadUrl(connection, call, begun);
  // Added to the text: URLSearchParams would rewrite what the registry put there, and it may compare bytes.
  url.search += `${url.search === "" ? "?" : "&"}digest=${encodeURIComponent(blob.digest)}`;
  return connection.sendOnce(call, {
    method: "PUT",
    url,
    headers: { "content-type": "application/octet-stream" },
    body: { path: blob.path, size: blob.size },
  });
}

/**
 * Where a blob is to be sent: what `Location` says, or, where it is missing, what the upload is called.
 * @throws RegistryError where neither says so; HttpError where `Location` is no address, or leads from https to http
 */
function uploadUrl(connection: Connection, call: Call, begun: HttpResponse): URL {
  const start = connection.url(call.repository, "blobs/uploads/");
  const { location } = begun.headers;
  if (location !== undefined) return followUp(location, "Location", start);
  const uuid = begun.headers["docker-upload-uuid"];
  if (uuid !== undefined && /^[\w=.-]{1,512}$/.test(uuid)) return new URL(uuid, start);
  throw connection.error(call, "its answer does not say where to send it: the header Location is missing");
}
