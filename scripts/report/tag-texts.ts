import { describeHold, type Hold } from "../publish/history.ts";
import type { OldBuild } from "../publish/prune.ts";
import type { Rollback } from "../publish/rollback.ts";
import { count, formatDigest, formatProse, formatTable } from "../system/shown/format.ts";
import { typed } from "../system/shown/started.ts";

/** What was, or would be, moved. @param width of a line, in characters */
export function rollbackText(
  rollbacks: readonly Rollback[],
  dryRun: boolean,
  hold?: Hold,
  width?: number,
): string {
  const rows = rollbacks.map(({ target, from, to, tags }) => [
    target.name,
    from === "" ? "nothing" : formatDigest(from),
    formatDigest(to.image.digest),
    to.created.toISOString().slice(0, 10),
    from === to.image.digest ? "already in place" : tags.join(" "),
  ]);
  const earlier = rollbacks.find((one) => one.hold)?.hold;
  const names = rollbacks
    .filter(({ target }) => target.variant === "runtime")
    .map(({ target }) => target.name);
  const end = endText(names, dryRun, hold ?? earlier);
  return `${formatTable([["TARGET", "FROM", "TO", "OF", "TAGS"], ...rows], width)}\n\n${formatProse(end, width)}`;
}

/** The same for scripts. */
export function rollbackJson({ target, from, to, tags, hold }: Rollback) {
  const { mediaType, digest, size } = to.image;
  return {
    target: target.name,
    from,
    to: {
      image: { mediaType, digest, size },
      created: to.created.toISOString(),
      confirmed: to.confirmed.toISOString(),
    },
    tags,
    ...(hold && { hold: holdJson(hold) }),
  };
}

/** A hold for scripts. */
export function holdJson({ until, by, reason }: Hold) {
  return { until: until.toISOString(), by, reason };
}

/** @param hold the new one, or one that was there before and goes on */
function endText(names: readonly string[], dryRun: boolean, hold: Hold | undefined): string {
  if (dryRun) return "Dry run: no tags were moved.";
  if (!hold) return "The next rebuild moves them forward again where there is a reason to.";
  return `They are ${describeHold(hold)}.\nTo end the hold earlier: ${typed("rollback", names, ["--release"])}`;
}

/** What was, or would be, removed. @param width of a line, in characters */
export function pruneText(old: readonly OldBuild[], dryRun: boolean, width?: number): string {
  if (old.length === 0)
    return formatProse("Nothing to remove: no build is older than what the catalog keeps.", width);
  const rows = old.map(({ repository, tag, digest }) => [repository, tag, formatDigest(digest)]);
  const end = dryRun
    ? `Dry run: no builds were removed; ${count(old.length, "build")} would be.`
    : `${count(old.length, "build")} removed. Layers that nothing else uses go when the registry next collects its garbage.`;
  return `${formatTable([["REPOSITORY", "TAG", "DIGEST"], ...rows], width)}\n\n${formatProse(end, width)}`;
}

/** Whose hold was, or would be, ended. @param names of the versions */
export function releasedText(names: readonly string[], dryRun: boolean): string {
  return dryRun
    ? `Dry run: no hold was ended; it would be of ${names.join(", ")}.`
    : `No longer held: ${names.join(", ")}. The next rebuild moves their tags where there is a reason to.`;
}
