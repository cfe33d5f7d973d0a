import { heldError } from "../publish/history.ts";
import { BlobLocations } from "../registry/push.ts";
import { count } from "../system/shown/format.ts";
import { checkTags, releasesToImport } from "../transfer/choose.ts";
import { withExport } from "../transfer/read.ts";
import { forecast, type ImportedRelease, type Sent, sendRelease } from "../transfer/send.ts";
import { notePending } from "./pending.ts";
import { readHolds } from "./read-registry.ts";
import type { Session } from "./session.ts";
import { throughTagDoor } from "./tag-door.ts";

type ImportSession = Pick<
  Session,
  "catalog" | "registry" | "namespace" | "journals" | "scratch" | "signal" | "listener"
>;

/**
 * Publishes what was exported elsewhere, as it was there. All of it is verified before anything is sent.
 * @param from a directory or an archive that an export wrote
 * @param dryRun only say what would be sent and moved
 * @throws UserError where the export is not whole or not right for this catalog; LockedError, RegistryError
 */
export function importTargets(
  session: ImportSession,
  from: string,
  patterns: readonly string[],
  dryRun: boolean,
): Promise<Sent[]> {
  const { scratch, signal, catalog, listener, registry, namespace } = session;
  return withExport(from, scratch, signal, async ({ layout, images }) => {
    listener({ type: "note", text: `${from} is whole: ${count(images.length, "target")}` });
    const wanted = releasesToImport(images, patterns, catalog.targets, from);
    const { releases, unknown } = await checkTags(layout, wanted, catalog.targets, from);
    if (unknown.length > 0) {
      const text = `tags left out, as they follow neither from a version nor from the catalog: ${unknown.join(", ")}`;
      listener({ type: "note", text });
    }
    const sent: Sent[] = [];
    if (dryRun) {
      await notePending(session);
      await refuseHeld(session, releases);
      for (const one of releases.flatMap(({ variants }) => variants)) {
        sent.push(await forecast(one, { layout, registry, namespace, signal }));
      }
      return sent;
    }
    return throughTagDoor(session, {
      plan: (own) => refuseHeld(own, releases),
      work: async (_, door) => {
        const blobLocations = new BlobLocations();
        const own = { registry, namespace, layout, blobLocations, mover: door, signal: door.session.signal };
        for (const release of releases) sent.push(...(await sendRelease(release, own)));
        return sent;
      },
    });
  });
}

/** Nothing of an import is sent where some of its tags are held. */
async function refuseHeld(session: ImportSession, releases: readonly ImportedRelease[]): Promise<void> {
  const targets = releases.flatMap(({ variants }) => variants.map(({ target }) => target));
  const [held] = await readHolds(session, targets);
  if (held) throw heldError(...held);
}
