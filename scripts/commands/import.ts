import { arrivalsOf } from "../airgap/choose.ts";
import { forecast } from "../airgap/forecast.ts";
import { type OpenExport, withExport } from "../airgap/read.ts";
import { type ArrivedRelease, type Sent, sendRelease } from "../airgap/send.ts";
import { BlobHomes } from "../registry/push.ts";
import { count, formatBytes, formatDigest, formatProse, formatTable } from "../report/format.ts";
import type { WorldOptions } from "./options.ts";
import { printResult } from "./output.ts";
import { recoverPublishing } from "./recover.ts";
import { type Session, withSession } from "./session.ts";
import { BRIEF_LEASE, peekLock, withLock } from "./with-lock.ts";

export interface ImportOptions extends WorldOptions {
  readonly dryRun: boolean;
}

/** Publishes what was exported elsewhere, as it was there. All of it is verified before anything is sent. */
export async function importImages(from: string, patterns: string[], options: ImportOptions): Promise<void> {
  await withSession(options, async (session) => {
    const { scratch, signal, catalog, listener } = session;
    const sent = await withExport(from, scratch, signal, async (opened) => {
      listener({ type: "note", text: `${from} is whole: ${count(opened.images.length, "target")}` });
      const releases = arrivalsOf(opened.images, patterns, catalog.targets, from);
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
  releases: readonly ArrivedRelease[],
): Promise<Sent[]> {
  const sent: Sent[] = [];
  for (const arrival of releases.flatMap(({ variants }) => variants)) {
    sent.push(await forecast(arrival, { ...session, layout }));
  }
  return sent;
}

async function send(
  session: Session,
  { layout }: OpenExport,
  releases: readonly ArrivedRelease[],
): Promise<Sent[]> {
  return withLock(session, BRIEF_LEASE, await peekLock(session), async ({ session: own, check }) => {
    await recoverPublishing(own);
    const homes = new BlobHomes();
    const sent: Sent[] = [];
    for (const release of releases) {
      const context = { ...own, layout, homes, clock: () => new Date(), beforeTags: check };
      sent.push(...(await sendRelease(release, context)));
    }
    return sent;
  });
}

/** What was, or would be, published. @param width of a line, in characters */
export function importText(sent: readonly Sent[], dryRun: boolean, width?: number): string {
  const rows = sent.map(({ target, digest, sent: bytes, moved }) => [
    ...[target, formatDigest(digest), formatBytes(bytes)],
    moved.length > 0 ? moved.join(" ") : "already in place",
  ]);
  const moved = sent.filter((one) => one.moved.length > 0).length;
  const tags =
    moved === sent.length
      ? "their tags were moved"
      : `tags were moved for ${moved}, the others were in place`;
  const table = formatTable([["TARGET", "DIGEST", dryRun ? "TO SEND" : "SENT", "TAGS"], ...rows], width);
  const end = dryRun
    ? "Dry run: nothing was sent, and no tags were moved."
    : `${count(sent.length, "target")} imported; ${tags}.`;
  return `${table}\n\n${formatProse(end, width)}`;
}
