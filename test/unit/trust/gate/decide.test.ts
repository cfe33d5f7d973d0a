import { describe, expect, it } from "vitest";
import type { GateException } from "../../../../scripts/model/gate.ts";
import type { Package } from "../../../../scripts/model/package.ts";
import { decide } from "../../../../scripts/trust/gate/decide.ts";
import type { Vulnerability } from "../../../../scripts/trust/gate/finding.ts";

const TODAY = "2026-11-24";

const finding = (changes: Partial<Vulnerability> = {}): Vulnerability => ({
  ...{ id: "CVE-2026-1", aliases: [], package: "libz", version: "1.3.1-r2" },
  ...{ severity: "high", isAlpine: true },
  ...changes,
});

const exception = (changes: Partial<GateException> = {}): GateException => ({
  ...{ id: "CVE-2026-1", reason: "Not reached.", until: "2027-01-01" },
  ...changes,
});

/** In which list the finding ends up. */
function listOf(one: Vulnerability, exceptions: readonly GateException[] = [], fixes = new Map()): string {
  const installed = [{ name: "libz", version: "1.3.1-r2", origin: "zlib" } as Package];
  const gate = { severity: "high", exceptions } as const;
  const verdict = decide([one], gate, { image: "node", installed, fixes }, TODAY);
  return Object.entries(verdict).find(([, list]) => list.length > 0)?.[0] ?? "";
}

describe("a gate's decision", () => {
  it.each([
    ["critical", "blocking"],
    ["high", "blocking"],
    ["medium", "mild"],
    ["low", "mild"],
    [undefined, "mild"],
  ] as const)("of severity %s, with the limit at high: %s", (severity, list) => {
    expect(listOf(finding({ severity }))).toBe(list);
  });

  it("never stops what the scanner knows a fix in Alpine for", () => {
    expect(listOf(finding({ fixed: "1.3.1-r3" }))).toBe("fixable");
  });

  it("never stops what secdb knows a later fix for, by the source package", () => {
    const fixedIn = (version: string, ...names: string[]) => new Map([["zlib", new Map([[version, names]])]]);
    expect(listOf(finding(), [], fixedIn("1.3.1-r3", "CVE-2026-1"))).toBe("fixable");
    expect(
      listOf(finding({ id: "GHSA-1", aliases: ["CVE-2026-1"] }), [], fixedIn("1.4-r0", "CVE-2026-1")),
    ).toBe("fixable");
    // What the image has already is no fix of it, and another's fix neither.
    expect(listOf(finding(), [], fixedIn("1.3.1-r2", "CVE-2026-1"))).toBe("blocking");
    expect(listOf(finding(), [], fixedIn("1.3.1-r3", "CVE-2026-2"))).toBe("blocking");
  });

  it("stops what lies inside of a package: its makers' fix is not Alpine's", () => {
    expect(listOf(finding({ isAlpine: false, package: "tar", version: "6.0.0", fixed: "6.0.1" }))).toBe(
      "blocking",
    );
  });

  it.each([
    [{}, "excepted"],
    [{ image: "node", package: "libz" }, "excepted"],
    [{ image: "python" }, "blocking"],
    [{ package: "musl" }, "blocking"],
    [{ id: "CVE-2026-2" }, "blocking"],
    [{ until: TODAY }, "excepted"],
    [{ until: "2026-11-23" }, "blocking"],
  ])("an exception %j: %s", (changes, list) => {
    expect(listOf(finding(), [exception(changes)])).toBe(list);
  });

  it("knows a vulnerability by its other names", () => {
    expect(listOf(finding({ id: "GHSA-1", aliases: ["CVE-2026-1"] }), [exception()])).toBe("excepted");
  });

  it("tells of the exception that ended, unless another one counts", () => {
    const ended = exception({ until: "2026-01-01" });
    const subject = { image: "node", installed: [], fixes: new Map() };
    const gate = { severity: "high", exceptions: [ended] } as const;
    expect(decide([finding()], gate, subject, TODAY).blocking).toEqual([
      { finding: finding(), expired: ended },
    ]);
    const renewed = { ...gate, exceptions: [ended, exception()] };
    expect(decide([finding()], renewed, subject, TODAY).excepted).toHaveLength(1);
  });
});
