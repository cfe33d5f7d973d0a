import { z } from "zod";
import { OciLayout } from "../formats/oci/layout.ts";
import { type Descriptor, MEDIA_TYPE, manifestSchema, parseDocument } from "../formats/oci/types.ts";
import { SEVERITIES, STANDINGS } from "../model/gate.ts";
import { LEDGER_SOURCES, type Ledger } from "../model/ledger.ts";
import { LEDGER_SUFFIX } from "../model/tags.ts";
import type { RepositoryPlace } from "../registry/client.ts";
import type { CallOptions } from "../registry/connection.ts";
import { manifestContent, pushContent } from "../registry/push.ts";
import { messageOf, UserError } from "../system/errors.ts";
import { makeScratch, removeTree } from "../system/files/files.ts";

/**
 * The ledger of a tag, kept in the registry under a tag of its own, `22.ledger` beside `22`: an artifact whose one layer
 * is the document. Unlike the history it is of no use to the registry itself, and needs nothing of it but that.
 */
const ARTIFACT_TYPE = "application/vnd.birdhouse.ledger.v1+json";

/** Bytes: several times what a full ledger takes. */
const LARGEST = 4_000_000;

/** Characters of a name or a sentence: what others wrote into a registry is not believed to be short. */
const text = z.string().max(2_000);
const time = z.iso.datetime();
const entrySchema = z.looseObject({
  id: text,
  package: text,
  installed: text,
  severity: z.enum(SEVERITIES).optional(),
  platforms: z.array(text),
  sources: z.array(z.enum(LEDGER_SOURCES)),
  firstSeen: time,
  fixedByAlpine: z.looseObject({ version: text, since: time }).optional(),
  publishedByUs: z.looseObject({ digest: text, time }).optional(),
  withdrawn: time.optional(),
  exception: z.looseObject({ kind: z.enum(STANDINGS), reason: text, until: text }).optional(),
});
/** What a later Birdhouse writes beside it is kept. */
const ledgerSchema: z.ZodType<Ledger> = z.looseObject({
  target: text,
  looked: z.looseObject({ at: time, digest: text, sources: z.array(z.enum(LEDGER_SOURCES)) }).optional(),
  entries: z.array(entrySchema),
  dropped: z.int().nonnegative(),
});

/** Where the ledger of a tag is: `22` → `22.ledger`. */
function ledgerTag(tag: string): string {
  return tag + LEDGER_SUFFIX;
}

/** What was found under a ledger's tag: a ledger, nothing, or something else, and why it is none. */
export type FoundLedger =
  | { readonly kind: "ledger"; readonly ledger: Ledger; readonly digest: string }
  | { readonly kind: "none" }
  | { readonly kind: "foreign"; readonly because: string };

/** Reads the ledger of a tag. @throws RegistryError */
export async function findLedger(
  { registry, repository, signal }: RepositoryPlace,
  tag: string,
  options: CallOptions = {},
): Promise<FoundLedger> {
  const where = `${repository}:${ledgerTag(tag)}`;
  const call = { signal, ...options };
  const found = await registry.getManifest(repository, ledgerTag(tag), call);
  if (!found) return { kind: "none" };
  let document: Descriptor;
  try {
    document = documentIn(found.bytes, where);
  } catch (error) {
    return { kind: "foreign", because: messageOf(error) };
  }
  // Outside of what is caught: a registry that is away, or asked no longer, says nothing of what it has.
  const bytes = await registry.getBlob(repository, document, call);
  if (!bytes) return { kind: "foreign", because: `${where} has lost its document` };
  try {
    return { kind: "ledger", ledger: parseDocument(ledgerSchema, bytes, where), digest: found.digest };
  } catch (error) {
    return { kind: "foreign", because: messageOf(error) };
  }
}

/** Where the document of a ledger is, by its manifest. @throws Error where it is no ledger */
function documentIn(manifest: Uint8Array, where: string): Descriptor {
  const { artifactType, layers } = parseDocument(manifestSchema, manifest, where);
  const [layer] = layers;
  if (artifactType !== ARTIFACT_TYPE || !layer) throw new Error(`${where} is no ledger`);
  if (layer.size > LARGEST) throw new Error(`${where} is larger than any ledger: ${layer.size} bytes`);
  return layer;
}

/**
 * Puts the ledger of a tag into the registry, in place of the one that was found there, which is removed where the registry
 * does that: each day would leave one otherwise. Two who do this at once both succeed, and the later one's stays.
 * @param scratch a directory for the layout that it is sent from
 * @throws RegistryError; UserError where something else has its tag
 */
export async function putLedger(
  place: RepositoryPlace,
  tag: string,
  { ledger, found, scratch }: { ledger: Ledger; found: FoundLedger; scratch: string },
): Promise<void> {
  const { registry, repository, signal } = place;
  if (found.kind === "foreign") {
    const name = `${registry.host}/${repository}:${ledgerTag(tag)}`;
    throw new UserError(
      `${found.because}; nothing is written over it`,
      `see who put it there (skopeo inspect --raw docker://${name}); if nobody needs it: skopeo delete docker://${name}`,
    );
  }
  const directory = await makeScratch(scratch, "ledger-");
  try {
    const layout = await OciLayout.create(directory);
    const document = {
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.manifest,
      artifactType: ARTIFACT_TYPE,
      config: await layout.putBytes(Buffer.from("{}"), "application/vnd.oci.empty.v1+json"),
      layers: [await layout.putBytes(Buffer.from(`${JSON.stringify(ledger)}\n`), ARTIFACT_TYPE)],
    };
    const manifest = await layout.putJson(document, MEDIA_TYPE.manifest);
    await pushContent(layout, manifest, registry, repository, { signal });
    await registry.putManifest(repository, ledgerTag(tag), await manifestContent(layout, manifest), {
      signal,
    });
    if (found.kind === "ledger" && found.digest !== manifest.digest) await removeOld(place, found.digest);
  } finally {
    await removeTree(directory);
  }
}

/** Registries that refused to delete: each is asked once. */
const undeleting = new WeakSet<RepositoryPlace["registry"]>();

async function removeOld({ registry, repository, signal }: RepositoryPlace, digest: string): Promise<void> {
  if (undeleting.has(registry)) return;
  try {
    await registry.deleteManifest(repository, digest, { signal });
  } catch {
    // Many registries delete nothing, or not for us. Nobody sees what is left: it has no tag.
    undeleting.add(registry);
  }
}
