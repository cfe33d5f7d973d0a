import pLimit from "p-limit";
import type { SessionOptions } from "../app/options.ts";
import { notePending } from "../app/pending.ts";
import { printResult } from "../app/print-result.ts";
import { peekLock } from "../app/publish-lock.ts";
import { tagOf } from "../app/read-registry.ts";
import { type Session, withSession } from "../app/session.ts";
import { selectTargets } from "../catalog/targets/select.ts";
import type { Target } from "../model/target.ts";
import { tagsByDigest } from "../publish/published.ts";
import { repositoryIn } from "../registry/reference.ts";
import { UserError } from "../system/errors.ts";
import { count, formatBytes, formatDigest, formatTable } from "../system/shown/format.ts";
import { typed } from "../system/shown/started.ts";
import { ownTags, withPairs } from "../transfer/choose.ts";
import { collectImage, ExportContent } from "../transfer/collect.ts";
import type { ExportedImage } from "../transfer/exported.ts";
import { writeExport } from "../transfer/write.ts";

export interface ExportOptions extends SessionOptions {
  /** A directory, or a `.tar`. */
  readonly to: string;
}

/** Writes published targets, with all that is attached to them, as one OCI image layout. */
export async function exportImages(patterns: string[], options: ExportOptions): Promise<void> {
  // Before anything is asked of a registry, let alone downloaded.
  if (options.to.trim() === "") {
    throw new UserError("--to is empty", "name a directory, or an archive that ends in .tar: --to node.tar");
  }
  await withSession(options, async (session) => {
    const { catalog, registry, signal, listener } = session;
    await notePending(session);
    const chosen = await findPublished(session, withPairs(catalog.targets, patterns));
    checkPatterns(session, patterns, chosen);
    const contents = new ExportContent();
    const limit = pLimit(IMAGES_AT_ONCE);
    const collect = ({ target, digest, tags, all }: Found) => {
      const [repository] = tagOf(session, target);
      const place = { registry, repository, signal };
      const own = ownTags(tags, target, catalog.targets);
      return limit(() => collectImage(place, target.name, digest, own, all, contents));
    };
    const images = await Promise.all(chosen.map((one) => collect(one)));
    const { bytes } = contents;
    listener({ type: "note", text: `writing ${formatBytes(bytes)} to ${options.to}` });
    await writeExport(options.to, images, contents, registry, signal);
    printResult(
      options,
      (width) => exportText(images, bytes, options.to, width),
      () => ({ to: options.to, bytes, exported: images.map((one) => exportedJson(one)) }),
    );
  });
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

/** What the tags of targets point at, all at one moment: if somebody published meanwhile, they are read again. */
async function findPublished(session: Session, targets: readonly Target[]): Promise<Found[]> {
  for (let before = await peekLock(session); ; ) {
    const found = await readTags(session, targets);
    const after = await peekLock(session);
    if (after?.token === before?.token) return found;
    before = after;
  }
}

async function readTags(session: Session, targets: readonly Target[]): Promise<Found[]> {
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

/** Of what is asked for by name, something has to be there; one variant without the other is not to travel. */
function checkPatterns(session: Session, patterns: readonly string[], chosen: readonly Found[]): void {
  const { catalog, namespace, registry } = session;
  const names = new Set(chosen.map(({ target }) => target.name));
  const place = `${registry.host}/${namespace.path}`;
  const missing = patterns.filter(
    (pattern) => !selectTargets(catalog.targets, [pattern]).some(({ name }) => names.has(name)),
  );
  if (missing.length > 0 || names.size === 0) {
    const what = missing.join(", ") || "target of this catalog";
    throw new UserError(`${place} has no published ${what}`, PUBLISH);
  }
  const half = withPairs(catalog.targets, [...names]).find(({ name }) => !names.has(name));
  if (half) {
    throw new UserError(`${place} lacks ${half.name}, though it has the other variant`, PUBLISH);
  }
}

function exportText(
  images: readonly ExportedImage[],
  bytes: number,
  to: string,
  width: number | undefined,
): string {
  const rows = images.map(({ target, image, tags, attached, beside }) => [
    target,
    formatDigest(image.digest),
    String(attached.length + beside.length),
    tags.join(" "),
  ]);
  const table = formatTable([["TARGET", "DIGEST", "ATTACHED", "TAGS"], ...rows], width);
  return `${table}\n\n${count(images.length, "target")} in ${to}, ${formatBytes(bytes)}.`;
}

function exportedJson({ target, image, tags, attached, beside }: ExportedImage) {
  return {
    ...{ target, digest: image.digest, tags },
    attached: attached.map(({ digest, artifactType }) => ({ digest, artifactType: artifactType ?? null })),
    beside: beside.map(({ tag, manifest }) => ({ tag, digest: manifest.digest })),
  };
}

/** Each is a dozen requests or more. */
const IMAGES_AT_ONCE = 4;

const PUBLISH = `${typed("rebuild")} publishes it`;
