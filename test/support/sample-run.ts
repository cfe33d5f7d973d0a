import type { RunPlatform, RunReason, RunSummary, RunTarget } from "../../scripts/model/run.ts";

/** What sample runs are made of: see sample-runs.ts. */

const STARTED = Date.UTC(2026, 10, 25, 3, 0);
const DAY_MS = 86_400_000;

/** A run of some nights ago that took so many seconds: all was done, unless told otherwise. */
export function sampleRun(
  changes: Partial<RunSummary> & { nightsAgo?: number; seconds?: number } = {},
): RunSummary {
  const { nightsAgo = 0, seconds = 412, ...rest } = changes;
  const started = STARTED - nightsAgo * DAY_MS;
  const iso = (time: number) => new Date(time).toISOString();
  return {
    id: `${iso(started).slice(0, 19).replaceAll(":", "")}Z-${4711 - nightsAgo}`,
    started: iso(started),
    ended: iso(started + seconds * 1000),
    exitCode: 0,
    version: "0.1.0",
    command: "make rebuild",
    registry: "registry.example.com/base",
    profile: "catalog",
    engine: "buildah 1.39.3",
    targets: [],
    upToDate: 0,
    unavailable: 0,
    unknown: [],
    notes: [],
    ...rest,
  };
}

/** A target that was rebuilt, unless told otherwise. */
export function sampleRunTarget(changes: Partial<RunTarget> & { target: string }): RunTarget {
  const version = changes.target.replace(/^.*:/, "");
  return {
    status: "done",
    reasons: [OPENSSL],
    digest: `sha256:${hash(changes.target).toString(16).padStart(8, "0").repeat(8)}`,
    tags: [version, version.replace(/(-dev)?$/, ".3$1")],
    uploadedBytes: 4_200_000,
    platforms: [],
    seconds: { build: 17.1, smoke: 9, publish: 2.1 },
    ...changes,
  };
}

/** A target that failed in a stage, for the first time unless told otherwise. */
export function failedTarget(target: string, message: string, changes: Partial<RunTarget> = {}): RunTarget {
  return {
    target,
    status: "failed",
    reasons: [OPENSSL],
    failure: { stage: "smoke", message },
    failedRuns: 1,
    tags: [],
    uploadedBytes: 0,
    platforms: [],
    seconds: { build: 21.3, smoke: 0, publish: 0 },
    ...changes,
  };
}

/** A target that the run did not come to, or whose pair failed. */
export function unstartedTarget(
  target: string,
  reasons: readonly RunReason[] = [OPENSSL],
  status: "unstarted" | "held" = "unstarted",
): RunTarget {
  const seconds = { build: 0, smoke: 0, publish: 0 };
  return { target, status, reasons, tags: [], uploadedBytes: 0, platforms: [], seconds };
}

/** The run, killed before its end. */
export function withoutEnd({ ended: _, exitCode: __, ...run }: RunSummary): RunSummary {
  return run;
}

export const OPENSSL: RunReason = {
  kind: "packages",
  text: "libcrypto3 3.5.4-r0 → 3.5.5-r0 (CVE-2026-31789, CVE-2026-31790), libssl3 3.5.4-r0 → 3.5.5-r0 (CVE-2026-31789, CVE-2026-31790)",
  cves: ["CVE-2026-31789", "CVE-2026-31790"],
};
export const PYTHON: RunReason = {
  kind: "packages",
  text: "python3 3.12.12-r0 → 3.12.13-r0 (CVE-2026-4519)",
  cves: ["CVE-2026-4519"],
};
export const NODE: RunReason = { kind: "packages", text: "nodejs 22.22.0-r0 → 22.22.1-r0", cves: [] };
export const BASE: RunReason = { kind: "base", text: "base sha256:1c4eef65… → sha256:5b10f432…", cves: [] };
export const LUA: RunReason = { kind: "inputs", text: "inputs: packages +lua5.4-cjson", cves: [] };
export const MISSING: RunReason = { kind: "missing", text: "missing in the registry", cves: [] };

/** Megabytes now and before; no second number where nothing was there before. */
export function weigh(now: number, before?: number, platform = "linux/amd64"): RunPlatform {
  const bytes = (megabytes: number) => ({
    compressed: Math.round(megabytes * 1_000_000),
    unpacked: Math.round(megabytes * 2_640_000),
  });
  return { platform, ...bytes(now), ...(before !== undefined && { before: bytes(before) }) };
}

function pairReason(target: string): RunReason {
  return { kind: "pair", text: `its pair ${target} is being rebuilt`, cves: [] };
}

/** A runtime and its dev variant: megabytes now and before of each; seconds of both builds, of smoke test and publish. */
export function pair(
  image: string,
  reasons: readonly RunReason[],
  [now, before]: readonly [number, number?],
  [devNow, devBefore]: readonly [number, number?],
  seconds: readonly [number, number, number, number],
): RunTarget[] {
  const [build, devBuild, smoke, publish] = seconds;
  const runtime = {
    target: image,
    reasons,
    platforms: [weigh(now, before), weigh(now * 1.03, before && before * 1.03, "linux/arm64")],
    seconds: { build, smoke, publish },
    uploadedBytes: Math.round(now * 870_000),
  };
  const dev = {
    target: `${image}-dev`,
    reasons: reasons.length > 0 ? [...reasons, BASE] : [pairReason(image)],
    platforms: [weigh(devNow, devBefore)],
    seconds: { build: devBuild, smoke, publish },
    uploadedBytes: Math.round(devNow * 310_000),
  };
  return [sampleRunTarget(runtime), sampleRunTarget(dev)];
}

/** Spreads names over numbers, the same ones each time (FNV-1a). */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ character.charCodeAt(0), 0x01000193) >>> 0;
  return value;
}
