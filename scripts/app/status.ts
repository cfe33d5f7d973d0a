import pLimit from "p-limit";
import { selectTargets } from "../catalog/targets/select.ts";
import { HISTORY_SUFFIX } from "../model/tags.ts";
import { type Target, tagFor } from "../model/target.ts";
import type { PlannedTarget } from "../plan/plan.ts";
import type { Vulnerability } from "../plan/vulnerable.ts";
import { findHistory, historyIn } from "../publish/history.ts";
import { findLedger } from "../publish/ledger.ts";
import { repositoryIn } from "../registry/reference.ts";
import { referrersOf, referrersTag } from "../registry/referrers.ts";
import type { Affected } from "../report/affected.ts";
import type { LeftTag, Status, TargetStatus } from "../report/status.ts";
import { unfixedOf } from "../report/status-ledger.ts";
import { messageOf, UserError } from "../system/errors.ts";
import { hasSignatureBundle } from "../trust/bundles.ts";
import { askForAll, type KnownFixes, lookUp } from "./known-fixes.ts";
import { makePlan } from "./make-plan.ts";
import { readPasts } from "./past.ts";
import { REQUESTS_AT_ONCE, type RegistryPlace, tagOf } from "./read-registry.ts";
import type { Session } from "./session.ts";

/**
 * Finds out what the registry holds of some targets, by what it answers and what Alpine offers and has fixed.
 * @throws RegistryError
 */
export async function readStatus(session: Session, patterns: readonly string[]): Promise<Status> {
  const { catalog } = session;
  const targets = selectTargets(catalog.targets, patterns);
  const asked = new Set(targets.map(({ name }) => name));
  const unread = new Map<string, string>();
  const made = await makePlan(session, { patterns, thorough: true, asksOnly: true, unread });
  const planned = made.planned.filter(({ target }) => asked.has(target.name));
  const alpine = await askForAll(session, targets);
  const limit = pLimit(REQUESTS_AT_ONCE);
  const rows = planned.map((one) => limit(() => statusOrProblem(session, one, alpine, unread)));
  // Whoever asks for one version does not ask for those that are none any more.
  const images = new Set(
    targets.filter(({ image }) => isWhole(image, asked, catalog.targets)).map(({ image }) => image),
  );
  const unlisted: string[] = [];
  const leftOrProblem = (image: string) =>
    leftTags(session, image).catch((error: unknown): LeftTag[] => {
      session.signal.throwIfAborted();
      unlisted.push(`the tags of ${image}: ${messageOf(error)}`);
      return [];
    });
  const left = [...images].map((image) => limit(leftOrProblem, image));
  return {
    targets: await Promise.all(rows),
    left: (await Promise.all(left)).flat(),
    unknown: [...alpine.unknown, ...unlisted],
  };
}

function isWhole(image: string, asked: ReadonlySet<string>, targets: readonly Target[]): boolean {
  return targets.every((target) => target.image !== image || asked.has(target.name));
}

/** What the registry fails on of one target is told of it, and stops no other. */
async function statusOrProblem(
  session: Session,
  planned: PlannedTarget,
  alpine: KnownFixes,
  unread: ReadonlyMap<string, string>,
): Promise<TargetStatus> {
  const nothing = { planned, vulnerabilities: undefined, at: undefined, isSigned: undefined };
  const problem = unread.get(planned.target.name);
  if (problem !== undefined) return { ...nothing, problem };
  try {
    return await statusOf(session, planned, alpine);
  } catch (error) {
    session.signal.throwIfAborted();
    return { ...nothing, problem: messageOf(error) };
  }
}

async function statusOf(
  place: RegistryPlace & Pick<Session, "catalog">,
  planned: PlannedTarget,
  alpine: KnownFixes,
): Promise<TargetStatus> {
  const { published, target } = planned;
  if (!published) return { planned, vulnerabilities: undefined, at: undefined, isSigned: undefined };
  const { registry, signal } = place;
  const [repository, tag] = tagOf(place, target);
  const [newest] = historyIn(await findHistory(registry, repository, tag, { signal })).entries;
  return {
    planned,
    vulnerabilities: lookUp(target, published, alpine),
    at: newest?.image.digest === published.digest ? newest.created : undefined,
    ledger: await readLedger(place, repository, tag),
    isSigned: place.catalog.sign && (await hasSignature(place, repository, published.digest)),
  };
}

