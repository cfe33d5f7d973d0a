import {
  findHistory,
  type HistoryEntry,
  historyContent,
  historyIn,
  historyTag,
} from "../../scripts/publish/history.ts";
import { type MoveJournal, writeJournal } from "../../scripts/publish/journal.ts";
import type { Registry } from "../../scripts/registry/client.ts";

/** The entries of a tag's history, the newest first. @throws Error where something else has its tag */
export async function entriesOf(registry: Registry, repository: string, tag: string) {
  const found = await findHistory(registry, repository, tag);
  if (found.kind === "foreign") throw new Error(found.because);
  return historyIn(found).entries;
}

/** Puts a history into a registry. */
export async function putHistory(
  registry: Registry,
  repository: string,
  tag: string,
  entries: readonly HistoryEntry[],
) {
  await registry.putManifest(repository, historyTag(tag), historyContent(entries));
}

/** Leaves the journal of a run that was killed while it moved the tags of node:22. */
export function leaveJournal(
  journals: string,
  namespace: { readonly registry: string; readonly path: string },
  changes: Partial<Pick<MoveJournal, "moves" | "images" | "holds" | "again" | "holder">>,
) {
  const { holder = "killed", ...body } = changes;
  return writeJournal({ journals, namespace, holder }, "node:22", new Date("2026-11-23T03:00:00Z"), {
    kind: "move",
    moves: [],
    images: [],
    holds: [],
    again: [],
    ...body,
  });
}
