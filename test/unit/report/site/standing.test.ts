import { describe, expect, it } from "vitest";
import type { Published } from "../../../../scripts/model/published.ts";
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
    expect(told(gone)).toEqual({
      ...{ kind: "odd", word: "deleted" },
      told: [
        `Somebody deleted the tag: ${sampleDigest(3)} was published on 2026-11-20, and its history is still there.`,
      ],
    });
    const never = { ...gone, past: { ...gone.past, images: [] } };
    expect(told(never)).toEqual({ kind: "absent", word: "not published", told: ["Not published."] });
  });

  it("is foreign, or has something else in its history's place", () => {
    const foreign = sampleSiteTarget(target, { published: { digest: sampleDigest(3), inputs: undefined } });
    expect(told(foreign).word).toBe("foreign");
    const own = sampleSiteTarget(target);
    expect(told({ ...own, past: { ...own.past, foreign: sampleDigest(8) } })).toEqual({
      ...{ kind: "odd", word: "no history" },
      told: [`Something else is in the place of its history: ${sampleDigest(8)}.`],
    });
    expect(told({ ...own, past: { ...own.past, images: [] } })).toEqual({
      ...{ kind: "odd", word: "no history" },
      told: ["Nobody recorded when it was published: it has no history."],
    });
  });

  it("could not be read in full: that is told, and why", () => {
    expect(told(sampleSiteTarget(target, {}, { problem: "the content is damaged" }))).toEqual({
      ...{ kind: "odd", word: "unreadable" },
      told: ["Not all of it could be read: the content is damaged"],
    });
  });

  it("was not shown by the registry: the tag, or its history", () => {
    const answer = { problem: "HTTP 403" };
    const hidden = {
      ...{ kind: "odd", word: "unreadable" },
      told: ["The registry did not show it: HTTP 403"],
    };
    expect(told(sampleSiteTarget(target, { published: undefined }, answer))).toEqual(hidden);
    const own = sampleSiteTarget(target, {}, answer);
    expect(told({ ...own, past: { ...own.past, ...answer } })).toEqual(hidden);
  });

  it("lacks platforms that the catalog wants, as far as it says which it has", () => {
    const all = sampleTarget({ platforms: ["linux/amd64", "linux/arm64"] });
    const on = (platforms: Published["platforms"]) =>
      told(
        sampleSiteTarget(all, { published: { ...publishedOf(all, { digest: sampleDigest(3) }), platforms } }),
      ).told;
    expect(on(["linux/amd64"])).toEqual(["Without linux/arm64, which the catalog wants."]);
    expect(on([])).toEqual(["Without linux/amd64, linux/arm64, which the catalog wants."]);
    expect(on(all.platforms)).toEqual([]);
    expect(on(undefined)).toEqual([]);
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
