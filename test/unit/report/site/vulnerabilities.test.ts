import { describe, expect, it } from "vitest";
import type { Target } from "../../../../scripts/model/target.ts";
import type { SiteLedger, SiteTarget } from "../../../../scripts/report/site/site.ts";
import { vulnerabilitiesView, vulnerabilityRows } from "../../../../scripts/report/site/vulnerabilities.ts";
import { READ_AT, sampleDigest, sampleSiteTarget } from "../../../support/sample-site.ts";
import { sampleDebug, sampleRelease } from "../../../support/sample-target.ts";

const { runtime, dev } = sampleRelease();
const debug = sampleDebug();
const FOUND = { package: "libcrypto3", installed: "3.3.2-r1", firstSeen: "2026-11-02T02:00:00.000Z" };
const LEDGER: SiteLedger = {
  looked: { at: "2026-11-25T02:00:00.000Z", digest: "sha256:1", sources: ["secdb", "trivy"] },
  entries: [
    { ...FOUND, id: "CVE-2026-1", severity: "high", exception: { reason: "not used", until: "2027-01-01" } },
    {
      ...{ ...FOUND, id: "CVE-2026-2" },
      fixedByAlpine: { version: "3.3.2-r2", since: "2026-11-10T02:00:00.000Z" },
      publishedByUs: { digest: "sha256:1", time: "2026-11-11T03:00:00.000Z" },
    },
    { ...FOUND, id: "CVE-2026-3", withdrawn: "2026-11-12T02:00:00.000Z" },
  ],
};

