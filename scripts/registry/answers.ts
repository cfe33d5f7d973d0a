import { z } from "zod";
import { isDigest } from "../formats/oci/digest.ts";
import {
  type Descriptor,
  descriptorSchema,
  imageIndexSchema,
  isIndexType,
  isManifestType,
  MEDIA_TYPE,
} from "../formats/oci/types.ts";
import type { HttpResponse } from "../system/http/message.ts";
import { tryJson } from "../system/json.ts";

/** How registries answer, which is not always as the specification has it. All of it is pure. */

/** The documents that we read: manifests and indexes. */
export const ACCEPTED = [
  MEDIA_TYPE.index,
  MEDIA_TYPE.manifest,
  MEDIA_TYPE.dockerManifestList,
  MEDIA_TYPE.dockerManifest,
];

/** Says of a status whether it is an answer to a request; any other is a failure. */
export const isAnswerTo = {
  get: oneOf(200, 404),
  /** Some registries, and proxies before them, know only `GET` of a manifest: they say so by all after the first. */
  head: oneOf(200, 400, 404, 405, 406, 501),
  /** 201 by the specification, the others by registries that say "done" otherwise. */
  put: oneOf(200, 201, 202, 204),
  delete: oneOf(200, 202, 204, 404),
  /** Of referrers: all but what says that we lack rights, or ask too often. */
  list: (status: number) => ![401, 403, 429].includes(status),
};

function oneOf(...statuses: readonly number[]): (status: number) => boolean {
  return (status) => statuses.includes(status);
}

/** What a proxy or a login page before a registry answers with. */
const PAGE = "text/html";

/** The `Content-Type`, in lower case and without parameters such as `charset`. */
export function mediaTypeOf({ headers }: Pick<HttpResponse, "headers">): string {
  const [type = ""] = (headers["content-type"] ?? "").split(";");
  return type.trim().toLowerCase();
}

/**
 * The `Docker-Content-Digest`; some write it in upper case. Undefined where it is missing or of an algorithm that is
 * not ours: then the bytes themselves must tell.
 */
export function digestHeader({ headers }: Pick<HttpResponse, "headers">): string | undefined {
  const digest = headers["docker-content-digest"]?.trim().toLowerCase();
  return digest !== undefined && isDigest(digest) ? digest : undefined;
}

/** What the headers of an answer to `HEAD` say of a manifest; undefined where they do not say all of it. */
export function describedBy(response: Pick<HttpResponse, "status" | "headers">): Descriptor | undefined {
  const digest = digestHeader(response);
  const size = Number(response.headers["content-length"]);
  const mediaType = mediaTypeOf(response);
  const isWhole = response.status === 200 && size > 0 && mediaType !== "" && mediaType !== PAGE;
  return isWhole && digest !== undefined ? { mediaType, digest, size } : undefined;
}

const manifestFormSchema = z.looseObject({
  mediaType: z.string().optional(),
  manifests: z.unknown().optional(),
  config: z.unknown().optional(),
});

/**
 * What kind of manifest an answer holds. Its `Content-Type` says so, or, where a proxy or an object store has put
 * `application/json` or nothing there, the document itself. Undefined where it is none.
 */
export function typeOfManifest(response: HttpResponse): string | undefined {
  const said = mediaTypeOf(response);
  if (isIndexType(said) || isManifestType(said)) return said;
  const form = manifestFormSchema.safeParse(tryJson(response.body)).data;
  if (!form) return undefined;
  const own = form.mediaType ?? "";
  if (isIndexType(own) || isManifestType(own)) return own;
  if (Array.isArray(form.manifests)) return MEDIA_TYPE.index;
  if (form.config !== undefined) return MEDIA_TYPE.manifest;
  return said === "" ? undefined : said;
}

/** A list without any is `null` by some. */
const referrersSchema = imageIndexSchema.extend({ manifests: z.array(descriptorSchema).nullable() });

/** What a list of referrers names; undefined where it is no such list, whatever its `Content-Type` says. */
export function referrersIn(body: Uint8Array): Descriptor[] | undefined {
  const { data } = referrersSchema.safeParse(tryJson(body));
  return data && (data.manifests ?? []);
}
