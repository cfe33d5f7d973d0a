import pLimit from "p-limit";
import { selectTargets } from "../../catalog/targets/select.ts";
import type { Target } from "../../model/target.ts";
import type { Vulnerability } from "../../plan/vulnerable.ts";
import type { Past } from "../../report/past.ts";
import type { Site, SiteTarget, StrangeTag } from "../../report/site/site.ts";
import type { TargetStatus } from "../../report/status.ts";
import { VERSION } from "../../system/environment.ts";
import { Interrupted, messageOf } from "../../system/errors.ts";
import { groupBy } from "../../system/group.ts";
import { askForAll, type KnownFixes, lookUp } from "../known-fixes.ts";
import { readPasts } from "../past.ts";
import { REQUESTS_AT_ONCE, tagOf } from "../read-registry.ts";
import type { Session } from "../session.ts";
import { readStatus } from "../status.ts";
import { readDocs } from "./docs.ts";
import { type Contents, readContentsOf, type Save } from "./documents.ts";
import { readMoving } from "./moving.ts";
import { readRuns } from "./runs.ts";
import { type RepositoryTags, readTags } from "./strangers.ts";
import { verificationOf } from "./verification.ts";

/**
 * Collects what the site shows: what the registry answers, what Alpine has fixed, the journals of runs, and the
 * documentation beside the catalog. Documents that are attached are saved as they are read: they are many.
 * @throws RegistryError where the registry cannot be asked at all
 */
export async function gatherSite(session: Session, patterns: readonly string[], save: Save): Promise<Site> {
  const { catalog, options, profile } = session;
  const readAt = new Date();
  const status = await readStatus(session, patterns);
  const alpine = await askForAll(session, selectTargets(catalog.targets, patterns));
  const limit = pLimit(REQUESTS_AT_ONCE);
  const pasts = await readPasts(
    session,
    status.targets.map(({ planned }) => planned.target),
  );
  const { tags, unlisted } = await tagsOfImages(session, pasts);
  const targets = status.targets.map((one, index) =>
    limit(() => readTarget(session, { status: one, past: pasts[index], tags, alpine }, save)),
  );
  return {
    catalog,
    readAt,
    version: VERSION,
    isSandbox: profile === "sandbox",
    targets: (await Promise.all(targets)).flat(),
    left: status.left,
    strangers: strangersIn(
      tags,
      status.left.map(({ name }) => name),
    ),
    unknown: [...new Set([...status.unknown, ...unlisted, ...unreadIn(status.targets, pasts)])],
    verification: await verificationOf(catalog.sign),
    runs: await readRuns(options.state, catalog.registry, save),
    docs: await readDocs(options.catalog),
    moving: await readMoving(),
  };
}

/** @param left the names of tags that left the catalog: they are told as that */
function strangersIn(tags: ReadonlyMap<string, RepositoryTags>, left: readonly string[]): StrangeTag[] {
  const all = [...tags.values()].flatMap(({ strangers }) => strangers);
  return all.filter(({ image, tag }) => !left.includes(`${image}:${tag}`));
}

/** What of which target could not be read, in a line each. */
function unreadIn(targets: readonly TargetStatus[], pasts: readonly Past[]): string[] {
  return targets.flatMap(({ planned, problem }, index) => {
    const text = problem ?? pasts[index]?.problem;
    return text === undefined ? [] : [`${planned.target.name}: ${text}`];
  });
}

/** Where the tags of images point; what could not be listed is told beside. */
async function tagsOfImages(session: Session, pasts: readonly Past[]) {
  const unlisted: string[] = [];
  const read = [...groupBy(pasts, ({ target }) => target.image)].map(async ([image, those]) => {
    const known = those.flatMap(({ now, images }) => [now, ...images.map(({ entry }) => entry.image.digest)]);
    const all = session.catalog.targets.filter((target) => target.image === image);
    const own = new Set(all.flatMap((target) => [tagOf(session, target)[1], ...target.tags]));
    const digests = new Set(known.filter((digest) => digest !== undefined));
    const found = await readTags(session, image, digests, own).catch((error: unknown): RepositoryTags => {
      session.signal.throwIfAborted();
      unlisted.push(`the tags of ${image}: ${messageOf(error)}`);
      return { byDigest: new Map(), strangers: [] };
    });
    return [image, found] as const;
  });
  return { tags: new Map(await Promise.all(read)), unlisted };
}

interface Known {
  readonly status: TargetStatus;
  readonly past: Past | undefined;
  readonly tags: ReadonlyMap<string, RepositoryTags>;
  readonly alpine: KnownFixes;
}

/** What of one image cannot be read leaves the others as they are: its page says so. */
async function readTarget(
  session: Session,
  { status, past, tags, alpine }: Known,
  save: Save,
): Promise<SiteTarget[]> {
  if (!past) return [];
  const { target, published } = status.planned;
  const digest = published?.digest;
  const told = {
    status,
    past,
    ledger: status.ledger,
    vulnerabilities: vulnerabilitiesOf(target, past, alpine),
    tags: (digest === undefined ? undefined : tags.get(target.image)?.byDigest.get(digest)) ?? [],
  };
  try {
    const contents = digest === undefined ? NOTHING : await readContentsOf(session, target, digest, save);
    const problem = status.problem ?? past.problem;
    return [{ ...told, ...contents, ...(problem !== undefined && { problem }) }];
  } catch (error) {
    if (error instanceof Interrupted || session.signal.aborted) throw error;
    return [{ ...told, ...NOTHING, problem: messageOf(error) }];
  }
}

const NOTHING: Contents = { manifests: [], documents: [], licences: new Map() };

/** By digest, of each build whose content and whose list of fixes are known. */
function vulnerabilitiesOf(target: Target, { images }: Past, alpine: KnownFixes) {
  const known = images.flatMap(({ entry, published }): [string, readonly Vulnerability[]][] => {
    const found = lookUp(target, published, alpine);
    return found ? [[entry.image.digest, found]] : [];
  });
  return new Map(known);
}
