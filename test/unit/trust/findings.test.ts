import { describe, expect, it } from "vitest";
import { DEFAULT_GATE } from "../../../scripts/model/gate.ts";
import { mergeFindings } from "../../../scripts/trust/findings.ts";

const LISTED = {
  ...{ name: "CVE-2026-1", package: "libssl3", installed: "3.3.2-r0", fixed: "3.3.2-r1" },
  platforms: ["linux/amd64", "linux/arm64"],
};
const FOUND = {
  ...{ id: "CVE-2026-1", aliases: [], package: "libssl3", version: "3.3.2-r0" },
  ...({ severity: "high", isAlpine: true } as const),
};
const about = { gate: DEFAULT_GATE, image: "node", today: "2026-11-29" };

describe("mergeFindings", () => {
  it("has each vulnerability of a package once, with all that each tells of it", () => {
    const scanned = [{ scanner: "grype", platform: "linux/amd64", found: [FOUND] } as const];
    expect(mergeFindings([LISTED], scanned, about)).toEqual([
      {
        ...{ id: "CVE-2026-1", package: "libssl3", installed: "3.3.2-r0", severity: "high" },
        ...{ platforms: ["linux/amd64", "linux/arm64"], sources: ["grype", "secdb"], fixed: "3.3.2-r1" },
      },
    ]);
  });

  it("knows by the CVE what a scanner has a name of its own for", () => {
    const found = [{ ...FOUND, id: "GHSA-aaaa-bbbb-cccc", aliases: ["CVE-2026-1"] }];
    const merged = mergeFindings([LISTED], [{ scanner: "grype", platform: "linux/amd64", found }], about);
    expect(merged.map(({ id }) => id)).toEqual(["CVE-2026-1"]);
  });

  it("takes no fix for Alpine's that is of somebody else", () => {
    const found = [{ ...FOUND, isAlpine: false, fixed: "7.5.0" }];
    const [one] = mergeFindings([], [{ scanner: "trivy", platform: "linux/amd64", found }], about);
    expect(one?.fixed).toBeUndefined();
  });

  it("says which exception holds, and none that has ended", () => {
    const exception = { id: "CVE-2026-1", image: "node", reason: "Not reached.", until: "2026-11-29" };
    const holding = { ...about, gate: { ...DEFAULT_GATE, exceptions: [exception] } };
    const found = { kind: "accepted", reason: "Not reached.", until: "2026-11-29" };
    expect(mergeFindings([LISTED], [], holding)[0]?.exception).toEqual(found);
    expect(mergeFindings([LISTED], [], { ...holding, today: "2026-11-30" })[0]?.exception).toBeUndefined();
    expect(mergeFindings([LISTED], [], { ...holding, image: "python" })[0]?.exception).toBeUndefined();
  });
});