describe("the vulnerabilities of images", () => {
  it("are told once for all that hold them, and closed ones with their day", () => {
    const rows = vulnerabilityRows([sampleSiteTarget(runtime), sampleSiteTarget(dev)]);
    expect(rows).toEqual([
      expect.objectContaining({
        ...{ name: "CVE-2024-9143", fixed: "3.3.2-r1", installed: ["libcrypto3 3.3.2-r0"] },
        holders: ["node:22", "node:22-dev"],
        closed: new Date("2026-10-02T03:10:00Z"),
        firstSeen: undefined,
      }),
    ]);
  });

  it("come from the ledger where somebody looked: without a fix, let through, and those that were none left out", () => {
    const made = sampleSiteTarget(runtime, {}, { ledger: LEDGER });
    const view = vulnerabilitiesView(
      [{ ...made, status: { ...made.status, vulnerabilities: undefined } }],
      READ_AT,
    );
    expect(view.open).toMatchObject([
      {
        ...{ name: "CVE-2026-1", fixed: "not yet", severity: "high", firstSeen: "2026-11-02" },
        exception: "let through until 2027-01-01: not used",
      },
    ]);
    expect(view.closed).toMatchObject([
      { name: "CVE-2026-2", closed: "2026-11-11", fixed: "3.3.2-r2" },
      // From before anybody looked: by Alpine's list.
      { name: "CVE-2024-9143", closed: "2026-10-02" },
    ]);
    expect(view).toMatchObject({ isUnread: false, hasLooks: true });
    expect(view.source).toBe("By the last scan of 2026-11-25 02:00 UTC (Alpine's list of fixes, trivy).");
  });

  it("are as Alpine's list has them now, where the last look was before a fix or before a build", () => {
    const open = { ...FOUND, id: "CVE-2026-1", severity: "high" };
    const fix = { name: "CVE-2026-1", package: "libcrypto3", installed: "3.3.2-r1", fixed: "3.3.2-r2" };
    const listed = [{ ...fix, platforms: ["linux/amd64"] }];
    const lookedAt = (digest: string) => ({
      ledger: { looked: { at: "2026-11-19T02:00:00.000Z", digest, sources: ["trivy"] }, entries: [open] },
    });
    const made = sampleSiteTarget(runtime, {}, lookedAt(sampleDigest(3)));
    const fixed = { ...made, status: { ...made.status, vulnerabilities: listed } };
    expect(vulnerabilityRows([fixed])[1]).toMatchObject({
      name: "CVE-2026-1",
      fixed: "3.3.2-r2",
      closed: undefined,
    });
    const rebuilt = sampleSiteTarget(
      runtime,
      {},
      {
        ...lookedAt(sampleDigest(2)),
        vulnerabilities: new Map([
          [sampleDigest(3), []],
          [sampleDigest(2), listed],
        ]),
      },
    );
    expect(vulnerabilityRows([rebuilt])).toMatchObject([
      { name: "CVE-2026-1", fixed: "3.3.2-r2", closed: new Date("2026-11-20T03:10:00Z"), severity: "high" },
    ]);
    // Nobody knows yet whether a build without a look has what no list tells of.
    const unseen = { ...rebuilt, vulnerabilities: new Map() };
    expect(vulnerabilityRows([unseen])).toMatchObject([{ name: "CVE-2026-1", closed: undefined }]);
  });

  it("are unknown where nobody looked and no list can be read", () => {
    const made = sampleSiteTarget(runtime);
    const one = { ...made, status: { ...made.status, vulnerabilities: undefined } };
    const unknown = { ...one, vulnerabilities: new Map() };
    expect(vulnerabilitiesView([unknown], READ_AT)).toMatchObject({ isUnread: true, open: [], closed: [] });
    expect(vulnerabilitiesView([unknown, sampleSiteTarget(dev)], READ_AT).unread).toEqual(["node:22"]);
  });

  it("are sorted: the last that were closed first, what is open last, and by name", () => {
    const entry = (id: string, time?: string) => ({
      ...{ ...FOUND, id },
      ...(time !== undefined && { publishedByUs: { digest: "sha256:1", time } }),
    });
    const [early, late] = ["2026-11-11T03:00:00.000Z", "2026-11-12T03:00:00.000Z"];
    const ids = ["b", "a"].flatMap((name) => [
      ...[entry(`${name}-open`), entry(`${name}-early`, early), entry(`${name}-late`, late)],
    ]);
    const rows = vulnerabilityRows([unlisted(runtime, { looked: LEDGER.looked, entries: ids })]);
    expect(rows.map(({ name }) => name)).toEqual([
      ...["a-late", "b-late", "a-early", "b-early", "a-open", "b-open"],
    ]);
  });

  it("are one where name, fix and end are the same: of all who hold it, since it was first seen", () => {
    const entry = { ...FOUND, id: "CVE-2026-1" };
    const held = (of: Target, changes: Partial<SiteLedger["entries"][number]>) =>
      unlisted(of, { looked: LEDGER.looked, entries: [{ ...entry, ...changes }] });
    const rows = (...targets: SiteTarget[]) => vulnerabilityRows(targets);
    const earlier = { package: "libssl3", firstSeen: "2026-11-01T02:00:00.000Z" };
    expect(rows(held(runtime, {}), held(dev, earlier), held(debug, {}))).toEqual([
      {
        ...{ name: "CVE-2026-1", fixed: undefined, closed: undefined, severity: undefined },
        installed: ["libcrypto3 3.3.2-r1", "libssl3 3.3.2-r1"],
        holders: ["node:22", "node:22-dev", "node:22-debug"],
        firstSeen: new Date("2026-11-01T02:00:00.000Z"),
        exception: undefined,
      },
    ]);
    const fixed = { fixedByAlpine: { version: "3.3.2-r2", since: "2026-11-10T02:00:00.000Z" } };
    expect(rows(held(runtime, {}), held(dev, fixed)).map((row) => row.fixed)).toEqual([
      undefined,
      "3.3.2-r2",
    ]);
    const closed = { publishedByUs: { digest: "sha256:1", time: "2026-11-11T03:00:00.000Z" } };
    expect(rows(held(runtime, {}), held(dev, closed)).map(({ holders }) => holders)).toEqual([
      ["node:22-dev"],
      ["node:22"],
    ]);
    // A ledger that no look has filled tells nothing.
    const unfilled = unlisted(runtime, { entries: [entry] });
    expect(rows(unfilled, { ...held(dev, {}), ledger: undefined })).toEqual([]);
  });

  it("stay out where a look took one back, also where Alpine's list has it", () => {
    const listed = { ...FOUND, name: "CVE-2026-3", fixed: "3.3.2-r2", platforms: [] };
    const vulnerabilities = new Map([
      [sampleDigest(3), []],
      [sampleDigest(2), [listed, { ...listed, name: "CVE-2026-4" }, { ...listed, package: "libssl3" }]],
    ]);
    const one = { ...unlisted(runtime, LEDGER), vulnerabilities };
    const closed = vulnerabilityRows([one]).filter(({ closed: at }) => at?.getUTCDate() === 20);
    expect(closed.map(({ name, installed }) => [name, ...installed])).toEqual([
      ["CVE-2026-3", "libssl3 3.3.2-r1"],
      ["CVE-2026-4", "libcrypto3 3.3.2-r1"],
    ]);
  });

  it("are open where the list has them now, though the ledger knew another of the package, or ended it", () => {
    const fix = { package: "libcrypto3", installed: "3.3.2-r2", fixed: "3.3.2-r3", platforms: [] };
    const listed = ["CVE-2026-1", "CVE-2026-2", "CVE-2026-9"].map((name) => ({ ...fix, name }));
    const made = unlisted(runtime, LEDGER);
    const rows = vulnerabilityRows([{ ...made, status: { ...made.status, vulnerabilities: listed } }]);
    const told = rows.map(({ name, closed, fixed, severity }) => [name, closed && "closed", fixed, severity]);
    expect(told).toEqual([
      ["CVE-2026-2", "closed", "3.3.2-r2", undefined],
      ["CVE-2026-1", undefined, "3.3.2-r3", "high"],
      // It came back.
      ["CVE-2026-2", undefined, "3.3.2-r3", undefined],
      ["CVE-2026-9", undefined, "3.3.2-r3", undefined],
    ]);
  });

  it("were closed by the last build that came without one", () => {
    const found = { ...FOUND, name: "CVE-2026-1", fixed: "3.3.2-r2", platforms: [] };
    const builds = (newest: (typeof found)[], middle: (typeof found)[], oldest: (typeof found)[]) => ({
      vulnerabilities: new Map([
        [sampleDigest(3), newest],
        [sampleDigest(2), middle],
        [sampleDigest(1), oldest],
      ]),
    });
    const closings = (rest: Partial<SiteTarget>) =>
      vulnerabilityRows([{ ...sampleSiteTarget(runtime), ...rest }]).map(({ closed }) =>
        closed?.toISOString(),
      );
    expect(closings(builds([], [found], []))).toEqual(["2026-11-20T03:10:00.000Z"]);
    expect(closings(builds([], [], [found]))).toEqual(["2026-10-02T03:10:00.000Z"]);
    expect(closings(builds([], [{ ...found, name: "CVE-2026-2" }], [found]))).toHaveLength(2);
    expect(closings(builds([found], [found], [found]))).toEqual([]);
    expect(closings({ vulnerabilities: new Map([[sampleDigest(2), [found]]]) })).toEqual([]);
    expect(closings({ vulnerabilities: new Map([[sampleDigest(3), []]]) })).toEqual([]);
  });

  it("stand in a table with words in the place of what is not known", () => {
    const view = vulnerabilitiesView([unlisted(runtime, LEDGER)], READ_AT);
    const cells = { installed: ["libcrypto3 3.3.2-r1"], holders: ["node:22"] };
    expect(view).toEqual({
      ...{ hasLooks: true, isUnread: false, isRead: true, unread: [] },
      source: "By the last scan of 2026-11-25 02:00 UTC (Alpine's list of fixes, trivy).",
      open: [
        {
          ...{ ...cells, name: "CVE-2026-1", fixed: "not yet", severity: "high", closed: "" },
          ...{ exception: "let through until 2027-01-01: not used", firstSeen: "2026-11-02" },
        },
      ],
      closed: [
        {
          ...{ ...cells, name: "CVE-2026-2", fixed: "3.3.2-r2", severity: "", closed: "2026-11-11" },
          ...{ exception: "", firstSeen: "2026-11-02" },
        },
      ],
    });
    const [row] = vulnerabilitiesView([sampleSiteTarget(runtime)], READ_AT).closed;
    expect(row).toMatchObject({ firstSeen: "unknown", severity: "", exception: "" });
  });

  it("say who tells of them, and of when", () => {
    const source = (...targets: SiteTarget[]) => vulnerabilitiesView(targets, READ_AT).source;
    const lookedAt = (at: string, ...sources: string[]) => ({
      entries: [],
      looked: { at, digest: "sha256:1", sources },
    });
    const list = "y Alpine's list of fixes against what is installed, 2026-11-25 06:00 UTC.";
    expect(source(sampleSiteTarget(runtime))).toBe(`B${list}`);
    // The oldest, for nobody is told that what was found is newer than it is; and each who answered, once.
    const early = unlisted(runtime, lookedAt("2026-11-23T02:00:00.000Z", "trivy", "grype"));
    const late = unlisted(dev, lookedAt("2026-11-24T02:00:00.000Z", "trivy"));
    expect(source(late, early)).toBe("By the last scan of 2026-11-23 02:00 UTC (grype, trivy).");
    expect(source(early, late)).toBe("By the last scan of 2026-11-23 02:00 UTC (grype, trivy).");
    const both = { ...early, status: { ...early.status, vulnerabilities: [] } };
    expect(source(both, late)).toBe(`By the last scan of 2026-11-23 02:00 UTC (grype, trivy), and b${list}`);
  });

  it("are unknown of those alone of which nobody can tell", () => {
    const read = sampleSiteTarget(dev);
    const unread = { ...unlisted(runtime, LEDGER), ledger: undefined };
    const view = (...targets: SiteTarget[]) => {
      const { isUnread, isRead, unread: names } = vulnerabilitiesView(targets, READ_AT);
      return { isUnread, isRead, names };
    };
    expect(view(unread)).toEqual({ isUnread: true, isRead: false, names: [] });
    expect(view(unread, read)).toEqual({ isUnread: false, isRead: true, names: ["node:22"] });
    expect(view(read)).toEqual({ isUnread: false, isRead: true, names: [] });
    expect(view(unlisted(runtime, LEDGER))).toEqual({ isUnread: false, isRead: true, names: [] });
    expect(view({ ...unread, ledger: { entries: [] } }).isUnread).toBe(true);
    expect(view()).toEqual({ isUnread: false, isRead: false, names: [] });
  });
});

/** A target of which Alpine's list tells nothing, with what looks at it found. */
function unlisted(target: Target, ledger: SiteLedger): SiteTarget {
  const made = sampleSiteTarget(target, {}, { ledger, vulnerabilities: new Map() });
  return { ...made, status: { ...made.status, vulnerabilities: undefined } };
}
