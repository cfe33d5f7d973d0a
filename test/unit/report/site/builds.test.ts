import { describe, expect, it } from "vitest";
import type { Published } from "../../../../scripts/model/published.ts";
import { buildsOf, reasonsIn } from "../../../../scripts/report/site/builds.ts";
import type { SiteTarget } from "../../../../scripts/report/site/site.ts";
import { failedTarget, sampleRun, sampleRunTarget } from "../../../support/sample-run.ts";
import { sampleDigest, sampleSiteTarget } from "../../../support/sample-site.ts";
import { sampleTarget } from "../../../support/sample-target.ts";

const NODE = sampleSiteTarget(sampleTarget());
const FIXED = { package: "musl", installed: "1-r0", fixed: "1-r1", platforms: ["linux/amd64"] as const };
const because = (text: string) => ({ kind: "base", text, cves: [] });

/** What each build was published as, the newest first: what is told of it is changed; nothing is one that is gone. */
function rememberedAs(...changes: readonly (Partial<Published> | undefined)[]): SiteTarget {
  const images = NODE.past.images.map(({ entry, published }, index) => {
    const change = changes[index];
    return { entry, published: published && change && { ...published, ...change } };
  });
  return { ...NODE, past: { ...NODE.past, images } };
}

const whyOf = (one: SiteTarget) => buildsOf(one, new Map()).map(({ why }) => why);

describe("why a build was made", () => {
  it("is what the run told that first made it, and not one that failed or knows no digest", () => {
    const made = (text: string) =>
      sampleRunTarget({ target: "node:22", digest: sampleDigest(3), reasons: [because(text)] });
    const { digest, ...unknown } = made("of no digest");
    const runs = [
      sampleRun({ targets: [made("told again")] }),
      sampleRun({ targets: [unknown, made("told first")] }),
      sampleRun({
        targets: [failedTarget("node:22", "no", { digest: sampleDigest(3), reasons: [because("failed")] })],
      }),
    ];
    const reasons = reasonsIn(runs);
    expect([...reasons]).toEqual([[sampleDigest(3), ["told first"]]]);
    expect(buildsOf(NODE, reasons)[0]?.why).toEqual(["told first"]);
  });

  it("is else what two builds say of themselves: the recipe, and the base image", () => {
    const [one, other] = [sampleDigest(50), sampleDigest(51)];
    const remembered = rememberedAs(
      { inputs: { recipe: "b" }, base: other },
      { inputs: { recipe: "a" }, base: one },
      { inputs: { recipe: "a" }, base: one },
    );
    const short = (digest: string) => digest.slice(0, 19);
    expect(whyOf(remembered)).toEqual([
      ["inputs: recipe -a +b", `base ${short(one)} → ${short(other)}`],
      [],
      ["the oldest build that is remembered"],
    ]);
  });

  it("is not guessed where one of the two says nothing of its inputs or its base", () => {
    const inputs = { recipe: "a" };
    expect(whyOf(rememberedAs({ inputs, base: sampleDigest(50) }, { inputs }, { inputs }))[0]).toEqual([]);
    expect(whyOf(rememberedAs({ inputs }, { inputs, base: sampleDigest(50) }, { inputs }))[0]).toEqual([]);
    const silent = { inputs: undefined, base: sampleDigest(51) };
    const says = { inputs: { recipe: "b" }, base: sampleDigest(50) };
    expect(whyOf(rememberedAs(silent, says, says)).slice(0, 2)).toEqual([[], []]);
    expect(whyOf(rememberedAs(says, silent, says)).slice(0, 2)).toEqual([[], []]);
    expect(whyOf(rememberedAs(undefined, undefined, says)).slice(0, 2)).toEqual([[], []]);
  });
});

describe("a build of a tag's past", () => {
  it("is there or gone, and weighs what it says", () => {
    const builds = buildsOf(rememberedAs({}, undefined, { sizes: undefined }), new Map());
    expect(builds.map(({ isNow, isThere, compressed }) => ({ isNow, isThere, compressed }))).toEqual([
      { isNow: true, isThere: true, compressed: 24_900_000 },
      { isNow: false, isThere: false, compressed: undefined },
      { isNow: false, isThere: true, compressed: undefined },
    ]);
  });

  it("closed what the one before had and it has not, and what the ledger says, each once and in order", () => {
    const of = (...names: readonly string[]) => names.map((name) => ({ name, ...FIXED }));
    const one: SiteTarget = {
      ...NODE,
      vulnerabilities: new Map([
        [sampleDigest(3), of("CVE-2026-5")],
        [sampleDigest(2), of("CVE-2026-5", "CVE-2026-4", "CVE-2026-1")],
      ]),
      ledger: {
        looked: undefined,
        entries: ["CVE-2026-4", "CVE-2026-2"].map((id) => ({
          ...{ id, package: "musl", installed: "1-r0", firstSeen: "2026-11-01T00:00:00Z" },
          publishedByUs: { digest: sampleDigest(3), time: "2026-11-20T03:10:00Z" },
        })),
      },
    };
    expect(buildsOf(one, new Map()).map(({ closed }) => closed)).toEqual([
      ["CVE-2026-1", "CVE-2026-2", "CVE-2026-4"],
      // The ledger tells of none that this build closed, and of the build before nobody knows.
      [],
      [],
    ]);
    expect(buildsOf({ ...one, ledger: undefined }, new Map()).map(({ closed }) => closed)).toEqual([
      ["CVE-2026-1", "CVE-2026-4"],
      undefined,
      undefined,
    ]);
  });
});
