import { z } from "zod";
import { isDigest } from "../oci/digest.ts";
import {
  type Descriptor,
  descriptorSchema,
  imageIndexSchema,
  isIndexType,
  isManifestType,
  MEDIA_TYPE,
} from "../oci/types.ts";
import type { HttpResponse } from "./http.ts";

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

/**
 * The rest of a long list: `<URL>; rel="next"`, also without the brackets.
 * Source: distribution spec 1.1, "Listing Tags"; RFC 8288, section 3
 */
export function nextPage(header: string): string | undefined {
  let rest = header.slice(0, LONGEST_LINK);
  while (rest !== "") {
    const [target, after] = splitTarget(rest);
    const end = endOfParameters(after);
    if (isNext(after.slice(0, end))) return target === "" ? undefined : target;
    rest = after.slice(end + 1);
  }
  return undefined;
}

/** Characters of a `Link` header that are read: those of real lists have a few hundred. */
const LONGEST_LINK = 8192;

/** The target of the first link, and what follows it. */
function splitTarget(text: string): [target: string, after: string] {
  const trimmed = text.trimStart();
  const end = trimmed.startsWith("<") ? trimmed.indexOf(">") : trimmed.indexOf(";");
  if (end === -1) return ["", ""];
  const target = trimmed.startsWith("<") ? trimmed.slice(1, end) : trimmed.slice(0, end);
  return [target.trim(), trimmed.slice(trimmed.startsWith("<") ? end + 1 : end)];
}

/** Where the parameters of a link end: at a comma that is not quoted. */
function endOfParameters(text: string): number {
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') quoted = !quoted;
    if (text[at] === "," && !quoted) return at;
  }
  return text.length;
}

function isNext(parameters: string): boolean {
  return parameters.split(";").some((parameter) => {
    const [name = "", value = ""] = parameter.split("=");
    const relations = value.trim().replaceAll('"', "").toLowerCase().split(" ");
    return name.trim().toLowerCase() === "rel" && relations.includes("next");
  });
}

function jsonIn(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString("utf8"));
  } catch {
    return undefined;
  }
}
