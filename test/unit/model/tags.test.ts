import { describe, expect, it } from "vitest";
import { buildTag, isBuildTag, reservedImage, reservedTag, tagsOf } from "../../../scripts/model/tags.ts";
import { historyTag } from "../../../scripts/publish/history.ts";
import { sampleTarget } from "../../support/sample-target.ts";

describe("tagsOf", () => {
  it("adds the exact versions to the catalog's tags, from the coarse to the fine", () => {
    const target = sampleTarget({ tags: ["22", "lts", "latest"] });
    expect(tagsOf(target, "22.16.0", [target])).toEqual(["22", "lts", "latest", "22.16", "22.16.0"]);
  });

  it("says -dev after each of dev's", () => {
    const target = sampleTarget({ variant: "dev", tags: ["22-dev", "dev"] });
    expect(tagsOf(target, "22.16.0", [target])).toEqual(["22-dev", "dev", "22.16-dev", "22.16.0-dev"]);
  });

  it("adds nothing coarser than the version that the catalog names", () => {
    const target = sampleTarget({ version: "3.12", tags: ["3.12"] });
    expect(tagsOf(target, "3.12.11", [target])).toEqual(["3.12", "3.12.11"]);
  });

  it("gives each tag once, where the catalog names the exact version", () => {
    const target = sampleTarget({ version: "5.4.7", tags: ["5.4.7", "5.4", "5"] });
    expect(tagsOf(target, "5.4.7", [target])).toEqual(["5.4.7", "5.4", "5"]);
  });

  it("leaves to another version the tag that the catalog gives it", () => {
    const target = sampleTarget({ version: "3", tags: ["3"] });
    const other = sampleTarget({ version: "3.12", tags: ["3.12"] });
    const elsewhere = sampleTarget({ image: "python", version: "3.12.4", tags: ["3.12.4"] });
    expect(tagsOf(target, "3.12.4", [target, other, elsewhere])).toEqual(["3", "3.12.4"]);
  });

  const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
  const digest = `sha256:${"4f0c6a1b9d3e".repeat(6).slice(0, 64)}`;
  const strange = [
    "1.26.3~a1b2c3",
    "1.26.3+dfsg",
    "1.26.3~a+b",
    ".1",
    `1.${"9".repeat(200)}`,
    "1.2~a.b",
    "-1.2",
  ];

  it.each(strange)("are tags that a registry takes, of the version %j too", (version) => {
    for (const variant of ["runtime", "dev"] as const) {
      const target = sampleTarget({ version: "1", variant, tags: [variant === "dev" ? "1-dev" : "1"] });
      const tags = [...tagsOf(target, version, [target]), buildTag(variant, `${version}-r0`, digest)];
      for (const tag of tags) expect(tag).toMatch(TAG);
      expect(tags.length).toBeGreaterThan(2);
      for (const tag of tags) if (variant === "dev") expect(tag).toMatch(/-dev$/);
      expect(isBuildTag(tags.at(-1) ?? "")).toBe(true);
    }
  });

  it("have the hash of a commit behind the version, and the version's own beginnings", () => {
    const target = sampleTarget({ version: "1", tags: ["1"] });
    expect(tagsOf(target, "1.26.3~a1b2c3", [target])).toEqual(["1", "1.26", "1.26.3_a1b2c3"]);
  });

  it("are not the same for two versions that differ in what a tag cannot have", () => {
    const target = sampleTarget({ version: "1", tags: ["1"] });
    const alike = [
      "1.0~a",
      "1.0+a",
      "1.0~~a",
      "1.0_a",
      "1.0__a",
      `1.0${"0".repeat(300)}1`,
      `1.0${"0".repeat(300)}2`,
    ];
    const finest = alike.map((version) => tagsOf(target, version, [target]).at(-1) ?? "");
    // `1.0_a` is none of Alpine's: a word behind a `_` is one of nine.
    expect(new Set(finest).size).toBe(alike.length - 2);
  });

  it("are none of those that Birdhouse keeps for itself", () => {
    const target = sampleTarget({ version: "1", tags: ["1"] });
    expect(tagsOf(target, "1.history", [target])).toEqual(["1"]);
  });

  it("of many targets are known at once: each target is looked at but a few times", () => {
    let looks = 0;
    const targets = Array.from({ length: 300 }, (_, n) => {
      const target = sampleTarget({ version: `${n}`, name: `node:${n}` });
      const tags = () => {
        looks++;
        return [`${n}`];
      };
      return Object.defineProperty(target, "tags", { get: tags });
    });
    for (const target of targets) tagsOf(target, `${target.version}.1.2`, targets);
    expect(looks).toBeLessThanOrEqual(3 * targets.length);
  });
});

const DIGEST = `sha256:${"0123456789ab".padEnd(64, "c")}`;

describe("tags that no image may have", () => {
  it.each([
    historyTag("5.4"),
    historyTag("latest-dev"),
    "5.4.HISTORY",
    `5.4.history-aside-${DIGEST.slice(7, 19)}`,
    DIGEST.replace(":", "-"),
    `${DIGEST.replace(":", "-")}.sig`,
    "sha256-x",
    buildTag("runtime", "22.16.0-r2", DIGEST),
    buildTag("dev", "22.16.0-r2", DIGEST),
  ])("%s is told from an image's, with the reason", (tag) => {
    expect(reservedTag(tag)).toMatch(
      / (?:is|are) (?:kept|listed) there$|^it has the form of the tag of one build$/,
    );
  });

  it.each(["5.4", "latest", "dev", "22.16.0-dev", "history", "5.4-history", "sha256", "lock", "3.1-r2"])(
    "%s is free",
    (tag) => {
      expect(reservedTag(tag)).toBeUndefined();
    },
  );
});

describe("names that no image may have", () => {
  it("are the repository of the lock, and no other", () => {
    expect(reservedImage("birdhouse")).toContain("lock");
    expect(reservedImage("birdhouse-2")).toBeUndefined();
    expect(reservedImage("node")).toBeUndefined();
  });
});
