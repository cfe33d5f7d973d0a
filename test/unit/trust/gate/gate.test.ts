import { chmod, readdir, readFile, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type GateFile, gateOf } from "../../../../scripts/model/gate.ts";
import { smoke } from "../../../../scripts/smoke/smoke.ts";
import { openGate } from "../../../../scripts/trust/gate/gate.ts";
import { findScanner } from "../../../../scripts/trust/gate/scan.ts";
import { buildRelease, FakeEngine } from "../../../support/fake-engine.ts";
import { type FakeVulnerability, fakeTrivy } from "../../../support/fake-scanner.ts";
import { sampleRelease } from "../../../support/sample-target.ts";
import { temporaryDirectory } from "../../formats/oci/sample-image.ts";

const UNFIXED: FakeVulnerability = {
  ...{ VulnerabilityID: "CVE-2026-1", PkgName: "nodejs", InstalledVersion: "22.16.0-r2", Severity: "HIGH" },
};
const FIXED = { ...UNFIXED, VulnerabilityID: "CVE-2026-2", FixedVersion: "22.17.0-r0" };

afterEach(() => vi.unstubAllEnvs());

/** A release for two platforms, and what smoke testing it with a gate comes to. */
async function setUp(found: readonly FakeVulnerability[], file: GateFile) {
  const directory = await temporaryDirectory();
  const engine = new FakeEngine();
  const release = await buildRelease(
    engine,
    sampleRelease({ platforms: ["linux/amd64", "linux/arm64"] }),
    directory,
  );
  const bin = join(directory, "bin");
  await fakeTrivy(bin, found);
  vi.stubEnv("PATH", `${bin}${delimiter}${process.env.PATH}`);
  const notes: string[] = [];
  const scratch = join(directory, "scratch");
  const gate = await openGate(gateOf(file), {
    ...{ scratch, today: new Date("2026-11-24T23:00:00Z"), fixes: async () => new Map() },
    note: (text) => void notes.push(text),
  });
  const test = () => smoke(release, { engine, scratch, network: "host", ...(gate && { gate }) });
  return { test, notes, bin, scratch };
}

const exception = { id: "CVE-2026-1", image: "node", reason: "Not reached.", until: "2026-11-24" };

describe("a gate", () => {
  it("has the scanner look at every platform of both variants, each alone, and leaves nothing behind", async () => {
    const { test, notes, bin, scratch } = await setUp([], {});
    await test();
    expect(notes).toEqual([]);
    const calls = (await readFile(join(bin, "trivy.log"), "utf8")).trim().split("\n");
    expect(calls).toHaveLength(4);
    expect(calls[0]).toMatch(/^image --input \S+\/scan-\w+ --scanners vuln --format json --quiet$/);
    expect(await readdir(scratch)).toEqual([]);
  });

  it("stops what Alpine has no fix for, and says which exception would let it through", async () => {
    const { test } = await setUp([UNFIXED, FIXED], {});
    await expect(test()).rejects.toMatchObject({
      target: "node:22",
      message: [
        "trivy finds a vulnerability in node:22 that Alpine has no fix for, of severity high or worse:",
        "  CVE-2026-1 (high) in nodejs 22.16.0-r2, linux/amd64, linux/arm64",
        "→ what may stand goes into the catalog's gate.exceptions, with a reason and its last day:",
        '  - { id: CVE-2026-1, image: node, reason: "…", until: …-…-… }',
      ].join("\n"),
    });
  });

  it("lets pass what Alpine has a fix for, and says so once for an image", async () => {
    const { test, notes } = await setUp([FIXED], {});
    await test();
    const said =
      "CVE-2026-2 in nodejs 22.16.0-r2 has a fix in Alpine, 22.17.0-r0: the plan rebuilds it once the mirror has that";
    expect(notes).toEqual([`node:22: ${said}`, `node:22-dev: ${said}`]);
  });

  it("lets pass what is excepted, to the end of the last day", async () => {
    const { test, notes } = await setUp([UNFIXED], { exceptions: [exception] });
    await test();
    expect(notes[0]).toBe(
      "node:22: CVE-2026-1 in nodejs 22.16.0-r2 may stand until 2026-11-24: Not reached.",
    );
  });

  it("tells at once of an exception that is over, and stops what it was for", async () => {
    const { test, notes } = await setUp([UNFIXED], { exceptions: [{ ...exception, until: "2026-11-23" }] });
    expect(notes).toEqual([
      "CVE-2026-1 (node) is excepted no longer, since 2026-11-23 is over: Not reached.",
    ]);
    await expect(test()).rejects.toThrow("; its exception ended on 2026-11-23: Not reached.");
  });

  it("fails when the scanner does, with its words", async () => {
    const { test, bin } = await setUp([], {});
    await writeFile(join(bin, "trivy"), "#!/bin/sh\necho 'FATAL no database' >&2\nexit 1\n");
    await chmod(join(bin, "trivy"), 0o755);
    await expect(test()).rejects.toThrow(/trivy ended with exit code 1\nFATAL no database/);
  });

  it("only says so where there is no scanner, unless one is required", async () => {
    const context = (notes: string[]) => ({
      ...{ scratch: "/nowhere", today: new Date(), fixes: async () => new Map() },
      ...{ note: (text: string) => void notes.push(text), findScanner: async () => undefined },
    });
    const notes: string[] = [];
    expect(await openGate(gateOf({}), context(notes))).toBeUndefined();
    expect(notes).toEqual([
      "the catalog's gate looks for vulnerabilities, and there is neither trivy nor grype on this machine: nobody looks for them",
    ]);
    const required = openGate(gateOf({ scanner: "grype", required: true }), context([]));
    await expect(required).rejects.toMatchObject({
      name: "UserError",
      message: "the catalog's gate looks for vulnerabilities, and there is no grype on this machine",
    });
  });

  it("takes the scanner that was named, or the first that is there", async () => {
    const only = (name: string) => async (tool: string) => tool === name;
    expect(await findScanner("auto", async () => true)).toBe("trivy");
    expect(await findScanner("auto", only("grype"))).toBe("grype");
    expect(await findScanner("trivy", only("grype"))).toBeUndefined();
    expect(await findScanner("auto", only("neither"))).toBeUndefined();
  });
});
