import { digestOfFile, verifyFound } from "../oci/digest.ts";
import { messageOf } from "../system/errors.ts";
import type { HttpResponse } from "../system/http.ts";
import type { Call, Session } from "./session.ts";

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

/**
 * Brings a blob into a repository (distribution spec 1.1, "Pushing blobs": POST, then one PUT; and "Mounting
 * a blob from another repository"). The file is checked against its digest before the first byte is sent.
 * @param exists asks whether the repository has the blob
 */
export async function uploadBlob(
  session: Session,
  repository: string,
  blob: BlobFile,
  exists: () => Promise<boolean>,
  options: UploadOptions = {},
): Promise<BlobUpload> {
  const { signal, mountFrom } = options;
  const call: Call = {
    action: `upload ${blob.digest}`,
    repository,
    access: "push",
    source: mountFrom,
    signal,
  };
  await checkFile(session, call, blob);
  let outcome: BlobUpload | undefined;
  const response = await session.repeat(call, async (before) => {
    // An earlier attempt may have arrived although its answer did not.
    if (before > 0 && (await exists())) {
      outcome = "uploaded";
      return { ...NOTHING_LEFT, url: session.url(repository, "") };
    }
    const begun = await begin(session, call, blob);
    if (begun.status === 201) outcome = "mounted";
    if (begun.status !== 202) return begun;
    const sent = await send(session, call, blob, begun);
    if (sent.status === 201) outcome = "uploaded";
    return sent;
  });
  if (outcome === undefined) throw await session.failure(call, response);
  return outcome;
}

const NOTHING_LEFT = { status: 201, headers: {}, body: Buffer.alloc(0) };

async function checkFile(session: Session, call: Call, blob: BlobFile): Promise<void> {
  try {
    verifyFound(await digestOfFile(blob.path, call.signal), blob, blob.path);
  } catch (error) {
    call.signal?.throwIfAborted();
    throw session.error(call, messageOf(error), error);
  }
}

/** Opens an upload, or has the blob mounted: 201 says that it was, 202 that it must be sent. */
function begin(session: Session, call: Call, blob: BlobFile): Promise<HttpResponse> {
  const url = session.url(call.repository, "blobs/uploads/");
  if (call.source !== undefined) {
    url.searchParams.set("mount", blob.digest);
    url.searchParams.set("from", call.source);
  }
  return session.sendOnce(call, { method: "POST", url, body: new Uint8Array() });
}

function send(session: Session, call: Call, blob: BlobFile, begun: HttpResponse): Promise<HttpResponse> {
  const { location } = begun.headers;
  if (location === undefined) throw session.error(call, "the registry did not say where to send it");
  const url = new URL(location, session.url(call.repository, "blobs/uploads/"));
  // Added to the text: URLSearchParams would write anew what the registry put there, and it may compare bytes.
  url.search += `${url.search === "" ? "?" : "&"}digest=${encodeURIComponent(blob.digest)}`;
  return session.sendOnce(call, {
    method: "PUT",
    url,
    headers: { "content-type": "application/octet-stream" },
    body: { path: blob.path, size: blob.size },
  });
}
