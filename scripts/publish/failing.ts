import { createHash } from "node:crypto";
import { z } from "zod";
import { parseDocument } from "../formats/oci/types.ts";
import type { Failing } from "../model/run.ts";
import type { Target } from "../model/target.ts";
import type { Registry } from "../registry/client.ts";
import { indexContent } from "../registry/push.ts";

/**
 * How often a target failed, kept in the registry, which all machines of a catalog share and no CI throws away: an image
 * index without images, under a tag of the target's own in the repository of the lock. What was never published has no
 * repository of its own.
 */
const ARTIFACT_TYPE = "application/vnd.birdhouse.failing.v1";

const TARGET = "birdhouse.failing.target";
const RUNS = "birdhouse.failing.runs";
const SINCE = "birdhouse.failing.since";
const LAST = "birdhouse.failing.last";
const FINGERPRINT = "birdhouse.failing.fingerprint";

const failingSchema = z
  .looseObject({
    artifactType: z.literal(ARTIFACT_TYPE),
    annotations: z.looseObject({
      [TARGET]: z.string(),
      [RUNS]: z
        .string()
        .regex(/^\d{1,6}$/)
        .transform(Number),
      [SINCE]: z.iso.datetime(),
      [LAST]: z.iso.datetime(),
      [FINGERPRINT]: z.string().max(100).optional(),
    }),
  })
  .transform(({ annotations }) => ({
    target: annotations[TARGET],
    failing: {
      runs: annotations[RUNS],
      since: annotations[SINCE],
      last: annotations[LAST],
      fingerprint: annotations[FINGERPRINT],
    },
  }));

/** Where it is kept. */
interface FailingPlace {
  readonly registry: Pick<Registry, "getManifest" | "putManifest">;
  /** That of the lock. */
  readonly repository: string;
  readonly signal?: AbortSignal | undefined;
}

/** A tag has letters, digits, `_`, `.` and `-`: the hash tells apart what these make one of. */
function failingTag(target: Target["name"]): string {
  const hash = createHash("sha256").update(target).digest("hex").slice(0, 12);
  return `failing-${target.replace(/[^\w.-]/g, "_").slice(0, 100)}-${hash}`;
}

/**
 * Reads how often a target failed in the last runs; undefined where it did not, and where something else has its tag.
 * @throws RegistryError
 */
export async function findFailing(
  { registry, repository, signal }: FailingPlace,
  target: Target["name"],
): Promise<Failing | undefined> {
  const options = { ...(signal && { signal }), refusedIsAbsent: true };
  const found = await registry.getManifest(repository, failingTag(target), options);
  const read = found && readFailing(found.bytes);
  return read?.target === target && read.failing.runs > 0 ? read.failing : undefined;
}

/** What a manifest says of which target; undefined where it is no such thing. */
export function readFailing(manifest: Uint8Array): { target: string; failing: Failing } | undefined {
  try {
    return parseDocument(failingSchema, manifest, "what a target's failures are kept in");
  } catch {
    return undefined;
  }
}

/**
 * Writes down how often a target has failed by now; no times where it has been mended: many registries delete nothing.
 * @throws RegistryError
 */
export async function putFailing(
  { registry, repository, signal }: FailingPlace,
  target: Target["name"],
  { runs, since, last, fingerprint }: Failing,
): Promise<void> {
  const annotations = {
    [TARGET]: target,
    [RUNS]: String(runs),
    [SINCE]: since,
    [LAST]: last,
    ...(fingerprint !== undefined && { [FINGERPRINT]: fingerprint }),
  };
  const content = indexContent({ artifactType: ARTIFACT_TYPE, manifests: [], annotations });
  await registry.putManifest(repository, failingTag(target), content, { ...(signal && { signal }) });
}
