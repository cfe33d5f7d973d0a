import { describe, expect, it } from "vitest";
import { parseGrype, parseTrivy } from "../../../scripts/trust/scanners.ts";

/** In the form of trivy's documentation of its JSON report, with what we do not read beside it. */
const TRIVY = {
  SchemaVersion: 2,
  CreatedAt: "2026-11-24T10:00:00Z",
  ArtifactName: "layout",
  ArtifactType: "container_image",
  Metadata: { OS: { Family: "alpine", Name: "3.22.0" }, ImageConfig: {} },
  Results: [
    {
      Target: "layout (alpine 3.22.0)",
      Class: "os-pkgs",
      Type: "alpine",
      Vulnerabilities: [
        {
          VulnerabilityID: "CVE-2026-1",
          PkgID: "libz@1.3.1-r2",
          PkgName: "libz",
          InstalledVersion: "1.3.1-r2",
          FixedVersion: "1.3.1-r3",
          Status: "fixed",
          SeveritySource: "nvd",
          Severity: "CRITICAL",
          CVSS: { nvd: { V3Score: 9.8 } },
        },
        { VulnerabilityID: "CVE-2026-2", PkgName: "musl", InstalledVersion: "1.2.5-r1", Severity: "UNKNOWN" },
      ],
    },
    { Target: "Node.js", Class: "lang-pkgs", Type: "node-pkg" },
    {
      Target: "Node.js",
      Class: "lang-pkgs",
      Type: "node-pkg",
      Vulnerabilities: [
        {
          VulnerabilityID: "CVE-2026-3",
          VendorIDs: ["GHSA-aaaa-bbbb-cccc"],
          PkgName: "tar",
          PkgIdentifier: { PURL: "pkg:npm/tar@6.0.0", UID: "1" },
          InstalledVersion: "6.0.0",
          FixedVersion: "6.0.1, 7.0.2",
          Severity: "HIGH",
        },
      ],
    },
  ],
};

/** In the form of grype's JSON output. */
const GRYPE = {
  matches: [
    {
      vulnerability: {
        id: "CVE-2026-1",
        dataSource: "https://example.com",
        namespace: "alpine:distro:alpine:3.22",
        severity: "Critical",
        fix: { versions: ["1.3.1-r3"], state: "fixed" },
      },
      relatedVulnerabilities: [{ id: "CVE-2026-1", namespace: "nvd:cpe" }],
      matchDetails: [{ type: "exact-indirect-match", matcher: "apk-matcher" }],
      artifact: { name: "libz", version: "1.3.1-r2", type: "apk", upstreams: [{ name: "zlib" }] },
    },
    {
      vulnerability: {
        id: "GHSA-aaaa-bbbb-cccc",
        severity: "Negligible",
        fix: { versions: [], state: "not-fixed" },
      },
      relatedVulnerabilities: [{ id: "CVE-2026-3" }],
      artifact: { name: "tar", version: "6.0.0", type: "npm", purl: "pkg:npm/tar@6.0.0" },
    },
  ],
  source: { type: "image" },
  distro: { name: "alpine", version: "3.22.0" },
};

describe("scanners' reports", () => {
  it("trivy's", () => {
    expect(parseTrivy(JSON.stringify(TRIVY))).toEqual([
      {
        ...{ id: "CVE-2026-1", aliases: [], package: "libz", version: "1.3.1-r2" },
        ...{ severity: "critical", isAlpine: true, fixed: "1.3.1-r3" },
      },
      {
        ...{ id: "CVE-2026-2", aliases: [], package: "musl", version: "1.2.5-r1" },
        ...{ severity: undefined, isAlpine: true },
      },
      {
        ...{ id: "CVE-2026-3", aliases: ["GHSA-aaaa-bbbb-cccc"], package: "tar", version: "6.0.0" },
        ...{ severity: "high", isAlpine: false, purl: "pkg:npm/tar@6.0.0", fixed: "6.0.1, 7.0.2" },
      },
    ]);
  });

  it("trivy's of an image with nothing in it", () => {
    expect(parseTrivy('{"SchemaVersion":2}')).toEqual([]);
    expect(parseTrivy('{"SchemaVersion":2,"Results":null}')).toEqual([]);
  });

  it("grype's", () => {
    expect(parseGrype(JSON.stringify(GRYPE))).toEqual([
      {
        ...{ id: "CVE-2026-1", aliases: [], package: "libz", version: "1.3.1-r2" },
        ...{ severity: "critical", isAlpine: true, fixed: "1.3.1-r3" },
      },
      {
        ...{ id: "GHSA-aaaa-bbbb-cccc", aliases: ["CVE-2026-3"], package: "tar", version: "6.0.0" },
        ...{ severity: "low", isAlpine: false, purl: "pkg:npm/tar@6.0.0" },
      },
    ]);
    expect(parseGrype('{"matches":[]}')).toEqual([]);
  });

  it.each([
    [parseTrivy, "", "trivy's report is not JSON"],
    [parseTrivy, '{"SchemaVersion":3}', "trivy's report is not as expected"],
    [parseTrivy, '{"matches":[]}', "trivy's report is not as expected"],
    [parseGrype, "oh", "grype's document is not JSON"],
    [parseGrype, "{}", "grype's document is not as expected"],
  ])("refuse what is none: %o %j", (parse, text, said) => {
    expect(() => parse(text)).toThrow(said);
  });
});
