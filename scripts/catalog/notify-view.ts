import type { RunSummary, RunTarget } from "../model/run.ts";

/** What a webhook's template sees: the summary of the run, and what most want to say of it. */
export interface NotifyView extends RunSummary {
  /** What became of the run, in one line. */
  readonly verdict: string;
  /** The same with what failed and what was fixed, in some lines. */
  readonly text: string;
  /** Of the targets those that failed. */
  readonly failed: readonly RunTarget[];
  /** What was fixed: `CVE-2024-9143`. */
  readonly cves: readonly string[];
}

/** A failure as bad as they come, with every optional part, and with what breaks the JSON of who does not mind it. */
const FAILED: RunTarget = {
  target: "node:22",
  status: "failed",
  reasons: [
    { kind: "packages", text: "libssl3 3.3.2-r0 → 3.3.2-r1 (CVE-2024-9143)", cves: ["CVE-2024-9143"] },
  ],
  failure: { stage: "build", message: 'no "such"\npackage: \\', repeat: "make build ONLY='node:22'" },
  failedRuns: 3,
  failingSince: "2026-11-23T03:00:00.000Z",
  digest: `sha256:${"a".repeat(64)}`,
  tags: ["22"],
  uploadedBytes: 1,
  platforms: [
    { platform: "linux/amd64", compressed: 1, unpacked: 2, before: { compressed: 1, unpacked: 2 } },
  ],
  seconds: { build: 1, smoke: 1, publish: 1 },
};

/** What templates are tried on: whatever a view may have, this one has. */
export const SAMPLE_VIEW: NotifyView = {
  id: "2026-11-25T030000Z-4711",
  started: "2026-11-25T03:00:00.000Z",
  ended: "2026-11-25T03:12:00.000Z",
  exitCode: 1,
  error: 'a "quoted"\nerror',
  version: "0.1.0",
  command: "npm run -s birdhouse -- rebuild",
  registry: "registry.example/base",
  profile: "catalog",
  engine: "buildah 1.28.2",
  targets: [FAILED],
  upToDate: 1,
  unavailable: 1,
  unknown: [{ problem: 'the "mirror"\nis away', targets: 1 }],
  notes: ['a "quoted"\nnote'],
  verdict: 'It ended early: "x" \\ y',
  text: 'It ended early: "x" \\ y\nnode:22',
  failed: [FAILED],
  cves: ["CVE-2024-9143"],
};
