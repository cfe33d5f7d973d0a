import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { BuiltRelease } from "../../../scripts/build/built.ts";
import { DEFAULT_GATE, type Gate, type GateException } from "../../../scripts/model/gate.ts";
import type { Package } from "../../../scripts/model/package.ts";
import { smoke } from "../../../scripts/smoke/smoke.ts";
import { judge, openGate } from "../../../scripts/trust/gate.ts";
import { findScanner, type Vulnerability } from "../../../scripts/trust/scanners.ts";
import { buildRelease, FakeEngine } from "../../support/fake-engine.ts";
import { type FakeVulnerability, fakeTrivy } from "../../support/fake-scanner.ts";
import { sampleRelease } from "../../support/sample-target.ts";
import { temporaryDirectory } from "../../unit/formats/oci/sample-image.ts";

const UNFIXED: FakeVulnerability = {
  ...{ VulnerabilityID: "CVE-2026-1", PkgName: "nodejs", InstalledVersion: "22.16.0-r2", Severity: "HIGH" },
};
const FIXED = { ...UNFIXED, VulnerabilityID: "CVE-2026-2", FixedVersion: "22.17.0-r0" };

afterEach(() => vi.unstubAllEnvs());

/** A release for two platforms, built once: to scan it changes nothing. */
let release: BuiltRelease;
let built: string;

beforeAll(async () => {
  built = await mkdtemp(join(tmpdir(), "birdhouse-gate-"));
  const platforms = ["linux/amd64", "linux/arm64"] as const;
  release = await buildRelease(new FakeEngine(), sampleRelease({ platforms }), built);
});
afterAll(() => rm(built, { recursive: true }));

/** What smoke testing that release with a gate comes to. */
async function setUp(found: readonly FakeVulnerability[], settings: Partial<Gate>) {
  const directory = await temporaryDirectory();
  const engine = new FakeEngine();
  const bin = join(directory, "bin");
  await fakeTrivy(bin, found);
  vi.stubEnv("PATH", `${bin}${delimiter}${process.env.PATH}`);
  const notes: string[] = [];
  const scratch = join(directory, "scratch");
  const gate = await openGate(
    { ...DEFAULT_GATE, ...settings },
    {
      ...{ scratch, today: new Date("2026-11-24T23:00:00Z"), fixes: async () => new Map() },
      note: (text) => void notes.push(text),
    },
  );
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
        "→ to accept one, add it to the catalog's gate.exceptions with a reason and a last day:",
        '  - { id: CVE-2026-1, image: node, reason: "…", until: …-…-… }',
      ].join("\n"),
    });
  });

  it("lets pass what Alpine has a fix for, and says so once for an image", async () => {
    const { test, notes } = await setUp([FIXED], {});
    await test();
    const said =
      "CVE-2026-2 in nodejs 22.16.0-r2 is fixed in Alpine (22.17.0-r0): the plan rebuilds the image once the mirror has it";
    expect(notes).toEqual([`node:22: ${said}`, `node:22-dev: ${said}`]);
  });

  it("lets pass what is excepted, to the end of the last day", async () => {
    const { test, notes } = await setUp([UNFIXED, FIXED], { exceptions: [exception] });
    const { letThrough } = await test();
    expect(letThrough.map(({ target, platform, id }) => `${target} ${platform} ${id}`)).toEqual([
      "node:22 linux/amd64 CVE-2026-1",
      "node:22 linux/arm64 CVE-2026-1",
      "node:22-dev linux/amd64 CVE-2026-1",
      "node:22-dev linux/arm64 CVE-2026-1",
    ]);
    expect(letThrough[0]?.exception).toEqual(exception);
    expect(notes[0]).toBe(
      "node:22: CVE-2026-1 in nodejs 22.16.0-r2 is excepted until 2026-11-24: Not reached.",
    );
  });

  it("tells at once of an exception that is over, and stops what it was for", async () => {
    const { test, notes } = await setUp([UNFIXED], { exceptions: [{ ...exception, until: "2026-11-23" }] });
    expect(notes).toEqual(["CVE-2026-1 (node): its exception ended on 2026-11-23: Not reached."]);
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
      note: (text: string) => void notes.push(text),
    });
    vi.stubEnv("PATH", await temporaryDirectory());
    const notes: string[] = [];
    expect(await openGate(DEFAULT_GATE, context(notes))).toBeUndefined();
    expect(notes).toEqual([
      "the catalog's gate scans for vulnerabilities, but there is neither trivy nor grype on this machine, so images are not scanned",
    ]);
    const required = openGate({ ...DEFAULT_GATE, scanner: "grype", required: true }, context([]));
    await expect(required).rejects.toMatchObject({
      name: "UserError",
      message: "the catalog's gate scans for vulnerabilities, but there is no grype on this machine",
    });
  });

  it("takes the scanner that was named, or the first that is there", async () => {
    const bin = await temporaryDirectory();
    vi.stubEnv("PATH", bin);
    expect(await findScanner("auto")).toBeUndefined();
    await writeFile(join(bin, "grype"), "#!/bin/sh\n", { mode: 0o755 });
    expect(await findScanner("auto")).toBe("grype");
    expect(await findScanner("trivy")).toBeUndefined();
    await writeFile(join(bin, "trivy"), "#!/bin/sh\n", { mode: 0o755 });
    expect(await findScanner("auto")).toBe("trivy");
  });
});

