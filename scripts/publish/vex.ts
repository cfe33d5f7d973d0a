import { join } from "node:path";
import { z } from "zod";
import type { Built } from "../build/built.ts";
import { OciLayout } from "../formats/oci/layout.ts";
import type { Descriptor } from "../formats/oci/types.ts";
import type { LetThrough } from "../model/gate.ts";
import type { RepositoryPlace } from "../registry/client.ts";
import type { BlobLocations } from "../registry/push.ts";
import { attach, referrersOf } from "../registry/referrers.ts";
import { tryJson } from "../system/json.ts";
import { VEX_MEDIA_TYPE, type VexSpeaker, vexDocument } from "../trust/vex.ts";

/** Annotations of what is attached: the document's `@id`, and when it was said. */
const ID = "birdhouse.vex.id";
const CREATED = "org.opencontainers.image.created";

/**
 * Attaches to each platform of an image that has arrived what the gate let through in it. What says the same is not said
 * again; what says something else stands beside it, and the youngest counts.
 * @returns the bytes that were sent
 * @throws RegistryError
 */
export async function attachVex(
  built: Built,
  letThrough: readonly LetThrough[],
  speaker: VexSpeaker,
  place: RepositoryPlace,
  blobLocations: BlobLocations,
): Promise<number> {
  let sent = 0;
  for (const platform of built.platforms) {
    const content = vexDocument(built, platform, letThrough, speaker);
    if (content === undefined) continue;
    if (isSaid(await referrersOf(place, platform.manifest.digest), content)) continue;
    const layout = await OciLayout.create(join(built.layout, "attachments"));
    sent += await attachVexTo(place, platform.manifest, content, speaker.at, layout, blobLocations);
  }
  return sent;
}

/**
 * Attaches a VEX to a platform's image. @param layout for its blobs and manifest
 * @returns the bytes that were sent
 * @throws RegistryError
 */
export function attachVexTo(
  place: RepositoryPlace,
  subject: Descriptor,
  content: string,
  at: Date,
  layout: OciLayout,
  blobLocations?: BlobLocations,
): Promise<number> {
  const annotations = { [ID]: idOf(content), [CREATED]: at.toISOString() };
  return attach(place, { subject, mediaType: VEX_MEDIA_TYPE, content, annotations }, layout, blobLocations);
}

/** Whether the VEX that counts among what is attached to a platform says the same as another. Pure. */
export function isSaid(listed: readonly Descriptor[], content: string): boolean {
  return newestVex(listed)?.annotations?.[ID] === idOf(content);
}

const statementsSchema = z.looseObject({
  statements: z.array(z.looseObject({ vulnerability: z.looseObject({ name: z.string().max(200) }) })),
});

/** The vulnerabilities that a VEX has its word about; none of what is no VEX. Pure. */
export function readVexNames(text: string): ReadonlySet<string> {
  const { statements = [] } = statementsSchema.safeParse(tryJson(text)).data ?? {};
  return new Set(statements.map(({ vulnerability }) => vulnerability.name));
}

function idOf(document: string): string {
  return String((tryJson(document) as { readonly "@id"?: unknown } | undefined)?.["@id"]);
}

/** The VEX that counts among what is attached to a platform; undefined where there is none. Pure. */
export function newestVex(listed: readonly Descriptor[]): Descriptor | undefined {
  return listed
    .filter(({ artifactType }) => artifactType === VEX_MEDIA_TYPE)
    .toSorted((a, b) => ((a.annotations?.[CREATED] ?? "") < (b.annotations?.[CREATED] ?? "") ? -1 : 1))
    .at(-1);
}
