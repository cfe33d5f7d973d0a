import type { SessionOptions } from "../app/options.ts";
import { notePending } from "../app/pending.ts";
import { printResult } from "../app/print-result.ts";
import { readHolds } from "../app/read-registry.ts";
import { type Session, withSession } from "../app/session.ts";
import { BRIEF_LEASE, throughTagDoor } from "../app/tag-door.ts";
import { heldError } from "../publish/history.ts";
import { BlobLocations } from "../registry/push.ts";
import { count, formatBytes, formatDigest, formatProse, formatTable } from "../system/shown/format.ts";
import { checkTags, releasesToImport } from "../transfer/choose.ts";
import { type OpenExport, withExport } from "../transfer/read.ts";
import { forecast, type ImportedRelease, type Sent, sendRelease } from "../transfer/send.ts";

export interface ImportOptions extends SessionOptions {
  readonly dryRun: boolean;
}

/** Publishes what was exported elsewhere, as it was there. All of it is verified before anything is sent. */
export async function importImages(from: string, patterns: string[], options: ImportOptions): Promise<void> {
  await withSession(options, async (session) => {
    const { scratch, signal, catalog, listener } = session;
    const sent = await withExport(from, scratch, signal, async (opened) => {
      listener({ type: "note", text: `${from} is whole: ${count(opened.images.length, "target")}` });
      const imported = releasesToImport(opened.images, patterns, catalog.targets, from);
      const { layout, images } = opened;
      const { releases, unknown } = await checkTags(layout, images, imported, catalog.targets, from);
      if (unknown.length > 0) {
        const text = `not taken over, as neither a version nor the catalog gives them: ${unknown.join(", ")}`;
        listener({ type: "note", text });
      }
      return options.dryRun ? look(session, opened, releases) : send(session, opened, releases);
    });
    printResult(
      options,
      (width) => importText(sent, options.dryRun, width),
      () => ({ imported: sent }),
    );
  });
}

async function look(
  session: Session,
  { layout }: OpenExport,
  releases: readonly ImportedRelease[],
): Promise<Sent[]> {
  await notePending(session);
  await refuseHeld(session, releases);
  const sent: Sent[] = [];
  for (const imported of releases.flatMap(({ variants }) => variants)) {
    sent.push(await forecast(imported, { ...session, layout }));
  }
  return sent;
}

async function send(
  session: Session,
  { layout }: OpenExport,
  releases: readonly ImportedRelease[],
): Promise<Sent[]> {
  return throughTagDoor(session, {
    lease: BRIEF_LEASE,
    plan: (own) => refuseHeld(own, releases),
    work: async (_, door) => {
      const blobLocations = new BlobLocations();
      const sent: Sent[] = [];
      for (const release of releases) {
        sent.push(...(await sendRelease(release, { ...door.session, layout, blobLocations, mover: door })));
      }
      return sent;
    },
  });
}

/** Of an import nothing is sent where some of it would have to be left. */
async function refuseHeld(session: Session, releases: readonly ImportedRelease[]): Promise<void> {
  const targets = releases.flatMap(({ variants }) => variants.map(({ target }) => target));
  const [held] = await readHolds(session, targets);
  if (held) throw heldError(...held);
}

/** What was, or would be, published. @param width of a line, in characters */
export function importText(sent: readonly Sent[], dryRun: boolean, width?: number): string {
  const rows = sent.map(({ target, digest, sent: bytes, moved }) => [
    ...[target, formatDigest(digest), formatBytes(bytes)],
    moved.length > 0 ? moved.join(" ") : "already in place",
  ]);
  const table = formatTable([["TARGET", "DIGEST", dryRun ? "TO SEND" : "SENT", "TAGS"], ...rows], width);
  const end = dryRun
    ? "Dry run: nothing was sent, and no tags were moved."
    : `${count(sent.length, "target")} imported; ${movedText(sent)}`;
  return `${table}\n\n${formatProse(end, width)}`;
}

function movedText(sent: readonly Sent[]): string {
  const moved = sent.filter((one) => one.moved.length > 0).length;
  if (moved === 0) return "their tags were there already.";
  if (moved === sent.length) return `${moved === 1 ? "its" : "their"} tags were moved.`;
  return `the tags of ${moved} were moved, and the others were there already.`;
}
