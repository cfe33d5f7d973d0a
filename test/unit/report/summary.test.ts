import { describe, expect, it } from "vitest";
import type { Stage } from "../../../scripts/model/run.ts";
import type { Outcome } from "../../../scripts/pipeline/events.ts";
import { builtTarget, outcomesText, publishedTarget } from "./sample-outcomes.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;

describe("outcomesBlocks", () => {
  const repeat = (target: string, stage: Stage) => `make ${stage} ONLY="${target}"`;
  const failed: Outcome = {
    status: "failed",
    target: "lua:5.4-dev",
    stage: "build",
    message: "apk ended with exit code 1\nno such package",
  };
  const held: Outcome = { status: "held", target: "lua:5.4", pair: "lua:5.4-dev" };

  it("shows what was published in a table, what failed in full, and what was held back", () => {
    expect(outcomesText([publishedTarget(), held, failed], repeat)).toBe(
      `TARGET   COMPRESSED  UNPACKED  SENT  BUILD   SMOKE  PUBLISH  TAGS        DIGEST
node:22  29.5 MB     80.7 MB   1 MB  1m 15s  3.2s   0.5s     22 22.16.0  ${DIGEST}

lua:5.4-dev: build failed
  no such package
  repeat it with: make build ONLY="lua:5.4-dev"

lua:5.4: held back, because its pair lua:5.4-dev failed

1 target published, 1 failed, 1 held back.`,
    );
  });

  it("gives each that is held back a line, and shows no log that says the cause only", () => {
    const other: Outcome = { status: "held", target: "lua:5.3", pair: "lua:5.3-dev" };
    const spaced: Outcome = { ...failed, message: "apk ended with exit code 1\n  no such package  \n" };
    expect(outcomesText([spaced, held, other], repeat)).toBe(
      `lua:5.4-dev: build failed
  no such package
  repeat it with: make build ONLY="lua:5.4-dev"

lua:5.4: held back, because its pair lua:5.4-dev failed
lua:5.3: held back, because its pair lua:5.3-dev failed

0 targets published, 1 failed, 2 held back.`,
    );
  });

  it("calls out in a line each what failed three times running", () => {
    const since = "2026-11-23T03:00:00.000Z";
    const streak = { runs: 3, since };
    const text = outcomesText(
      [failed],
      repeat,
      new Map([
        ["a:1", streak],
        ["b:1", streak],
      ]),
    );
    expect(text).toContain(
      "‼ a:1 has failed in 3 runs in a row, since 2026-11-23 03:00 UTC\n" +
        "‼ b:1 has failed in 3 runs in a row, since 2026-11-23 03:00 UTC",
    );
  });

  it("does not claim to have published what was only built", () => {
    const built: Outcome = { ...publishedTarget(), published: undefined };
    expect(outcomesText([built], repeat)).toBe(
      `TARGET   COMPRESSED  UNPACKED  SENT  BUILD   SMOKE  PUBLISH  TAGS  DIGEST
node:22  29.5 MB     80.7 MB   -     1m 15s  3.2s   0.5s     -     ${DIGEST}

1 target done, none published, 0 failed, 0 held back.`,
    );
  });

  it("gives the sizes of each platform", () => {
    const done = publishedTarget();
    const [platform] = builtTarget().platforms;
    if (!platform) throw new Error("the sample has no platform");
    const platforms = [platform, { ...platform, compressedSize: 30_000_000 }];
    const text = outcomesText([{ ...done, built: { ...done.built, platforms } }], repeat);
    expect(text).toContain("29.5 MB / 30 MB");
  });

  it("names what was not started, and calls out what failed three times running", () => {
    const unstarted: Outcome[] = ["lua:5.1", "lua:5.1-dev"].map((target) => ({
      status: "unstarted",
      target,
    }));
    const since = "2026-11-23T03:00:00.000Z";
    const text = (runs: number) =>
      outcomesText([failed, held, ...unstarted], repeat, new Map([[failed.target, { runs, since }]]));
    const tally = "0 targets published, 1 failed, 1 held back, 2 not started.";
    const begun = "not started before the deadline, for the next run: lua:5.1 lua:5.1-dev";
    expect(text(2).split("\n\n").slice(-2)).toEqual([begun, tally]);
    expect(text(3).split("\n\n").slice(-3)).toEqual([
      begun,
      "‼ lua:5.4-dev has failed in 3 runs in a row, since 2026-11-23 03:00 UTC",
      tally,
    ]);
  });

  it("shows no table where nothing got through", () => {
    expect(outcomesText([failed], repeat)).toMatch(/^lua:5\.4-dev: build failed\n/);
    expect(outcomesText([failed], repeat)).toMatch(/\n\n0 targets published, 1 failed, 0 held back\.$/);
  });
});