/** The ledger of a tag; undefined where nobody scanned yet, or something else has its place: a scan says so. */
async function readLedger({ registry, signal }: RegistryPlace, repository: string, tag: string) {
  const found = await findLedger({ registry, repository, signal }, tag);
  return found.kind === "ledger" ? found.ledger : undefined;
}

/** What some releases of cosign attach where they are told to; release 3 attaches a bundle, and others have a tag for it. */
const SIGNATURE = /^application\/vnd\.dev\.cosign\.artifact\.sig\b/;

/** Whether a signature is there. Whose it is, and whether it is good, cosign tells. */
async function hasSignature(place: RegistryPlace, repository: string, digest: string): Promise<boolean> {
  const { registry, signal } = place;
  const listed = await referrersOf({ registry, repository, signal }, digest);
  if (listed.some(({ artifactType = "" }) => SIGNATURE.test(artifactType))) return true;
  if (await hasSignatureBundle({ registry, repository, signal }, listed)) return true;
  return (await registry.headManifest(repository, `${referrersTag(digest)}.sig`, { signal })) !== undefined;
}

/**
 * The tags of versions that the catalog had once: a version's tag has a history beside it, which no other tag has.
 * @throws RegistryError
 */
async function leftTags(
  { catalog, registry, namespace, signal }: RegistryPlace & Pick<Session, "catalog">,
  image: string,
): Promise<LeftTag[]> {
  const repository = repositoryIn(namespace, image);
  const known = new Set(
    catalog.targets
      .filter((target) => target.image === image)
      .map(({ variant, version }) => tagFor(variant, version)),
  );
  const tags = await registry.listTags(repository, { signal, refusedIsAbsent: true });
  const names = tags
    .filter((tag) => tag.endsWith(HISTORY_SUFFIX))
    .map((tag) => tag.slice(0, -HISTORY_SUFFIX.length))
    .filter((tag) => !known.has(tag) && tags.includes(tag));
  return Promise.all(
    names.map(async (tag) => {
      const now = await registry.headManifest(repository, tag, { signal });
      const [newest] = historyIn(await findHistory(registry, repository, tag, { signal })).entries;
      return {
        name: `${image}:${tag}`,
        reference: `${catalog.registry}/${image}:${tag}`,
        digest: now?.digest,
        at: newest?.created,
      };
    }),
  );
}

/**
 * Finds out which of some targets' images hold a vulnerability, and held it.
 * @param name in any case
 * @throws UserError where there is no list to look it up in; RegistryError
 */
export async function readAffected(
  session: Session,
  patterns: readonly string[],
  name: string,
): Promise<Affected> {
  const { sources, targets: all } = session.catalog;
  if (sources.security === undefined) {
    throw new UserError(
      `there is no list of Alpine's fixes to look up ${name} in`,
      session.profile === "sandbox"
        ? "the sandbox has none: ask with the profile catalog"
        : "name one in the catalog, under sources: security: https://secdb.alpinelinux.org",
    );
  }
  const targets = selectTargets(all, patterns);
  const alpine = await askForAll(session, targets);
  const isMeant = (one: Pick<Vulnerability, "name">) => one.name.toUpperCase() === name.toUpperCase();
  const limit = pLimit(REQUESTS_AT_ONCE);
  const pasts = await readPasts(session, targets);
  const rows = pasts.map((past) =>
    limit(async () => {
      const { target, problem } = past;
      if (problem !== undefined) return { target, now: undefined, images: [], problem };
      const images = past.images.map(({ entry, published }) => ({
        digest: entry.image.digest,
        created: entry.created,
        holds: lookUp(target, published, alpine)?.filter((one) => isMeant(one)),
      }));
      const ledger = await readLedger(session, ...tagOf(session, target));
      const unfixed = unfixedOf({ name: target.name, digest: past.now, ledger });
      return { target, now: past.now, images, unfixed: unfixed?.filter((one) => isMeant({ name: one.id })) };
    }),
  );
  return {
    name,
    fixes: alpine.fixes,
    targets: await Promise.all(rows),
    unknown: alpine.unknown,
  };
}
