import type { Done, Failed, Held, Outcome, Unstarted } from "../pipeline/outcome.ts";
import type { Stage } from "../pipeline/stage.ts";
import { CALLED_OUT, type Streak } from "../runs/streak.ts";
import { count, formatBytes, formatSeconds, formatTable } from "./format.ts";
import { failingText } from "./run-verdict.ts";

/**
 * What a run did: a row for each target with sizes and times, then what failed, in full.
 * @param repeat the command that repeats what failed
 * @param streaks in how many runs what failed now has failed one after the other
 */
export function outcomesText(
  outcomes: readonly Outcome[],
  repeat: (target: string, stage: Stage) => string,
  streaks: ReadonlyMap<string, Streak> = new Map(),
): string {
  const done = outcomes.filter((outcome) => outcome.status === "done");
  const failed = outcomes.filter((outcome) => outcome.status === "failed");
  const held = outcomes.filter((outcome) => outcome.status === "held");
  const unstarted = outcomes.filter((outcome) => outcome.status === "unstarted");
  const published = done.filter((outcome) => outcome.published !== undefined).length;
  const verb = published > 0 || done.length === 0 ? "published" : "done, none published";
  const sections = [
    done.length > 0 ? formatTable([HEADING, ...done.map((one) => row(one))]) : "",
    ...failed.map((failure) => failureText(failure, repeat(failure.target, failure.stage))),
    heldText(held),
    unstartedText(unstarted),
    streaksText(streaks),
    `${count(done.length, "target")} ${verb}, ${failed.length} failed, ${held.length} held back${unstarted.length > 0 ? `, ${unstarted.length} not begun` : ""}.`,
  ];
  return sections.filter((section) => section !== "").join("\n\n");
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

function failureText({ target, stage, message }: Failed, repeat: string): string {
  return `${target}: ${stage} failed\n${message.replace(/^/gm, "  ")}\n  repeat it with: ${repeat}`;
}

function heldText(held: readonly Held[]): string {
  return held.map(({ target, pair }) => `${target}: held back, because its pair ${pair} failed`).join("\n");
}

function unstartedText(unstarted: readonly Unstarted[]): string {
  if (unstarted.length === 0) return "";
  const names = unstarted.map(({ target }) => target).join(" ");
  return `not begun before the deadline, for the next run: ${names}`;
}

/** What will not mend itself: it has failed run after run. */
function streaksText(streaks: ReadonlyMap<string, Streak>): string {
  return [...streaks]
    .filter(([, { runs }]) => runs >= CALLED_OUT)
    .map(([target, { runs, since }]) => `‼ ${failingText(target, runs, since)}`)
    .join("\n");
}
