import { LockedError } from "../publish/lock-state.ts";
import type { TagMover } from "../publish/move-release.ts";
import type { Registry } from "../registry/client.ts";
import { openRegistry } from "../registry/open.ts";
import { ABOUT_TO_WRITE, BlobLocations } from "../registry/push.ts";
import { parseNamespace, repositoryIn } from "../registry/reference.ts";
import { messageOf, UserError } from "../system/errors.ts";
import { withCarried } from "../transfer/carry.ts";
import { checkTags } from "../transfer/choose.ts";
import type { KeptBlob } from "../transfer/collect.ts";
import type { Left } from "../transfer/editions.ts";
import type { OpenExport } from "../transfer/read.ts";
import { forecast, type ImportedRelease, type Sent, sendRelease } from "../transfer/send.ts";
import { notePending } from "./pending.ts";
import { openPromotionScan, type PromotionScan } from "./promotion-scan.ts";
import { type Promotable, type PromotionPlan, type PromotionRequest, planPromotions } from "./promotions.ts";
import type { Session } from "./session.ts";
import { throughTagDoor } from "./tag-door.ts";

type PromoteSession = Pick<
  Session,
  | "catalog"
  | "profile"
  | "registry"
  | "namespace"
  | "journals"
  | "scratch"
  | "today"
  | "signal"
  | "listener"
  | "openUpstream"
>;

interface PromoteRequest {
  /** `HOST[:PORT]/NAMESPACE` of each, as it was typed. */
  readonly from: string;
  readonly to: string;
  readonly patterns: readonly string[];
  /** Wait for no soak time. */
  readonly isUrgent: boolean;
  readonly dryRun: boolean;
}

/** A version that could not be promoted, and why. */
export interface Failed {
  readonly release: string;
  readonly text: string;
}

/** What came of a promotion. */
export interface Promotions {
  readonly promoted: readonly Sent[];
  readonly left: readonly Left[];
  readonly failed: readonly Failed[];
}

/**
 * Takes what was built and tested on from one registry to the session's, as it is: what the catalog's rule lets go.
 * What fails for one version is told of it, and stops no other.
 * @throws UserError, LockedError, RegistryError
 */
export async function promoteTargets(session: PromoteSession, request: PromoteRequest): Promise<Promotions> {
  const { catalog, registry, namespace, signal } = session;
  const { from, to, patterns, dryRun, isUrgent } = request;
  const source = parseNamespace(from);
  const isSameHost = source.registry === namespace.registry;
  if (isSameHost && source.path === namespace.path) {
    throw new UserError(
      `${from} and ${to} are the same place`,
      "name the registry that images come from first",
    );
  }
  const opened = isSameHost ? registry : await openRegistry(source.registry, catalog.ecr, signal);
  const staging = { registry: opened, namespace: source, signal };
  const { soak = 0, scan = false } = catalog.promote ?? {};
  const planning = { from, to, staging, patterns, soak: isUrgent ? 0 : soak };
  const plan = (own: PromoteSession) => planPromotions(own, { ...planning, now: new Date() });
  const way = { ...planning, isSameHost, scan, dryRun };
  if (dryRun) {
    await notePending(session);
    return carryAll(session, await plan(session), way, undefined);
  }
  return throughTagDoor(session, {
    plan,
    idle: ({ promotable, left }) =>
      promotable.length === 0 ? { promoted: [], left, failed: [] } : undefined,
    work: (planned, door) => carryAll(door.session, planned, way, door),
  });
}

/** How a promotion is done. */
interface Way extends Omit<PromotionRequest, "now"> {
  readonly isSameHost: boolean;
  readonly scan: boolean;
  readonly dryRun: boolean;
}

/** @param mover undefined where it is only to be said what would be done */
async function carryAll(
  session: PromoteSession,
  { promotable, left }: PromotionPlan,
  way: Way,
  mover: TagMover | undefined,
): Promise<Promotions> {
  const promoted: Sent[] = [];
  const found: Left[] = [];
  const failed: Failed[] = [];
  // Before anything is sent: without a scanner nothing may go on.
  const look = way.scan && promotable.length > 0 ? await openPromotionScan(session) : undefined;
  const sending = { mover, look, blobLocations: new BlobLocations() };
  for (const one of promotable) {
    session.signal.throwIfAborted();
    const release = one.name;
    session.listener({ type: "note", text: `${release}: from ${way.from} to ${way.to}` });
    try {
      const result = await carry(session, one, way, sending);
      if (typeof result === "string") found.push({ release, because: "found", text: result });
      else promoted.push(...result);
    } catch (error) {
      // Whoever has the lock by now decides about all that is left.
      if (session.signal.aborted || error instanceof LockedError) throw error;
      failed.push({ release, text: messageOf(error) });
    }
  }
  return { promoted, left: [...found, ...left], failed };
}

interface Sending {
  readonly mover: TagMover | undefined;
  readonly look: PromotionScan | undefined;
  readonly blobLocations: BlobLocations;
}

/** @returns what was sent and moved; what a scan found, where that stops it */
async function carry(
  session: PromoteSession,
  { name, images }: Promotable,
  way: Way,
  { mover, look, blobLocations }: Sending,
): Promise<Sent[] | string> {
  const { catalog, registry, namespace, scratch, signal } = session;
  const { from, staging, isSameHost, dryRun } = way;
  const [{ target: first } = { target: undefined }] = images;
  if (!first) return [];
  const repository = repositoryIn(staging.namespace, first.image);
  const source = { registry: staging.registry, repository, signal };
  const isNeedless = needlessIn(registry, repositoryIn(namespace, first.image), { look, dryRun, signal });
  return withCarried(images, { source, from, scratch, signal, isNeedless }, async (opened) => {
    const release = releaseOf(name, images, opened);
    const { releases } = await checkTags(opened.layout, [release], catalog.targets, from);
    const refused = await look?.(opened, images);
    if (refused !== undefined) return refused;
    const context = { registry, namespace, layout: opened.layout, signal };
    const variants = releases.flatMap((one) => one.variants);
    if (!mover) return Promise.all(variants.map((one) => forecast(one, context)));
    if (isSameHost) await mountFrom(repository, opened, blobLocations);
    const sent: Sent[] = [];
    for (const one of releases) sent.push(...(await sendRelease(one, { ...context, blobLocations, mover })));
    return sent;
  });
}

/** A layer that the other side has is not read, and none where nothing is sent; a scan looks at all of them. */
function needlessIn(
  registry: Registry,
  repository: string,
  { look, dryRun, signal }: Pick<Way, "dryRun"> & Pick<Sending, "look"> & { readonly signal: AbortSignal },
): (blob: KeptBlob) => Promise<boolean> {
  return async ({ digest }) => {
    if (look) return false;
    return dryRun || registry.blobExists(repository, digest, { ...ABOUT_TO_WRITE, signal });
  };
}

function releaseOf(
  name: string,
  images: Promotable["images"],
  { images: exported }: OpenExport,
): ImportedRelease {
  const variants = images.flatMap(({ target }) => {
    const one = exported.find((found) => found.target === target.name);
    return one ? [{ target, exported: one }] : [];
  });
  return { name, variants };
}

/** Within one registry nothing is sent that can be mounted. */
async function mountFrom(
  repository: string,
  { layout }: OpenExport,
  locations: BlobLocations,
): Promise<void> {
  for (const root of (await layout.readIndex()).manifests) {
    const { blobs } = await layout.closure(root);
    for (const { digest } of blobs) await locations.bring(digest, repository, async () => false);
  }
}
