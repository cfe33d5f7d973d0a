import pLimit from "p-limit";
import { selectTargets } from "../catalog/targets/select.ts";
import { PLATFORMS } from "../model/platform.ts";
import type { Published } from "../model/published.ts";
import { HISTORY_SUFFIX } from "../model/tags.ts";
import { type Target, tagFor } from "../model/target.ts";
import type { PlannedTarget } from "../plan/plan.ts";
import { type Vulnerability, vulnerabilitiesIn } from "../plan/vulnerable.ts";
import { findHistory, historyIn } from "../publish/history.ts";
import { repositoryIn } from "../registry/reference.ts";
import { referrersOf, referrersTag } from "../registry/referrers.ts";
import type { Affected } from "../report/affected.ts";
import type { LeftTag, Status, TargetStatus } from "../report/status.ts";
import { UserError } from "../system/errors.ts";
import type { Fixes } from "../upstream/upstream.ts";
import { askAlpine, askForFixes, type OfferedByBranch, valueIn } from "./ask-alpine.ts";
import { makePlan } from "./make-plan.ts";
import { readPast } from "./past.ts";
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
  const made = await makePlan(session, { patterns, thorough: true, asksOnly: true });
  const planned = made.planned.filter(({ target }) => asked.has(target.name));
  const alpine = await askForAll(session, targets);
  const limit = pLimit(REQUESTS_AT_ONCE);
  const rows = planned.map((one) => limit(() => statusOf(session, one, alpine)));
  // Whoever asks for one version does not ask for those that are none any more.
  const images = new Set(
    targets.filter(({ image }) => isWhole(image, asked, catalog.targets)).map(({ image }) => image),
  );
  const left = [...images].map((image) => limit(() => leftTags(session, image)));
  return {
    targets: await Promise.all(rows),
    left: (await Promise.all(left)).flat(),
    unknown: alpine.unknown,
  };
}

function isWhole(image: string, asked: ReadonlySet<string>, targets: readonly Target[]): boolean {
  return targets.every((target) => target.image !== image || asked.has(target.name));
}

/** What Alpine offers and has fixed on all branches of some targets: of those that have ended, too. */
export interface Alpine {
  readonly offered: OfferedByBranch;
  /** Branch → its list of fixes, where there is one and it could be read. */
  readonly fixes: ReadonlyMap<string, Fixes>;
  /** What could not be asked. */
  readonly unknown: readonly string[];
}

/** Asks what Alpine offers and has fixed on all branches of some targets. */
export async function askForAll(session: Session, targets: readonly Target[]): Promise<Alpine> {
  const upstream = await session.openUpstream();
  const branches = new Set(targets.map(({ branch }) => branch));
  const offered = await askForFixes(upstream, await askAlpine(upstream, targets, undefined), branches);
  // Nothing found on a list that is not there, or could not be read, does not mean that there is nothing.
  const listed = session.catalog.sources.security === undefined ? [] : [...branches];
  const lists = listed.map(async (branch) => {
    const fixes = valueIn(await upstream.fixes(branch));
    return fixes ? [[branch, fixes] as const] : [];
  });
  return {
    offered,
    fixes: new Map((await Promise.all(lists)).flat()),
    unknown: [...new Set([...offered.values()].flatMap(({ unknown }) => unknown))],
  };
}

/**
 * The vulnerabilities of an image that Alpine has fixed; undefined where nobody can tell: it does not say what is in it,
 * there is no list, or no index that tells of which source packages are.
 */
export function lookUp({ branch }: Target, published: Published | undefined, { offered, fixes }: Alpine) {
  const [list, packages, sizes] = [fixes.get(branch), offered.get(branch)?.packages, published?.sizes];
  if (!list || !packages || !sizes) return undefined;
  const isWhole = PLATFORMS.every((platform) => !sizes.has(platform) || packages.has(platform));
  return isWhole ? vulnerabilitiesIn(sizes, packages, list) : undefined;
}

async function statusOf(
  place: RegistryPlace & Pick<Session, "catalog">,
  planned: PlannedTarget,
  alpine: Alpine,
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
    isSigned: place.catalog.sign && (await hasSignature(place, repository, published.digest)),
  };
}

/** What cosign attaches: a bundle, as since its release 3, or a signature. Before, it had a tag of its own for it. */
const SIGNATURE = /^application\/vnd\.dev\.(?:sigstore\.bundle|cosign\.artifact\.sig)\b/;

/** Whether a signature is there. Whose it is, and whether it is good, cosign tells. */
async function hasSignature(place: RegistryPlace, repository: string, digest: string): Promise<boolean> {
  const { registry, signal } = place;
  const attached = await referrersOf({ registry, repository, signal }, digest);
  if (attached.some(({ artifactType = "" }) => SIGNATURE.test(artifactType))) return true;
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
  const isMeant = (one: Vulnerability) => one.name.toUpperCase() === name.toUpperCase();
  const limit = pLimit(REQUESTS_AT_ONCE);
  const rows = targets.map((target) =>
    limit(async () => {
      const past = await readPast(session, target);
      const images = past.images.map(({ entry, published }) => ({
        digest: entry.image.digest,
        created: entry.created,
        holds: lookUp(target, published, alpine)?.filter((one) => isMeant(one)),
      }));
      return { target, now: past.now, images };
    }),
  );
  return {
    name,
    fixes: alpine.fixes,
    targets: await Promise.all(rows),
    unknown: alpine.unknown,
  };
}
