import type { Stage } from "../model/run.ts";
import type { Done, Failed, Held, Outcome, Unstarted } from "../pipeline/events.ts";
import { count, formatBytes, formatProse, formatSeconds, formatTable } from "../system/shown/format.ts";
import type { Block } from "../system/shown/output.ts";
import { type FailureGroup, groupFailures, printedBy } from "./failure.ts";
import { failingText } from "./run-verdict.ts";
import { PERSISTENT_AFTER_RUNS, type Streak } from "./runs/summarize.ts";

/**
 * What a run did: a row for each target with sizes and times, then what failed, each cause once: why, what to do, and
 * behind that the log.
 * @param repeat the command that repeats what failed
 * @param streaks in how many runs what failed now has failed in a row
 * @param width of a line, in characters; undefined where there is no bound
 */
export function outcomesBlocks(
  outcomes: readonly Outcome[],
  repeat: (target: string, stage: Stage) => string,
  streaks: ReadonlyMap<string, Streak> = new Map(),
  width?: number,
): Block[] {
  const done = outcomes.filter((outcome) => outcome.status === "done");
  const failed = outcomes.filter((outcome) => outcome.status === "failed");
  const held = outcomes.filter((outcome) => outcome.status === "held");
  const unstarted = outcomes.filter((outcome) => outcome.status === "unstarted");
  const published = done.filter((outcome) => outcome.published !== undefined).length;
  const verb = published > 0 || done.length === 0 ? "published" : "done, none published";
  const groups = groupFailures(failed, (one) => one);
  const tally = `${count(done.length, "target")} ${verb}, ${failed.length} failed, ${held.length} held back${unstarted.length > 0 ? `, ${unstarted.length} not started` : ""}.`;
  const sections: Block[] = [
    done.length > 0 ? formatTable([HEADING, ...done.map((one) => row(one))], width) : "",
    ...groups.flatMap((group) => failureBlocks(group, repeat, width)),
    formatProse(heldText(held), width),
    formatProse(unstartedText(unstarted), width),
    formatProse(streaksText(streaks), width),
    formatProse(tally, width),
  ];
  return sections.filter((section) => section !== "");
}

const HEADING = ["TARGET", "COMPRESSED", "UNPACKED", "SENT", "BUILD", "SMOKE", "PUBLISH", "TAGS", "DIGEST"];

function row({ target, built, published, seconds }: Done): string[] {
  const sizes = (pick: "compressedSize" | "unpackedSize") =>
    built.platforms.map((platform) => formatBytes(platform[pick])).join(" / ");
  return [
    target,
    sizes("compressedSize"),
    sizes("unpackedSize"),
    published ? formatBytes(published.uploadedBytes) : "-",
    formatSeconds(seconds.build),
    formatSeconds(seconds.smoke),
    formatSeconds(seconds.publish),
    published?.tags.join(" ") ?? "-",
    built.index.digest,
  ];
}

/** Why, whom it stops and what to do; behind that what the program printed. */
function failureBlocks(
  { failure, members }: FailureGroup<Failed>,
  repeat: (target: string, stage: Stage) => string,
  width: number | undefined,
): Block[] {
  const [{ target, stage }] = members;
  const whom = members.length === 1 ? target : count(members.length, "target");
  const lines = [
    failure.cause,
    ...(failure.detail?.split("\n") ?? []),
    ...(members.length > 1 ? [`targets: ${members.map((one) => one.target).join(" ")}`] : []),
    ...failure.hints.map((hint) => `→ ${hint}`),
  ];
  const text = [
    `${whom}: ${stage} failed`,
    ...lines.map((line) => formatProse(`  ${line}`, width)),
    // It is pasted: never wrapped.
    `  repeat it with: ${repeat(target, stage)}`,
  ].join("\n");
  const log = failure.log?.trim() ?? "";
  if (log === "" || log === failure.cause) return [text];
  return [text, { title: `the end of what ${target} printed:`, text: printedBy({ ...failure, log }) }];
}

function heldText(held: readonly Held[]): string {
  return held.map(({ target, pair }) => `${target}: held back, because its pair ${pair} failed`).join("\n");
}

function unstartedText(unstarted: readonly Unstarted[]): string {
  if (unstarted.length === 0) return "";
  const names = unstarted.map(({ target }) => target).join(" ");
  return `not started before the deadline, for the next run: ${names}`;
}

/** What will not mend itself: it has failed run after run. */
function streaksText(streaks: ReadonlyMap<string, Streak>): string {
  return [...streaks]
    .filter(([, { runs }]) => runs >= PERSISTENT_AFTER_RUNS)
    .map(([target, { runs, since }]) => `‼ ${failingText(target, runs, since)}`)
    .join("\n");
}
