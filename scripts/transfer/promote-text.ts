import { someOf } from "../report/names.ts";
import { groupBy } from "../system/group.ts";
import { count, formatBytes, formatDigest, formatProse, formatTable } from "../system/shown/format.ts";
import type { Left } from "./editions.ts";
import type { Sent } from "./send.ts";

/** What was promoted, or would be, what stayed, and what failed. */
interface Told {
  readonly promoted: readonly Sent[];
  readonly left: readonly Left[];
  readonly failed: readonly { readonly release: string; readonly text: string }[];
}

/** The same for people. @param width of a line, in characters */
export function promoteText({ promoted, left, failed }: Told, dryRun: boolean, width?: number): string {
  const rows = promoted.map(({ target, digest, sent, moved }) => [
    target,
    formatDigest(digest),
    formatBytes(sent),
    moved.length > 0 ? moved.join(" ") : "already in place",
  ]);
  const heading = ["TARGET", "DIGEST", dryRun ? "TO SEND" : "SENT", "TAGS"];
  const stays = [...groupBy(left, ({ text }) => text)].map(
    ([text, some]) => `${someOf(some.map(({ release }) => release))}: ${text}`,
  );
  const fails = failed.map(({ release, text }) => `${release} failed: ${text}`);
  return [
    ...(rows.length > 0 ? [formatTable([heading, ...rows], width)] : []),
    ...(stays.length > 0 ? [formatProse(stays.join("\n"), width)] : []),
    ...(fails.length > 0 ? [formatProse(fails.join("\n"), width)] : []),
    formatProse(endText({ promoted, left, failed }, dryRun), width),
  ].join("\n\n");
}

function endText({ promoted, left, failed }: Told, dryRun: boolean): string {
  if (dryRun) return "Dry run: nothing was sent, and no tags were moved.";
  const parts = [
    `${count(promoted.length, "target")} promoted`,
    `${count(left.length, "version")} left as they are`,
  ];
  return `${[...parts, ...(failed.length > 0 ? [`${failed.length} failed`] : [])].join(", ")}.`;
}

/** The same for programs. */
export function promoteJson({ promoted, left, failed }: Told) {
  return {
    promoted,
    left: left.map(({ until, ...rest }) => ({ ...rest, until: until?.toISOString() ?? null })),
    failed,
  };
}
