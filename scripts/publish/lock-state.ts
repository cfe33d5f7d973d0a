import { z } from "zod";
import { canonicalJson, digestOf } from "../formats/oci/digest.ts";
import { MEDIA_TYPE } from "../formats/oci/types.ts";
import { LOCK_TAG } from "../model/reserved.ts";
import type { ManifestContent, Registry } from "../registry/client.ts";
import { messageOf, UserError } from "../system/errors.ts";
import { cleanLine } from "../system/shown/clean-text.ts";

/**
 * Who publishes into a catalog, kept in the registry, which is all that two machines share: an image index without
 * images under the tag `lock` of a repository of its own. The jobs of one CI run hold it together, each with a lease of
 * its own, and it is free when the last of them has given it back.
 */
const ARTIFACT_TYPE = "application/vnd.birdhouse.lock.v1";

const OWNER = "birdhouse.lock.owner";
/** Names the run: the same for all jobs of one, otherwise random. */
const TOKEN = "birdhouse.lock.token";
/** Until when nobody else takes it, unless it is renewed: the latest of all holders. */
const UNTIL = "birdhouse.lock.until";
/** The owner's process, where it is the only one: see `processIdentity`. */
const PROCESS = "birdhouse.lock.process";
/** There when the last holder gave it back. */
const RELEASED = "birdhouse.lock.released";
/** Those that hold it, as JSON. Locks of an older Birdhouse have one holder, which is the owner. */
const HOLDERS = "birdhouse.lock.holders";

const time = z.iso.datetime({ error: "expected a time such as 2026-11-28T21:15:00Z" });
const holderSchema = z.object({ id: z.string(), owner: z.string(), until: time });
const holdersText = z.string().transform((text, context) => {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    context.addIssue("not JSON");
    return z.NEVER;
  }
});
const lockSchema = z.looseObject({
  artifactType: z.literal(ARTIFACT_TYPE),
  annotations: z.looseObject({
    [OWNER]: z.string(),
    [TOKEN]: z.string(),
    [UNTIL]: time,
    [PROCESS]: z.string().optional(),
    [RELEASED]: time.optional(),
    [HOLDERS]: holdersText.pipe(z.array(holderSchema)).optional(),
  }),
});

/** One process that holds a lock. */
export interface LockHolder {
  readonly id: string;
  readonly owner: string;
  readonly until: Date;
}

/** What the registry says of a lock. */
export interface LockState {
  readonly owner: string;
  readonly token: string;
  readonly until: Date;
  readonly released: boolean;
  /** Of an owner that ran on this machine it can be known whether it still does. */
  readonly process?: string | undefined;
  readonly holders: readonly LockHolder[];
}

/** Where a lock is. */
export interface LockPlace {
  readonly registry: Registry;
  readonly repository: string;
}

/**
 * What the registry says; undefined where there never was a lock.
 * @throws RegistryError; UserError where something else is in its place, or it says what cannot be
 */
export async function readLock(place: LockPlace): Promise<LockState | undefined> {
  const manifest = await place.registry.getManifest(place.repository, LOCK_TAG);
  return manifest && parseLock(manifest, place);
}

function parseLock(manifest: ManifestContent, place: LockPlace): LockState {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(manifest.bytes).toString("utf8"));
  } catch (error) {
    throw noLock(place, `it is not JSON (${messageOf(error)})`);
  }
  if ((json as { artifactType?: unknown } | null)?.artifactType !== ARTIFACT_TYPE) {
    throw noLock(place, `it is something else (${manifest.mediaType}, ${manifest.digest})`);
  }
  const parsed = lockSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw noLock(place, `its ${issue?.path.join(" ") ?? ""} is not as expected: ${issue?.message ?? ""}`);
  }
  const { annotations } = parsed.data;
  const { [OWNER]: owner, [TOKEN]: token, [PROCESS]: process, [RELEASED]: released } = annotations;
  const until = new Date(annotations[UNTIL] as string);
  const listed = annotations[HOLDERS] as z.infer<typeof holderSchema>[] | undefined;
  const holders = listed?.map((one) => ({ ...one, until: new Date(one.until) }));
  return {
    ...{ owner: owner as string, token: token as string, until, process: process as string | undefined },
    released: released !== undefined,
    holders: holders ?? [{ id: "", owner: owner as string, until }],
  };
}

/** What a lock is to say. */
export interface LockText {
  readonly token: string;
  readonly holders: readonly LockHolder[];
  /** Where there is one holder, and no other can join it. */
  readonly process?: string | undefined;
  /** When the last holder gave it back. */
  readonly released?: Date;
}

/** A lock as it lies in a registry. Pure. @param holders one at least; of a lock that was given back, the last */
export function lockContent({ token, holders, process, released }: LockText): ManifestContent {
  const until = Math.max(...holders.map((one) => one.until.getTime()));
  const bytes = Buffer.from(
    canonicalJson({
      schemaVersion: 2,
      mediaType: MEDIA_TYPE.index,
      artifactType: ARTIFACT_TYPE,
      manifests: [],
      annotations: {
        [OWNER]: holders[0]?.owner ?? "",
        [TOKEN]: token,
        [UNTIL]: new Date(until).toISOString(),
        ...(process !== undefined && { [PROCESS]: process }),
        ...(released && { [RELEASED]: released.toISOString() }),
        [HOLDERS]: JSON.stringify(
          released ? [] : holders.map(({ until: end, ...one }) => ({ ...one, until: end.toISOString() })),
        ),
      },
    }),
  );
  return { bytes, mediaType: MEDIA_TYPE.index, digest: digestOf(bytes) };
}

/** `HOST/NAMESPACE/birdhouse:lock`. */
export function lockName({ registry, repository }: LockPlace): string {
  return `${registry.host}/${repository}:${LOCK_TAG}`;
}

/** How somebody removes a lock by hand: a registry's client does, where the registry deletes at all. */
export function howToRemove(place: LockPlace): string {
  return `skopeo delete docker://${lockName(place)}`;
}

function noLock(place: LockPlace, why: string): UserError {
  return new UserError(
    `${lockName(place)} is not a lock of Birdhouse's: ${cleanLine(why)}; nothing was published`,
    `see who put it there (skopeo inspect --raw docker://${lockName(place)}); if it may go: ${howToRemove(place)}`,
  );
}
