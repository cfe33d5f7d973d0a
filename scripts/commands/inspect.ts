import type { SessionOptions } from "../app/options.ts";
import { notePending } from "../app/pending.ts";
import { printResult } from "../app/print-result.ts";
import { type Session, withSession } from "../app/session.ts";
import { selectTargets } from "../catalog/targets/select.ts";
import { type Descriptor, imageIndexSchema, isIndexType, parseDocument } from "../formats/oci/types.ts";
import type { Platform } from "../model/platform.ts";
import { type Target, tagFor } from "../model/target.ts";
import { findHistory, historyIn } from "../publish/history.ts";
import { readPublished, tagsByDigest } from "../publish/published.ts";
import { repositoryIn } from "../registry/reference.ts";
import { readAttachment, referrersOf } from "../registry/referrers.ts";
import { type Inspected, inspectedJson, inspectedText } from "../report/targets.ts";
import { UserError } from "../system/errors.ts";
import { printDocument } from "../system/shown/output.ts";
import { typed } from "../system/shown/started.ts";
import { STATEMENT_MEDIA_TYPE } from "../trust/provenance.ts";
import { SBOM_MEDIA_TYPE } from "../trust/sbom.ts";

export interface InspectOptions extends SessionOptions {
  readonly sbom: boolean;
  readonly provenance: boolean;
  readonly platform?: Platform[];
}

/** Shows what published targets hold, or the document that is attached to one of them, to the letter. */
export function inspect(patterns: string[], options: InspectOptions): Promise<void> {
  return withSession(options, async (session) => {
    await notePending(session);
    const targets = selectTargets(session.catalog.targets, patterns);
    if (options.sbom || options.provenance) {
      const [target, ...others] = targets;
      if (!target || others.length > 0) {
        throw new UserError(
          `--sbom and --provenance show one document, and ${patterns.join(" ")} means ${targets.length} targets`,
          "name one, such as node:22",
        );
      }
      printDocument(await documentOf(session, target, options));
      return;
    }
    const found = await Promise.all(targets.map((target) => inspectTarget(session, target)));
    printResult(
      options,
      (width) => found.map((one) => inspectedText(one, width)).join("\n\n"),
      () => ({ inspected: found.map((one) => inspectedJson(one)) }),
    );
  });
}

async function inspectTarget(session: Session, target: Target): Promise<Inspected> {
  const { registry, signal } = session;
  const [repository, tag] = placeOf(session, target);
  const published = await readPublished(registry, repository, tag, signal);
  if (!published) return { target, published, tags: [], attached: [], at: undefined };
  const [tags, found, manifests] = await Promise.all([
    tagsByDigest(registry, repository),
    findHistory(registry, repository, tag, { signal }),
    manifestsOf(session, repository, tag),
  ]);
  const [newest] = historyIn(found).entries;
  const subjects = [published.digest, ...manifests.map(({ digest }) => digest)];
  const attached = await Promise.all(
    subjects.map((subject) => referrersOf(registry, repository, subject, { signal })),
  );
  return {
    ...{ target, published, tags: tags.get(published.digest) ?? [], attached: attached.flat() },
    at: newest?.image.digest === published.digest ? newest.created : undefined,
  };
}

async function documentOf(session: Session, target: Target, options: InspectOptions): Promise<string> {
  const { registry, signal } = session;
  const [repository, tag] = placeOf(session, target);
  const subject = options.sbom
    ? await platformDigest(session, target, options.platform?.[0])
    : (await registry.headManifest(repository, tag, { signal }))?.digest;
  const mediaType = options.sbom ? SBOM_MEDIA_TYPE : STATEMENT_MEDIA_TYPE;
  const listed = subject ? await referrersOf(registry, repository, subject, { signal }) : [];
  const found = listed.findLast(({ artifactType }) => artifactType === mediaType);
  const text = found && (await readAttachment(registry, repository, found, { signal }));
  if (text === undefined) {
    throw new UserError(
      `${target.name}: the registry has no ${options.sbom ? "SBOM" : "provenance"} of it`,
      `it comes with the image: ${typed("rebuild", [target.name], ["--force"])}`,
    );
  }
  return text;
}

/** The manifest of one platform; where there is only one, that. */
async function platformDigest(
  session: Session,
  target: Target,
  wanted: Platform | undefined,
): Promise<string | undefined> {
  const manifests = await manifestsOf(session, ...placeOf(session, target));
  const nameOf = ({ platform }: Descriptor) => `${platform?.os}/${platform?.architecture}`;
  const chosen = wanted ? manifests.filter((one) => nameOf(one) === wanted) : manifests;
  if (chosen.length > 1 || (wanted && chosen.length === 0)) {
    throw new UserError(
      `${target.name} is there for ${manifests.map((one) => nameOf(one)).join(", ")}`,
      "choose one with --platform",
    );
  }
  return chosen[0]?.digest;
}

async function manifestsOf({ registry, signal }: Session, repository: string, tag: string) {
  const index = await registry.getManifest(repository, tag, { signal });
  if (!index || !isIndexType(index.mediaType)) return [];
  return parseDocument(imageIndexSchema, index.bytes, `${repository}:${tag}`).manifests;
}

function placeOf({ namespace }: Session, target: Target): [repository: string, tag: string] {
  return [repositoryIn(namespace, target.image), tagFor(target.variant, target.version)];
}
