import { digestOfFile, verifyFound } from "../formats/oci/digest.ts";
import { messageOf } from "../system/errors.ts";
import type { HttpRequest, HttpResponse } from "../system/http/message.ts";
import type { Call, Connection } from "./connection.ts";
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

/**
 * Brings a blob into a repository (distribution spec 1.1, "Pushing blobs": POST, then one PUT; and "Mounting
 * a blob from another repository"). The file is checked against its digest before the first byte is sent.
 * A registry that does not mount is sent the blob.
 */
export async function uploadBlob(
  connection: Connection,
  repository: string,
  blob: BlobFile,
  { exists, mounts }: UploadContext,
  options: UploadOptions = {},
): Promise<BlobUpload> {
  const { signal, mountFrom } = options;
  const call: Call = { action: `upload ${blob.digest}`, repository, access: "push", signal };
  await checkFile(connection, call, blob);
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

async function checkFile(connection: Connection, call: Call, blob: BlobFile): Promise<void> {
  try {
    verifyFound(await digestOfFile(blob.path, call.signal), blob, blob.path);
  } catch (error) {
    call.signal?.throwIfAborted();
    throw connection.error(call, messageOf(error), error);
  }
}

/** How an upload is begun. Source: distribution spec 1.1, "POST then PUT" */
function beginning(connection: Connection, { repository }: Call): HttpRequest {
  return { method: "POST", url: connection.url(repository, "blobs/uploads/"), body: new Uint8Array() };
}

/**
 * Has the blob mounted from another repository.
 * @returns 201 where it was, 202 where it must be sent; undefined where the registry does not do that, which is then
 *   remembered: it is a shortcut, and whoever does not know it takes the blob itself
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
  // Added to the text: URLSearchParams would write anew what the registry put there, and it may compare bytes.
  url.search += `${url.search === "" ? "?" : "&"}digest=${encodeURIComponent(blob.digest)}`;
  return connection.sendOnce(call, {
    method: "PUT",
    url,
    headers: { "content-type": "application/octet-stream" },
    body: { path: blob.path, size: blob.size },
  });
}

/** Where a blob is to be sent: what `Location` says, or, where it is missing, what the upload is called. */
function uploadUrl(connection: Connection, call: Call, { headers }: HttpResponse): URL {
  const start = connection.url(call.repository, "blobs/uploads/");
  const { location } = headers;
  const uuid = headers["docker-upload-uuid"];
  if (location === undefined && uuid !== undefined && /^[\w=.-]{1,512}$/.test(uuid))
    return new URL(uuid, start);
  if (location === undefined || !URL.canParse(location, start.href)) {
    throw connection.error(
      call,
      "the registry did not say where to send it: its answer has no Location that can be read",
    );
  }
  const url = new URL(location, start);
  if (start.protocol === "https:" && url.protocol !== "https:") {
    throw connection.error(
      call,
      `its answer's Location would have it sent in the clear, to ${url.protocol}//${url.host}: the proxy before ` +
        "the registry must tell it of https (X-Forwarded-Proto, or the registry's own setting)",
    );
  }
  return url;
}
