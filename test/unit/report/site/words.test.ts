import { describe, expect, it } from "vitest";
import {
  agoText,
  bytesText,
  dayOf,
  exactVersion,
  fixableOf,
  heaviest,
  idOf,
  momentOf,
  pageOf,
  tagIn,
} from "../../../../scripts/report/site/words.ts";
import { sizesOf } from "../../../support/sample-plan.ts";
import { sampleSiteTarget } from "../../../support/sample-site.ts";
import { sampleRelease } from "../../../support/sample-target.ts";

const { runtime, dev } = sampleRelease();
const MOMENT = new Date("2026-11-29T18:40:59.123Z");

describe("the words of all pages", () => {
  it("tell days and moments, and how long ago a day was", () => {
    expect([dayOf(MOMENT), momentOf(MOMENT)]).toEqual(["2026-11-29", "2026-11-29 18:40 UTC"]);
    const ago = (day: string) => agoText(new Date(day), MOMENT);
    expect(ago("2026-11-29T01:00:00Z")).toBe("today");
    expect(ago("2026-11-28T01:00:00Z")).toBe("1 day ago");
    expect(ago("2026-11-17T23:00:00Z")).toBe("12 days ago");
    // Another machine's clock.
    expect(ago("2026-11-30T10:00:00Z")).toBe("today");
    expect(agoText(undefined, MOMENT)).toBe("unknown");
  });

  it("tell bytes, and that nobody knows", () => {
    expect([bytesText(24_900_000), bytesText(0), bytesText(undefined)]).toEqual([
      "24.9 MB",
      "0 B",
      "unknown",
    ]);
  });

  it("name pages, tags and places", () => {
    expect([pageOf("node"), tagIn(dev), tagIn(runtime)]).toEqual(["images/node.html", "22-dev", "22"]);
    expect(idOf("from", "cgr.dev/chainguard/node:1_2")).toBe("from-cgr.dev-chainguard-node-1_2");
  });
});

describe("what an image says of itself", () => {
  const weighed = (compressed: number) => ({
    ...{ compressed, unpacked: compressed * 3, packages: new Map() },
  });

  it("is by its heaviest platform, whichever comes first", () => {
    const [light, heavy] = [weighed(1), weighed(2)];
    const expected = { ...heavy, platform: "linux/arm64" };
    expect(heaviest(sizes(["linux/amd64", light], ["linux/arm64", heavy]))).toEqual(expected);
    expect(heaviest(sizes(["linux/arm64", heavy], ["linux/amd64", light]))).toEqual(expected);
    expect([heaviest(new Map()), heaviest(undefined)]).toEqual([undefined, undefined]);
  });

  function sizes(...entries: [string, ReturnType<typeof weighed>][]) {
    return new Map(entries) as NonNullable<Parameters<typeof heaviest>[0]>;
  }

  it("is the exact version, where any platform has the package", () => {
    const has = sizesOf({ nodejs: ["22.16.0-r1", 1] });
    expect(exactVersion(runtime, has)).toBe("22.16.0-r1");
    const lacks = sizes(["linux/amd64", weighed(1)]);
    expect(exactVersion(runtime, lacks)).toBeUndefined();
    const [[, first] = []] = has;
    if (!first) throw new Error("the sample has a platform");
    expect(exactVersion(runtime, new Map([...lacks, ["linux/arm64", first]]))).toBe("22.16.0-r1");
    expect(exactVersion(runtime, undefined)).toBeUndefined();
  });

  it("is what Alpine has fixed, each once, where anybody can tell", () => {
    const { status } = sampleSiteTarget(runtime);
    const of = (name: string, item: string) => ({
      ...{ name, package: item, installed: "1", fixed: "2", platforms: [] },
    });
    const vulnerabilities = [of("CVE-1", "a"), of("CVE-2", "a"), of("CVE-1", "b")];
    expect(fixableOf({ ...status, vulnerabilities })).toEqual(["CVE-1", "CVE-2"]);
    expect(fixableOf({ ...status, vulnerabilities: [] })).toEqual([]);
    expect(fixableOf({ ...status, vulnerabilities: undefined })).toBeUndefined();
    const planned = { ...status.planned, published: undefined };
    expect(fixableOf({ ...status, planned, vulnerabilities })).toBeUndefined();
  });
});
