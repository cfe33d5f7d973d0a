import { describe, expect, it } from "vitest";
import { MEDIA_TYPE } from "../../../scripts/formats/oci/types.ts";
import type { HistoryEntry } from "../../../scripts/publish/history.ts";
import { entryFor, parseRollbackTarget, staysTrue } from "../../../scripts/publish/rollback.ts";
import { digest } from "../report/sample-outcomes.ts";

const day = (number: number) => new Date(Date.UTC(2026, 10, number));
const entry = (letter: string, at: number): HistoryEntry => ({
  image: { mediaType: MEDIA_TYPE.index, digest: digest(letter), size: 1 },
  created: day(at),
  confirmed: day(at),
});
const HISTORY = [entry("c", 20), entry("b", 10), entry("a", 1)];
const found = (to: string | undefined, current = "c") =>
  entryFor(parseRollbackTarget(to), digest(current), HISTORY)?.image.digest;

describe("where a tag goes back to", () => {
  it("is the image before, and from there the one before that", () => {
    expect(found(undefined)).toBe(digest("b"));
    expect(found(undefined, "b")).toBe(digest("a"));
    expect(found(undefined, "a")).toBeUndefined();
  });

  it("is an image by the beginning of its digest", () => {
    expect(found(digest("a").slice(0, 16))).toBe(digest("a"));
    expect(found("bbbbbb")).toBe(digest("b"));
    expect(found("dddddd")).toBeUndefined();
  });

  it("is what it pointed at on a day", () => {
    expect(found("2026-11-15")).toBe(digest("b"));
    expect(found("2026-11-10T00:00:00Z")).toBe(digest("b"));
    expect(found("2026-10-01")).toBeUndefined();
  });

  it.each(["yesterday", "22", "sha256:xyz", ""])("is not told by %j", (text) => {
    expect(() => parseRollbackTarget(text)).toThrow("expected a digest");
  });
});

describe("a tag that goes back", () => {
  const target = { variant: "dev", tags: ["22-dev", "dev"] } as const;

  it.each([
    ["22-dev", true],
    ["dev", true],
    ["22.16-dev", true],
    ["22.16.1-dev", false],
    // Somebody has made it by hand, and it says no version.
    ["stable", true],
  ])("%s: true of 22.16.0 as it was of 22.16.1 is %s", (tag, isTrue) => {
    expect(staysTrue(tag, target, "22.16.1", "22.16.0")).toBe(isTrue);
  });

  it("goes where nothing says which version an image is of", () => {
    expect(staysTrue("22.16.1-dev", target, undefined, "22.16.0")).toBe(true);
    expect(staysTrue("22.16.1-dev", target, "22.16.1", undefined)).toBe(true);
  });
});
