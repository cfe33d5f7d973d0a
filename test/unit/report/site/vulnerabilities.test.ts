import { describe, expect, it } from "vitest";
import type { SiteLedger } from "../../../../scripts/report/site/site.ts";
import { vulnerabilitiesView, vulnerabilityRows } from "../../../../scripts/report/site/vulnerabilities.ts";
import { READ_AT, sampleDigest, sampleSiteTarget } from "../../../support/sample-site.ts";
import { sampleRelease } from "../../../support/sample-target.ts";

const { runtime, dev } = sampleRelease();
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
});
