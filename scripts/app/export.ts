import pLimit from "p-limit";
import { selectTargets } from "../catalog/targets/select.ts";
import type { Target } from "../model/target.ts";
import { tagsByDigest } from "../publish/published.ts";
import { repositoryIn } from "../registry/reference.ts";
import { UserError } from "../system/errors.ts";
import { formatBytes } from "../system/shown/format.ts";
import { typed } from "../system/shown/started.ts";
import { ownTags, withPairs } from "../transfer/choose.ts";
import { collectImage, ExportContent } from "../transfer/collect.ts";
import type { ExportedImage } from "../transfer/exported.ts";
import { writeExport } from "../transfer/write.ts";
import { tagOf } from "./read-registry.ts";
import type { Session } from "./session.ts";
import { whileUndisturbed } from "./undisturbed.ts";

type ExportSession = Pick<Session, "catalog" | "registry" | "namespace" | "signal" | "listener">;

/** Each takes a dozen requests or more. */
const IMAGES_AT_ONCE = 4;

/**
 * Writes published targets, with all that is attached to them, as one OCI image layout.
 * @param to a directory, or an archive where it ends in `.tar`
 * @throws UserError where something that was asked for is not published; LockedError, RegistryError
 */
export async function exportTargets(
  session: ExportSession,
  patterns: readonly string[],
  to: string,
): Promise<{ readonly images: readonly ExportedImage[]; readonly bytes: number }> {
  const { catalog, registry, signal, listener } = session;
  const chosen = await whileUndisturbed(session, () =>
    readTags(session, withPairs(catalog.targets, patterns)),
  );
  checkPatterns(session, patterns, chosen);
  const contents = new ExportContent();
  const limit = pLimit(IMAGES_AT_ONCE);
  const collect = ({ target, digest, tags, all }: Found) => {
    const [repository] = tagOf(session, target);
    const place = { registry, repository, signal, contents };
    const own = ownTags(tags, target, catalog.targets);
    return limit(() => collectImage(place, target.name, digest, own, all));
  };
  const images = await Promise.all(chosen.map((one) => collect(one)));
  const { bytes } = contents;
  listener({ type: "note", text: `writing ${formatBytes(bytes)} to ${to}` });
  await writeExport(to, images, contents, registry, signal);
  return { images, bytes };
}

/** A target that the registry has. */
interface Found {
  readonly target: Target;
  readonly digest: string;
  /** Those that point at it. */
  readonly tags: readonly string[];
  /** All of its repository. */
  readonly all: readonly string[];
}

async function readTags(session: ExportSession, targets: readonly Target[]): Promise<Found[]> {
  const { registry, namespace, signal } = session;
  const found: Found[] = [];
  for (const image of new Set(targets.map((target) => target.image))) {
    const repository = repositoryIn(namespace, image);
    const all = await registry.listTags(repository, { signal });
    const byDigest = [...(await tagsByDigest(registry, repository))];
    for (const target of targets.filter((one) => one.image === image)) {
      const [, own] = tagOf(session, target);
      const [digest, tags] = byDigest.find(([, names]) => names.includes(own)) ?? [];
      if (digest !== undefined && tags) found.push({ target, digest, tags, all });
    }
  }
  return found;
}

/** Something has to be there for each name that was given; one variant without the other is never exported. */
function checkPatterns(
  { catalog, namespace, registry }: ExportSession,
  patterns: readonly string[],
  chosen: readonly Found[],
): void {
  const names = new Set(chosen.map(({ target }) => target.name));
  const place = `${registry.host}/${namespace.path}`;
  const hint = `${typed("rebuild")} publishes it`;
  const missing = patterns.filter(
    (pattern) => !selectTargets(catalog.targets, [pattern]).some(({ name }) => names.has(name)),
  );
  if (missing.length > 0 || names.size === 0) {
    const what = missing.join(", ") || "target of this catalog";
    throw new UserError(`${place} has no published ${what}`, hint);
  }
  const half = withPairs(catalog.targets, [...names]).find(({ name }) => !names.has(name));
  if (half) throw new UserError(`${place} lacks ${half.name}, though it has the other variant`, hint);
}
