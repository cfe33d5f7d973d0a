import { isAttestation } from "../formats/oci/attestation.ts";
import { type Descriptor, imageIndexSchema, isIndexType, parseDocument } from "../formats/oci/types.ts";
import type { Platform } from "../model/platform.ts";
import type { Target } from "../model/target.ts";
import { PREDICATE } from "../publish/attachments.ts";
import { findHistory, historyIn } from "../publish/history.ts";
import { readPublished, tagsByDigest } from "../publish/published.ts";
import { newestVex } from "../publish/vex.ts";
import { readAttachment, referrersOf } from "../registry/referrers.ts";
import type { Inspected } from "../report/targets.ts";
import { UserError } from "../system/errors.ts";
import { typed } from "../system/shown/started.ts";
import { PREDICATE_TYPE, STATEMENT_MEDIA_TYPE } from "../trust/provenance.ts";
import { SBOM_MEDIA_TYPE } from "../trust/sbom.ts";
import { VEX_MEDIA_TYPE } from "../trust/vex.ts";
import { tagOf } from "./read-registry.ts";
import type { Session } from "./session.ts";

type InspectSession = Pick<Session, "registry" | "namespace" | "signal">;

/** Reads what the registry has of a target, and what is attached to it. @throws RegistryError */
export async function inspectTarget(session: InspectSession, target: Target): Promise<Inspected> {
  const { registry, signal } = session;
  const [repository, tag] = tagOf(session, target);
  const published = await readPublished(registry, repository, tag, signal);
  if (!published) return { target, published, tags: [], attached: [], at: undefined };
  const [tags, found, manifests] = await Promise.all([
    tagsByDigest(registry, repository),
    findHistory(registry, repository, tag, { signal }),
    manifestsOf(session, target),
  ]);
  const [newest] = historyIn(found).entries;
  const subjects = [published.digest, ...manifests.map(({ digest }) => digest)];
  const attached = await Promise.all(
    subjects.map((subject) => referrersOf({ registry, repository, signal }, subject)),
  );
  return {
    target,
    published,
    tags: tags.get(published.digest) ?? [],
    attached: attached.flat(),
    at: newest?.image.digest === published.digest ? newest.created : undefined,
  };
}

/** Documents that are attached to images: what people call them, and their type. */
const DOCUMENTS = {
  vex: { title: "VEX", mediaType: VEX_MEDIA_TYPE, predicate: undefined },
  sbom: { title: "SBOM", mediaType: SBOM_MEDIA_TYPE, predicate: undefined },
  provenance: { title: "provenance", mediaType: STATEMENT_MEDIA_TYPE, predicate: PREDICATE_TYPE },
};

/**
 * A document of a target, as it is attached: its provenance, or the SBOM or VEX of one of its platforms.
 * @param platform may be left out where there is only one
 * @throws UserError where there is none, or several platforms and none is named; RegistryError
 */
export async function attachedDocument(
  session: InspectSession,
  target: Target,
  which: keyof typeof DOCUMENTS,
  platform: Platform | undefined,
): Promise<string> {
  const { registry, signal } = session;
  const [repository, tag] = tagOf(session, target);
  const place = { registry, repository, signal };
  const subject =
    which === "provenance"
      ? await registry.headManifest(repository, tag, { signal })
      : await manifestOf(session, target, platform);
  const listed = subject ? await referrersOf(place, subject.digest) : [];
  const { title, mediaType, predicate } = DOCUMENTS[which];
  const isIt = ({ artifactType, annotations }: Descriptor) =>
    artifactType === mediaType && (!predicate || annotations?.[PREDICATE] === predicate);
  const found = which === "vex" ? newestVex(listed) : listed.findLast((one) => isIt(one));
  const text = found && (await readAttachment(place, found));
  if (text !== undefined) return text;
  const advice =
    which === "vex"
      ? `there is one where the catalog excepts something that is in the image (gate.exceptions): a build says so, and ${typed("scan")}`
      : `it comes with the image: ${typed("rebuild", [target.name], ["--force"])}`;
  throw new UserError(`${target.name}: the registry has no ${title} of it`, advice);
}

/** The list of contents of one platform, and what else is attached to it. */
export interface PlatformSbom {
  readonly platform: string;
  readonly manifest: Descriptor;
  readonly listed: readonly Descriptor[];
  /** Undefined where none is attached. */
  readonly text: string | undefined;
}

/** The SBOMs of each platform of one image of a target, as attached; without a text where none is. @throws RegistryError */
export async function sbomsOf(
  session: InspectSession,
  target: Target,
  digest: string,
): Promise<PlatformSbom[]> {
  const { registry, signal } = session;
  const [repository] = tagOf(session, target);
  const place = { registry, repository, signal };
  const manifests = await manifestsOf(session, target, digest);
  return Promise.all(
    manifests.map(async (manifest) => {
      const listed = await referrersOf(place, manifest.digest);
      const found = listed.findLast(({ artifactType }) => artifactType === SBOM_MEDIA_TYPE);
      const text = found && (await readAttachment(place, found));
      return { platform: platformIn(manifest), manifest, listed, text };
    }),
  );
}

function platformIn({ platform }: Descriptor): string {
  return `${platform?.os}/${platform?.architecture}`;
}

async function manifestOf(
  session: InspectSession,
  target: Target,
  platform: Platform | undefined,
): Promise<Descriptor | undefined> {
  const manifests = await manifestsOf(session, target);
  const chosen = platform ? manifests.filter((one) => platformIn(one) === platform) : manifests;
  if (chosen.length > 1 || (platform && chosen.length === 0)) {
    throw new UserError(
      `${target.name} is there for ${manifests.map((one) => platformIn(one)).join(", ")}`,
      "choose one with --platform",
    );
  }
  return chosen[0];
}

/** @param digest of the index, where not what the tag points at */
async function manifestsOf(
  session: InspectSession,
  target: Target,
  digest?: string,
): Promise<readonly Descriptor[]> {
  const [repository, tag] = tagOf(session, target);
  const index = await session.registry.getManifest(repository, digest ?? tag, { signal: session.signal });
  if (!index || !isIndexType(index.mediaType)) return [];
  const { manifests } = parseDocument(imageIndexSchema, index.bytes, `${repository}:${tag}`);
  return manifests.filter((one) => !isAttestation(one));
}
