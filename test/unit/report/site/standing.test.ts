import { describe, expect, it } from "vitest";
import { standingOf } from "../../../../scripts/report/site/standing.ts";
import { publishedOf } from "../../../support/sample-plan.ts";
import { READ_AT, sampleDigest, sampleSiteTarget } from "../../../support/sample-site.ts";
import { sampleTarget } from "../../../support/sample-target.ts";

const target = sampleTarget({ platforms: ["linux/amd64"] });
const now = (digest: string) => ({ published: publishedOf(target, { digest }) });
const told = (one: Parameters<typeof standingOf>[0]) => standingOf(one, READ_AT);

describe("how a tag stands", () => {
  it("is as it was published", () => {
    expect(told(sampleSiteTarget(target))).toEqual({ kind: "supported", word: "supported", told: [] });
  });

  it("was moved back by hand, or to what nobody knows", () => {
    const back = told(sampleSiteTarget(target, now(sampleDigest(1))));
    expect(back.word).toBe("moved by hand");
    expect(back.told[0]).toContain("it points at the build of 2026-08-11.");
    const away = told(sampleSiteTarget(target, now(sampleDigest(77))));
    expect(away.told[0]).toContain("which no history knows");
    expect(away.told[0]).toContain(`What was published last is ${sampleDigest(3)} of 2026-11-20.`);
  });

  it("was deleted, where a history is left of it; without one it is not published", () => {
    const gone = sampleSiteTarget(target, { published: undefined });
    expect(told(gone)).toMatchObject({ kind: "odd", word: "deleted" });
    const never = { ...gone, past: { ...gone.past, images: [] } };
    expect(told(never)).toEqual({ kind: "absent", word: "not published", told: ["Not published."] });
  });

  it("is foreign, or has something else in its history's place", () => {
    const foreign = sampleSiteTarget(target, { published: { digest: sampleDigest(3), inputs: undefined } });
    expect(told(foreign).word).toBe("foreign");
    const own = sampleSiteTarget(target);
    expect(told({ ...own, past: { ...own.past, foreign: sampleDigest(8) } }).word).toBe("no history");
    expect(told({ ...own, past: { ...own.past, images: [] } }).told).toEqual([
      "Nobody recorded when it was published: it has no history.",
    ]);
  });

  it("could not be read in full: that is told, and why", () => {
    expect(told(sampleSiteTarget(target, {}, { problem: "the content is damaged" }))).toEqual({
      ...{ kind: "odd", word: "unreadable" },
      told: ["Not all of it could be read: the content is damaged"],
    });
  });

  it("says what is lacking, what waits, and how far the end is", () => {
    const ending = sampleSiteTarget(sampleTarget({ endOfLife: "2026-12-31", platforms: ["linux/amd64"] }), {
      support: "ending",
      held: [{ reason: { kind: "asked" }, because: "no security fix" }],
    });
    const { status } = ending;
    expect(told({ ...ending, status: { ...status, isSigned: false } }).told).toEqual([
      "Ends in 36 days, on 2026-12-31.",
      "Waits: no security fix.",
      "Not signed, though the catalog wants it.",
    ]);
  });
});
