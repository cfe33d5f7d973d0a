import { describe, expect, it } from "vitest";
import { fixesAfter, fixesBetween, fixesOf, parseSecdb } from "../../../../scripts/formats/alpine/secdb.ts";

const LIST = JSON.stringify({
  distroversion: "v3.22",
  packages: [
    {
      pkg: {
        name: "openssl",
        secfixes: {
          "3.3.2-r1": ["CVE-2024-9143"],
          "3.3.2-r10": ["CVE-2024-12797 GHSA-1", "XSA-1 more"],
          "3.3.0-r0": ["CVE-2024-1", "CVE-2024-0"],
          "0": ["CVE-2022-1"],
        },
      },
    },
    { pkg: { name: "zlib", secfixes: { "1.2.12-r0": null } } },
  ],
});

describe("Alpine's list of fixes", () => {
  const fixes = parseSecdb(LIST);

  it("tells what came after one version up to another, in the order of versions", () => {
    expect(fixesBetween(fixes, "openssl", "3.3.2-r0", "3.3.2-r1")).toEqual(["CVE-2024-9143"]);
    expect(fixesBetween(fixes, "openssl", "3.3.2-r9", "3.3.2-r10")).toEqual(["CVE-2024-12797", "XSA-1"]);
    expect(fixesBetween(fixes, "openssl", "3.2.0-r0", "3.3.2-r1")).toEqual([
      "CVE-2024-0",
      "CVE-2024-1",
      "CVE-2024-9143",
    ]);
  });

  it("knows nothing of what was fixed before, comes later, or never mattered", () => {
    expect(fixesBetween(fixes, "openssl", "3.3.2-r1", "3.3.2-r1")).toEqual([]);
    expect(fixesBetween(fixes, "openssl", "3.3.2-r1", "3.3.2-r9")).toEqual([]);
    expect(fixesBetween(fixes, "zlib", "1.2.11-r0", "1.3.1-r0")).toEqual([]);
    expect(fixesBetween(fixes, "curl", "1-r0", "9-r0")).toEqual([]);
  });

  it("tells the first version that has each fix, of those after one version", () => {
    expect(fixesAfter(fixes, "openssl", "3.3.2-r0")).toEqual([
      { name: "CVE-2024-9143", fixed: "3.3.2-r1" },
      { name: "CVE-2024-12797", fixed: "3.3.2-r10" },
      { name: "XSA-1", fixed: "3.3.2-r10" },
    ]);
    expect(fixesAfter(fixes, "openssl", "3.3.2-r10")).toEqual([]);
    expect(fixesAfter(fixes, "curl", "1-r0")).toEqual([]);
  });

  it("tells which source packages have had a vulnerability, and since when no longer", () => {
    expect([...fixesOf(fixes, "CVE-2024-9143")]).toEqual([["openssl", "3.3.2-r1"]]);
    expect([...fixesOf(fixes, "cve-2024-9143")]).toEqual([["openssl", "3.3.2-r1"]]);
    expect([...fixesOf(fixes, "CVE-2022-1")]).toEqual([]);
  });

  it.each(["[]", "{}", '{"packages":[{"pkg":{"name":1,"secfixes":{}}}]}'])("is not read from %s", (text) => {
    expect(() => parseSecdb(text)).toThrow();
  });
});
