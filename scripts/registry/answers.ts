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

/** Reading of answers as registries give them, which is not always as the specification has it. All of it is pure. */

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
  const form = manifestFormSchema.safeParse(jsonIn(response.body)).data;
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
  const { data } = referrersSchema.safeParse(jsonIn(body));
  return data && (data.manifests ?? []);
}

function jsonIn(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString("utf8"));
  } catch {
    return undefined;
  }
}