const TODAY = "2026-11-24";

const finding = (changes: Partial<Vulnerability> = {}): Vulnerability => ({
  ...{ id: "CVE-2026-1", aliases: [], package: "libz", version: "1.3.1-r2" },
  ...{ severity: "high", isAlpine: true },
  ...changes,
});

const exceptionOf = (changes: Partial<GateException> = {}): GateException => ({
  ...{ id: "CVE-2026-1", reason: "Not reached.", until: "2027-01-01" },
  ...changes,
});

/** How a finding is judged. */
function kindOf(one: Vulnerability, exceptions: readonly GateException[] = [], fixes = new Map()): string {
  const installed = [{ name: "libz", version: "1.3.1-r2", origin: "zlib" } as Package];
  const gate = { severity: "high", exceptions } as const;
  return judge(one, gate, { image: "node", installed, fixes }, TODAY).kind;
}

describe("a gate's decision", () => {
  it.each([
    ["critical", "blocking"],
    ["high", "blocking"],
    ["medium", "mild"],
    ["low", "mild"],
    [undefined, "mild"],
  ] as const)("of severity %s, with the limit at high: %s", (severity, list) => {
    expect(kindOf(finding({ severity }))).toBe(list);
  });

  it("never stops what the scanner knows a fix in Alpine for", () => {
    expect(kindOf(finding({ fixed: "1.3.1-r3" }))).toBe("fixable");
  });

  it("never stops what secdb knows a later fix for, by the source package", () => {
    const fixedIn = (version: string, ...names: string[]) => new Map([["zlib", [[version, names]]]]);
    expect(kindOf(finding(), [], fixedIn("1.3.1-r3", "CVE-2026-1"))).toBe("fixable");
    expect(
      kindOf(finding({ id: "GHSA-1", aliases: ["CVE-2026-1"] }), [], fixedIn("1.4-r0", "CVE-2026-1")),
    ).toBe("fixable");
    // What the image has already is no fix of it, and another's fix neither.
    expect(kindOf(finding(), [], fixedIn("1.3.1-r2", "CVE-2026-1"))).toBe("blocking");
    expect(kindOf(finding(), [], fixedIn("1.3.1-r3", "CVE-2026-2"))).toBe("blocking");
  });

  it("stops what lies inside of a package: its makers' fix is not Alpine's", () => {
    expect(kindOf(finding({ isAlpine: false, package: "tar", version: "6.0.0", fixed: "6.0.1" }))).toBe(
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
    expect(kindOf(finding(), [exceptionOf(changes)])).toBe(list);
  });

  it("knows a vulnerability by its other names", () => {
    expect(kindOf(finding({ id: "GHSA-1", aliases: ["CVE-2026-1"] }), [exceptionOf()])).toBe("excepted");
  });

  it("tells of the exception that ended, unless another one counts", () => {
    const ended = exceptionOf({ until: "2026-01-01" });
    const subject = { image: "node", installed: [], fixes: new Map() };
    const gate = { severity: "high", exceptions: [ended] } as const;
    expect(judge(finding(), gate, subject, TODAY)).toEqual({ kind: "blocking", exception: ended });
    const renewed = { ...gate, exceptions: [ended, exceptionOf()] };
    expect(judge(finding(), renewed, subject, TODAY).kind).toBe("excepted");
  });
});
