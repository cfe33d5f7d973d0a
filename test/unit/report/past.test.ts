import { describe, expect, it } from "vitest";
import type { ImageSizes, Published } from "../../../scripts/model/published.ts";
import type { HistoryEntry } from "../../../scripts/publish/history.ts";
import { packageChanges, pastJson, pastText } from "../../../scripts/report/past.ts";
import { sampleTarget } from "../../support/sample-target.ts";
import { digest } from "./sample-outcomes.ts";

const target = sampleTarget();

/** An image that has these packages on a platform. */
function imageOf(
  name: string,
  versions: Readonly<Record<string, string>>,
  platform = "linux/amd64",
): Published {
  const packages = new Map(Object.entries(versions).map(([one, version]) => [one, { version, unpacked: 1 }]));
  const sizes = new Map([[platform, { compressed: 1, unpacked: 1, packages }]]) as ImageSizes;
  return { digest: digest(name), inputs: {}, sizes };
}

const entryOf = (name: string, day: string): HistoryEntry => ({
  image: { mediaType: "m", digest: digest(name), size: 1 },
  created: new Date(`${day}T03:10:00.123Z`),
  confirmed: new Date("2026-11-27T03:10:00Z"),
});

const NEW = imageOf("a", { musl: "1.2.5-r9", zlib: "1.3-r0" });
const OLD = imageOf("b", { musl: "1.2.5-r8", busybox: "1.37-r0" });
const images = [
  { entry: entryOf("a", "2026-11-25"), published: NEW },
  { entry: entryOf("b", "2026-11-18"), published: OLD },
  { entry: entryOf("c", "2026-11-11"), published: undefined },
];

describe("pastText", () => {
  it("has each image, where the tag is now, and below it what is other than in the one before", () => {
    expect(pastText({ target, now: digest("a"), images })).toBe(
      `node:22:
  2026-11-25T03:10:00Z  ${digest("a")}  now
    + zlib 1.3-r0
    - busybox 1.37-r0
    musl 1.2.5-r8 → 1.2.5-r9
  2026-11-18T03:10:00Z  ${digest("b")}
  2026-11-11T03:10:00Z  ${digest("c")}  no longer in the registry`,
    );
  });

  it("gives a digest a line of its own where there is no room beside the rest", () => {
    const whole = `  2026-11-25T03:10:00Z  ${digest("a")}  now`;
    const past = { target, now: digest("a"), images: images.slice(0, 1) };
    expect(pastText(past, whole.length)).toBe(`node:22:\n${whole}`);
    expect(pastText(past, whole.length - 1)).toBe(
      `node:22:\n  2026-11-25T03:10:00Z  now\n    ${digest("a")}`,
    );
  });

  it("says when there is none, when another image is in its place, and what holds its tags", () => {
    expect(pastText({ target, now: undefined, images: [] })).toBe("node:22: no history");
    expect(pastText({ target, now: undefined, images: [], foreign: digest("f") })).toBe(
      `node:22: no history: another image (${digest("f")}) is in its place; the next publish moves that away`,
    );
    const hold = { until: new Date("2026-12-05T12:00:00Z"), by: "me", reason: "broken TLS" };
    const [head] = pastText({ target, now: undefined, images, hold: hold as never }).split("\n");
    expect(head).toMatch(/^node:22: held until .*broken TLS/);
  });
});

describe("the past of a tag that could not be read", () => {
  const past = { target, now: undefined, images: [], problem: "https://r.example: HTTP 500,\nno answer" };

  it("is why, for people and for scripts", () => {
    expect(pastText(past)).toBe("✖ node:22: could not be read: https://r.example: HTTP 500, no answer");
    expect(pastText(past, 40)).toBe(
      "✖ node:22: could not be read:\n  https://r.example: HTTP 500, no answer",
    );
    expect(pastJson(past)).toStrictEqual({
      ...{ target: "node:22", now: null, hold: null, images: [], problem: past.problem },
    });
  });
});

describe("a line of the past", () => {
  const gone = [{ entry: entryOf("a", "2026-11-25"), published: undefined }];
  const past = { target, now: digest("a"), images: gone };

  it("names all that there is to say of an image", () => {
    const [, line] = pastText(past).split("\n");
    expect(line).toBe(`  2026-11-25T03:10:00Z  ${digest("a")}  now, no longer in the registry`);
    expect(pastText(past, 80).split("\n")).toEqual([
      "node:22:",
      "  2026-11-25T03:10:00Z  now, no longer in the registry",
      `    ${digest("a")}`,
    ]);
  });

  it("is broken between words where another image is in the history's place", () => {
    expect(pastText({ target, now: undefined, images: [], foreign: digest("f") }, 80).split("\n")).toEqual([
      "node:22: no history: another image",
      `  (${digest("f")}) is`,
      "  in its place; the next publish moves that away",
    ]);
  });
});

describe("pastJson", () => {
  it("has the same for scripts", () => {
    const [first] = pastJson({ target, now: undefined, images }).images;
    expect(first).toEqual({
      ...{ digest: digest("a"), created: "2026-11-25T03:10:00.123Z", confirmed: "2026-11-27T03:10:00.000Z" },
      ...{ available: true, changes: ["+ zlib 1.3-r0", "- busybox 1.37-r0", "musl 1.2.5-r8 → 1.2.5-r9"] },
    });
    expect(pastJson({ target, now: digest("a"), images })).toMatchObject({
      ...{ target: "node:22", now: digest("a"), hold: null },
      images: [{ available: true }, { available: true, changes: [] }, { available: false, changes: [] }],
    });
    expect(pastJson({ target, now: undefined, images: [] })).toStrictEqual({
      ...{ target: "node:22", now: null, hold: null, images: [] },
    });
  });
});

describe("packageChanges", () => {
  it("are none where either image does not say what it holds", () => {
    const silent = { digest: digest("a"), inputs: {} };
    expect(packageChanges(undefined, NEW)).toEqual([]);
    expect(packageChanges(OLD, undefined)).toEqual([]);
    expect(packageChanges(silent, NEW)).toEqual([]);
    expect(packageChanges(OLD, silent)).toEqual([]);
  });

  it("of a platform that is new are all that it holds, and none where nothing changed", () => {
    expect(packageChanges(OLD, imageOf("a", { musl: "1-r0" }, "linux/arm64"))).toEqual(["+ musl 1-r0"]);
    expect(packageChanges(OLD, OLD)).toEqual([]);
  });
});
