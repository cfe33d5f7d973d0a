import type { RunPlatform, RunReason, RunSummary, RunTarget } from "../../scripts/runs/summary.ts";

/** Runs as they come about in a month of nights, for the accounts that are made of them. */

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
    tags: [version, `${version}.3`],
    uploadedBytes: 4_200_000,
    platforms: [],
    seconds: { build: 17.1, smoke: 9, publish: 2.1 },
    ...changes,
  };
}

/** A target that failed in a stage, for the first time unless told otherwise. */
export function failedTarget(target: string, message: string, changes: Partial<RunTarget> = {}): RunTarget {
  return sampleRunTarget({
    target,
    status: "failed",
    failure: { stage: "smoke", message },
    failedRuns: 1,
    tags: [],
    uploadedBytes: 0,
    seconds: { build: 21.3, smoke: 0, publish: 0 },
    ...changes,
  });
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
const NODE: RunReason = { kind: "packages", text: "nodejs 22.22.0-r0 → 22.22.1-r0", cves: [] };
const BASE: RunReason = { kind: "base", text: "base sha256:1c4eef65… → sha256:5b10f432…", cves: [] };
const LUA: RunReason = { kind: "inputs", text: "inputs: packages +lua5.4-cjson", cves: [] };
const MISSING: RunReason = { kind: "missing", text: "missing in the registry", cves: [] };

/** Megabytes now and before; no second number where nothing was there before. */
function weigh(now: number, before?: number, platform = "linux/amd64"): RunPlatform {
  const bytes = (megabytes: number) => ({
    compressed: Math.round(megabytes * 1_000_000),
    unpacked: Math.round(megabytes * 2_640_000),
  });
  return { platform, ...bytes(now), ...(before !== undefined && { before: bytes(before) }) };
}

function pairReason(target: string): RunReason {
  return { kind: "pair", text: `its pair ${target} is being rebuilt`, cves: [] };
}

/** A runtime and its dev variant. */
function pair(
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

const TYPICAL_TARGETS = [
  ...pair("node:22", [OPENSSL, NODE], [30.11, 29.53], [61.4, 60.98], [17.1, 23, 9, 2.1]),
  ...pair("node:24", [OPENSSL], [31.92, 31.91], [63.02, 63.02], [16.2, 22.4, 9.4, 2]),
  ...pair("python:3.12", [OPENSSL, PYTHON], [13.42, 13.57], [58.2, 58.77], [11.6, 14.6, 7.8, 1.2]),
  ...pair("ruby:3.4", [OPENSSL], [9.97, 9.97], [71.66, 71.62], [8.4, 19.9, 6.2, 1.4]),
  ...pair("php:8.4", [OPENSSL], [14.05, 14.05], [66.1, 66.13], [9.1, 18.3, 5.9, 1.3]),
  ...pair("erlang:28", [OPENSSL], [24.81, 24.79], [79.4, 79.41], [14, 31.5, 12.2, 2.2]),
  ...pair("lua:5.4", [LUA], [1.13, 1.05], [38.4, 38.3], [4, 10.9, 3, 0.3]),
];

/** Nights before, the newest first. */
export const EARLIER_RUNS: readonly RunSummary[] = [
  2, 0, 6, 0, 0, 14, 0, 4, 22, 0, 0, 2, 8, 0, 36, 2, 0, 0, 6, 74,
].map((done, index) =>
  sampleRun({
    nightsAgo: index + 1,
    seconds: 4 + done * 14,
    targets: Array.from({ length: done }, (_, number) => sampleRunTarget({ target: `sample:${number}` })),
    upToDate: 74 - done,
  }),
);

/** Two of the nights before failed, and one was killed. */
export const EARLIER_WITH_FAILURES: readonly RunSummary[] = EARLIER_RUNS.map((run, index) => {
  if (index < 2) {
    return { ...run, exitCode: 1, targets: [...run.targets, failedTarget("python:3.12-dev", "no")] };
  }
  if (index !== 6) return run;
  const { ended: _, exitCode: __, ...killed } = run;
  return killed;
});

/** What a good night looks like. */
export const TYPICAL_RUN = sampleRun({
  targets: TYPICAL_TARGETS,
  upToDate: 60,
  unavailable: 4,
  notes: ["python:3.10 ends on 2026-12-31, in 36 days: after that it is left as it is"],
});

const IMPORT_ERROR = `python:3.12-dev: program: expected "hello from python 3.12", but it ended with exit code 1
Traceback (most recent call last):
  File "/app/hello.py", line 3, in <module>
    import ssl
  File "/usr/lib/python3.12/ssl.py", line 100, in <module>
    import _ssl             # if we can't import it, let the error propagate
    ^^^^^^^^^^^
\u001b[31mImportError: Error relocating /usr/lib/libssl.so.3: OPENSSL_sk_new: symbol not found\u001b[0m
→ the package python3 and the package libssl3 do not belong together: wait for Alpine, or hold libssl3`;

const BUILD_ERROR = `buildah ended with exit code 1
STEP 1/9: FROM --platform=$BUILDPLATFORM docker.io/library/alpine@sha256:5b10f432ef3da1b8d4c7eb6c487f2f5a8f096bc91145e68878dd4a5019afde11 AS rootfs
STEP 2/9: RUN apk add --root /rootfs --initdb --no-cache --no-scripts --arch aarch64 --keys-dir /etc/apk/keys ghc~9.10 gmp-dev libffi-dev musl-dev ncurses-dev
${Array.from({ length: 26 }, (_, line) => `(${line + 1}/61) Installing some-library-${line} (1.${line}.0-r${line % 3})`).join("\n")}
ERROR: ghc-9.10.2-r0: package mentioned in index not found (try 'apk update')
ERROR: https://dl-cdn.alpinelinux.org/alpine/v3.23/community/aarch64/${"very-long-path-without-any-place-to-break/".repeat(9)}ghc-9.10.2-r0.apk: HTTP 404
the command was: buildah build --isolation chroot --build-arg BUILDPLATFORM=linux/amd64 images/haskell/9.10/dev`;

/** A night with failures of all kinds: old ones, new ones, long ones, and what hangs on them. */
export const BAD_RUN = sampleRun({
  exitCode: 1,
  seconds: 688,
  targets: [
    ...TYPICAL_TARGETS.filter(({ target }) => !/^python|^erlang/.test(target)),
    sampleRunTarget({
      target: "python:3.12",
      status: "held",
      reasons: [OPENSSL, PYTHON],
      tags: [],
      uploadedBytes: 0,
    }),
    failedTarget("python:3.12-dev", IMPORT_ERROR, { failedRuns: 3, reasons: [PYTHON] }),
    failedTarget("haskell:9.10-dev", BUILD_ERROR, {
      failure: { stage: "build", message: BUILD_ERROR },
      reasons: [BASE],
    }),
    ...["22", "23", "24", "25", "26", "27", "28"].map((version) =>
      failedTarget(
        `erlang:${version}`,
        "the registry answered 503 Service Unavailable, five times in 60 seconds",
        {
          failure: {
            stage: "publish",
            message: "the registry answered 503 Service Unavailable, five times in 60 seconds",
          },
          failedRuns: 2,
        },
      ),
    ),
    ...["17", "21", "25"].map((version) =>
      sampleRunTarget({
        target: `java:${version}`,
        status: "unstarted",
        reasons: [BASE],
        tags: [],
        uploadedBytes: 0,
        seconds: { build: 0, smoke: 0, publish: 0 },
      }),
    ),
  ],
  upToDate: 41,
  unavailable: 4,
  unknown: [
    {
      problem:
        "https://dl-cdn.alpinelinux.org/alpine/v3.20/main/x86_64/APKINDEX.tar.gz: the signature is of a key that is not in keys/: alpine-devel@lists.alpinelinux.org-6165ee59.rsa.pub",
      targets: 26,
    },
    { problem: "https://secdb.alpinelinux.org/v3.22/main.json: HTTP 502", targets: 12 },
  ],
  notes: [
    "took over the lock of build-2 (process 812), whose lease ended at 02:41",
    "the deadline of 10 minutes has passed: 3 targets were not begun",
  ],
});

/** A night with nothing to do. */
export const IDLE_RUN: RunSummary = (() => {
  const { engine: _, ...run } = sampleRun({ seconds: 1.4, upToDate: 74 });
  return run;
})();

/** A run that has no end. */
export const KILLED_RUN: RunSummary = (() => {
  const targets = TYPICAL_TARGETS.map((one, index) =>
    index < 5
      ? one
      : sampleRunTarget({ ...one, status: "unstarted", tags: [], uploadedBytes: 0, platforms: [] }),
  );
  const { ended: _, exitCode: __, ...run } = sampleRun({ targets, upToDate: 60 });
  return run;
})();

/** The first run of all: nothing was there to compare with. */
export const FIRST_RUN = sampleRun({
  profile: "sandbox",
  registry: "127.0.0.1:5000/birdhouse",
  targets: TYPICAL_TARGETS.map((one) => ({
    ...one,
    reasons: [MISSING],
    platforms: one.platforms.map(({ before: _, ...platform }) => platform),
  })),
});

/** A run that could not begin. */
export const MISCONFIGURED_RUN = sampleRun({
  exitCode: 2,
  seconds: 0.6,
  error:
    "registry.example.com refused the credentials of /home/ci/.docker/config.json: 401 Unauthorized\n→ log in with `docker login registry.example.com`",
});

/** A run of many targets on two platforms, some of which failed. */
export function largeRun(targets: number): RunSummary {
  const images = ["node", "python", "ruby", "java-minimal", "erlang", "ghc", "php", "gcc", "go", "dotnet"];
  return sampleRun({
    exitCode: 1,
    seconds: 7512,
    targets: Array.from({ length: targets }, (_, index) => {
      const version = Math.floor(index / (2 * images.length)) + 1;
      const image = `${images[Math.floor(index / 2) % images.length]}:${version}`;
      const target = index % 2 === 0 ? image : `${image}-dev`;
      const chance = hash(target) % 1000;
      if (chance < 60) return failedTarget(target, `${target}: expected ${chance}, found nothing`);
      const now = 1 + chance / 10;
      const before = chance % 7 === 0 ? now : now + (chance % 41) / 20 - 1;
      return sampleRunTarget({
        target,
        reasons: [[OPENSSL], [OPENSSL, PYTHON], [BASE], [NODE, BASE], [MISSING]][chance % 5] ?? [],
        platforms: [weigh(now, before), weigh(now * 1.1, before * 1.1, "linux/arm64")],
        seconds: { build: 4 + chance / 9, smoke: chance / 40, publish: chance / 200 },
        uploadedBytes: chance * 41_000,
      });
    }),
  });
}

/** Spreads names over numbers, the same ones each time (FNV-1a). */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) value = Math.imul(value ^ character.charCodeAt(0), 0x01000193) >>> 0;
  return value;
}
