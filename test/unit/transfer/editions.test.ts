import { describe, expect, it } from "vitest";
import { MEDIA_TYPE } from "../../../scripts/formats/oci/types.ts";
import type { Target } from "../../../scripts/model/target.ts";
import type { HistoryEntry } from "../../../scripts/publish/history.ts";
import { type Choice, chooseEdition, type VariantState } from "../../../scripts/transfer/editions.ts";
import { sampleDebug, sampleRelease } from "../../support/sample-target.ts";
import { digest } from "../report/sample-outcomes.ts";

const { runtime, dev } = sampleRelease();
const debug = sampleDebug();
const HOUR = 3_600_000;
const NOW = new Date("2026-12-10T12:00:00Z");
const hoursAgo = (hours: number) => new Date(NOW.getTime() - hours * HOUR);

/** Entries as `a@3`: the image a, three hours ago; the newest first. */
function entry(text: string): HistoryEntry {
  const [letter = "", hours] = text.split("@");
  const created = hoursAgo(Number(hours));
  const image = { mediaType: MEDIA_TYPE.index, digest: digest(letter), size: 1 };
  return { image, created, confirmed: created };
}

/** What a tag has: where it points, and its history. */
function state(target: Target, now: string | undefined, ...history: string[]): VariantState {
  return { target, now: now && digest(now), history: history.map((one) => entry(one)) };
}

const NOTHING = [state(runtime, undefined), state(dev, undefined)];

function choose(staged: VariantState[], there = NOTHING, soak = 24 * HOUR): Choice {
  return chooseEdition(staged, there, { from: "staging", to: "public", soak, now: NOW });
}

/** `a d` where these go on, with whether they are there; or why not. */
function said(choice: Choice): string {
  if ("left" in choice) return `${choice.left.because}: ${choice.left.text}`;
  const letters = [...choice.edition.digests.values()].map((one) => one.slice("sha256:".length)[0]);
  return `${letters.join(" ")}${choice.isThere ? `, ${choice.otherwise.because}: ${choice.otherwise.text}` : ""}`;
}

describe("the edition that goes on", () => {
  const staged = [state(runtime, "c", "c@3", "b@30", "a@60"), state(dev, "f", "f@3", "e@30", "d@60")];

  it("is the newest that has soaked, though it was replaced meanwhile", () => {
    expect(said(choose(staged))).toBe("b e");
    expect(said(choose(staged, NOTHING, 48 * HOUR))).toBe("a d");
    expect(said(choose(staged, NOTHING, 0))).toBe("c f");
    expect(said(choose(staged, NOTHING, 3 * HOUR))).toBe("c f");
  });

  it("waits where none has", () => {
    expect(said(choose(staged, NOTHING, 72 * HOUR))).toBe("soaking: soaks until 2026-12-11 00:00 UTC");
    const there = [state(runtime, "b", "b@1"), state(dev, "e", "e@1")];
    expect(said(choose(staged, there))).toBe("b e, soaking: soaks until 2026-12-11 09:00 UTC");
    expect(said(choose(staged, there, 0))).toBe("c f");
  });

  it("is a pair as it was published, though one variant came out the same", () => {
    const same = [state(runtime, "c", "c@3", "b@30"), state(dev, "d", "d@60")];
    expect(said(choose(same))).toBe("b d");
    expect(said(choose(same, NOTHING, 0))).toBe("c d");
  });

  it("may lack a debug image, which came later, and never dev", () => {
    const three = [...staged, state(debug, "0", "0@3")];
    expect(said(choose(three))).toBe("b e");
    expect(said(choose(three, NOTHING, 0))).toBe("c f 0");
    expect(said(choose([state(runtime, "a", "a@60"), state(dev, undefined)]))).toBe(
      "unpublished: staging does not have it",
    );
  });

  it("is none that was rolled back where it comes from", () => {
    const back = [state(runtime, "b", "c@30", "b@40"), state(dev, "e", "f@30", "e@40")];
    expect(said(choose(back))).toBe("b e");
    const behind = [state(runtime, "b", "b@1"), state(dev, "e", "e@1")];
    expect(said(choose(back, behind))).toBe(
      "b e, in place: public has it (what came after it was rolled back in staging)",
    );
    const ahead = [state(runtime, "c", "c@1"), state(dev, "f", "f@1")];
    expect(said(choose(back, ahead))).toMatch(
      /^withdrawn: public has sha256:c{12}, which was rolled back in/,
    );
  });

  it("is none that was rolled back where it goes to, nor an older one than is there", () => {
    const rolledBack = [state(runtime, "a", "b@5", "a@9"), state(dev, "d", "e@5", "d@9")];
    expect(said(choose(staged, rolledBack))).toBe(
      "withdrawn: it was rolled back in public: what comes next goes on",
    );
    expect(said(choose(staged, rolledBack, 0))).toBe("c f");
    const ahead = [state(runtime, "c", "c@1"), state(dev, "f", "f@1")];
    expect(said(choose(staged, ahead))).toBe("newer: public has a newer one already");
  });

  it("is none where tags are apart, or were moved by others", () => {
    const apart = [state(runtime, "c", "c@30", "b@60"), state(dev, "e", "f@30", "e@60")];
    expect(said(choose(apart))).toMatch(/^moved: its tags in staging were moved by somebody else/);
    expect(said(choose([state(runtime, "9", "c@30"), state(dev, "f", "f@30")]))).toMatch(/^moved/);
  });

  it("is what is published where no history is kept, if nothing has to soak", () => {
    const bare = [state(runtime, "a"), state(dev, "d")];
    expect(said(choose(bare, NOTHING, 0))).toBe("a d");
    expect(said(choose(bare))).toMatch(/^undated: staging keeps no history/);
    expect(said(choose(bare, bare, 0))).toBe("a d, in place: public has it");
  });
});
