import { describe, expect, it } from "vitest";
import type { Target } from "../../../../scripts/model/target.ts";
import { frontView } from "../../../../scripts/report/site/front.ts";
import { imagesOf } from "../../../../scripts/report/site/images.ts";
import type { SiteTarget } from "../../../../scripts/report/site/site.ts";
import { sampleSite, sampleSiteTarget } from "../../../support/sample-site.ts";
import { sampleCatalog, sampleRelease } from "../../../support/sample-target.ts";

const OPEN = { package: "musl", installed: "1-r0", fixed: "1-r1", platforms: ["linux/amd64"] as const };

/** The rows of a front page for targets in the catalog's order. */
function rowsOf(...targets: readonly SiteTarget[]) {
  const releases = targets.map(({ status }) => status.planned.target);
  const pairs = releases.flatMap((one) => [
    one,
    sampleRelease({ image: one.image, version: one.version }).dev,
  ]);
  const catalog = sampleCatalog(pairs);
  const site = sampleSite({ catalog, targets });
  return frontView(site, imagesOf(site)).images;
}

/** A runtime image with what the registry has of it changed. */
function runtimeOf(
  target: Partial<Target>,
  changes: Parameters<typeof sampleSiteTarget>[1] = {},
): SiteTarget {
  return sampleSiteTarget(sampleRelease(target).runtime, changes);
}

const absent = (target: Partial<Target>) => {
  const one = runtimeOf(target, { published: undefined });
  return { ...one, past: { ...one.past, images: [] } };
};

describe("the front page's row of an image", () => {
  it("has first what can be pulled", () => {
    const rows = rowsOf(absent({ image: "ada" }), runtimeOf({ image: "node" }), absent({ image: "zig" }));
    expect(rows.map(({ name, copy }) => [name, copy])).toEqual([
      ["node", "docker pull registry.example/base/node:22"],
      ["ada", undefined],
      ["zig", undefined],
    ]);
  });

  it("tells how much of its budget it takes, where both are known", () => {
    const budgetOf = (...args: Parameters<typeof runtimeOf>) => rowsOf(runtimeOf(...args))[0]?.budget;
    expect(budgetOf({ budget: 30_000_000 })).toBe("83% of 30 MB");
    expect(budgetOf({})).toBe("");
    const { published } = runtimeOf({}).status.planned;
    const silent = published && { ...published, sizes: undefined };
    expect(budgetOf({ budget: 30_000_000 }, { published: silent })).toBe("");
  });

  it("tells what Alpine has fixed, that nobody knows, or nothing of what is not there", () => {
    const fixableOf = (one: SiteTarget, vulnerabilities: SiteTarget["status"]["vulnerabilities"]) => {
      const [row] = rowsOf({ ...one, status: { ...one.status, vulnerabilities } });
      return [row?.fixable, row?.isAffected, row?.cves];
    };
    const found = ["CVE-2026-1", "CVE-2026-2", "CVE-2026-2"].map((name) => ({ name, ...OPEN }));
    expect(fixableOf(runtimeOf({}), found)).toEqual(["2 fixable", true, 2]);
    expect(fixableOf(runtimeOf({}), [])).toEqual(["none fixable", false, 0]);
    expect(fixableOf(runtimeOf({}), undefined)).toEqual(["vulnerabilities unknown", false, ""]);
    expect(fixableOf(absent({}), undefined)).toEqual(["", false, ""]);
  });

  it("counts the versions that have ended and those that are not published", () => {
    const old = (version: string) => runtimeOf({ version, endOfLife: "2026-01-01" }, { support: "archived" });
    const rows = rowsOf(runtimeOf({}), old("20"), old("18"), absent({ version: "16" }));
    expect(rows[0]?.archived).toBe("2 archived, 1 not published");
    expect(rows[0]?.versions.map(({ version }) => version)).toEqual(["22"]);
    expect(rowsOf(runtimeOf({}))[0]?.archived).toBe("");
  });
});
