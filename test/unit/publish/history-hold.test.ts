import { describe, expect, it } from "vitest";
import { parseHold } from "../../../scripts/app/options.ts";
import { isDue, withHolds } from "../../../scripts/plan/plan.ts";
import {
  describeHold,
  type Hold,
  historyContent,
  holdAt,
  readHold,
} from "../../../scripts/publish/history.ts";
import { planText } from "../../../scripts/report/plan-text.ts";
import { samplePlanned, sampleRelease } from "../../support/sample-target.ts";

const HOLD = { until: new Date("2026-12-05T21:15:42.000Z"), by: "ann@buildhost", reason: "broken TLS" };
const HOUR = 3_600_000;

describe("how long tags are held", () => {
  it.each([
    ["12h", 12 * HOUR],
    ["7d", 7 * 24 * HOUR],
    ["2w", 14 * 24 * HOUR],
  ])("%s is understood", (text, milliseconds) => {
    expect(parseHold(text)).toBe(milliseconds);
  });

  it.each(["", "7", "0d", "-1d", "7m", "1.5h", "7 d", "99999w", "367d", "07d", "7d7h"])(
    "%j is not",
    (text) => {
      expect(() => parseHold(text)).toThrow("Expected a time such as 12h, 7d or 2w, of a year at most.");
    },
  );
});

describe("a hold", () => {
  const annotationsOf = (hold: Hold | undefined): unknown =>
    JSON.parse(Buffer.from(historyContent([], hold).bytes).toString("utf8")).annotations;

  it("comes back as it was recorded, and ends at its time", () => {
    expect(readHold(annotationsOf(HOLD))).toEqual(HOLD);
    expect(holdAt(HOLD, new Date("2026-12-05T21:15:41.999Z"))).toEqual(HOLD);
    expect(holdAt(HOLD, HOLD.until)).toBeUndefined();
    expect(annotationsOf(undefined)).toBeUndefined();
  });

  it.each([undefined, null, {}, { "birdhouse.hold.until": "for ever" }])(
    "is not read from %j",
    (annotations) => {
      expect(readHold(annotations)).toBeUndefined();
    },
  );

  it("is told without what a terminal would obey", () => {
    expect(describeHold(HOLD)).toBe("held until 2026-12-05 21:15 UTC by ann@buildhost: broken TLS");
    const spite = { ...HOLD, by: "\u001b[31mann\nx", reason: "::error::no" };
    expect(describeHold(spite)).not.toMatch(/[\u001b\n]/);
    expect(describeHold({ ...HOLD, by: "", reason: "" })).toBe("held until 2026-12-05 21:15 UTC");
  });
});

describe("a plan of what is held", () => {
  const { runtime, dev } = sampleRelease();
  const planned = [runtime, dev].map((target) => samplePlanned(target, { reasons: [{ kind: "asked" }] }));
  const holds = new Map([[dev.name, describeHold(HOLD)]]);

  it("has neither variant due, whatever there is reason to do, and says who, until when and why", () => {
    const kept = withHolds(planned, holds);
    expect(kept.map((one) => isDue(one))).toEqual([false, false]);
    const text = planText(kept, new Date("2026-12-01"));
    for (const name of [runtime.name, dev.name]) {
      expect(text).toMatch(
        new RegExp(`^${name} +${describeHold(HOLD)}; would be rebuilt for: asked for$`, "m"),
      );
    }
  });

  it("is as it was where nothing is held", () => {
    expect(withHolds(planned, new Map())).toEqual(planned);
  });
});
