import type { RunSummary } from "../../scripts/model/run.ts";
import {
  BASE,
  failedTarget,
  LUA,
  MISSING,
  NODE,
  OPENSSL,
  PYTHON,
  pair,
  sampleRun,
  sampleRunTarget,
  unstartedTarget,
  withoutEnd,
} from "./sample-run.ts";

/** Runs as they come about in a month of nights, for the accounts that are made of them. */

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
  return index === 6 ? withoutEnd(run) : run;
});

/** What a good night looks like. */
export const TYPICAL_RUN = sampleRun({
  targets: TYPICAL_TARGETS,
  upToDate: 60,
  unavailable: 4,
  notes: ["python:3.10 reaches end of life on 2026-12-31 (36 days) and will not be rebuilt after that."],
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

const PYTHON_PAIR = [
  unstartedTarget("python:3.12", [OPENSSL, PYTHON], "held"),
  failedTarget("python:3.12-dev", IMPORT_ERROR, {
    failure: { stage: "smoke", message: IMPORT_ERROR, repeat: 'make rebuild ONLY="python:3.12-dev"' },
    failedRuns: 3,
    failingSince: "2026-11-23T03:00:04Z",
    reasons: [PYTHON],
  }),
];

/** A night on which one version failed, not for the first time, and the rest went well. */
export const MIXED_RUN = sampleRun({
  exitCode: 1,
  targets: [...TYPICAL_TARGETS.filter(({ target }) => !/^python/.test(target)), ...PYTHON_PAIR],
  upToDate: 60,
  unavailable: 4,
  notes: TYPICAL_RUN.notes,
});

/** A night with failures of all kinds: old ones, new ones, long ones, and what hangs on them. */
export const BAD_RUN = sampleRun({
  exitCode: 1,
  seconds: 688,
  targets: [
    ...TYPICAL_TARGETS.filter(({ target }) => !/^python|^erlang/.test(target)),
    ...PYTHON_PAIR,
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
    ...["17", "21", "25"].map((version) => unstartedTarget(`java:${version}`, [BASE])),
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
    "the deadline of 10 minutes has passed: 3 targets were not started",
  ],
});

/** A night with nothing to do. */
export const IDLE_RUN: RunSummary = (() => {
  const { engine: _, ...run } = sampleRun({ seconds: 1.4, upToDate: 74 });
  return run;
})();

/** A run that has no end. */
export const KILLED_RUN = withoutEnd(
  sampleRun({
    targets: TYPICAL_TARGETS.map((one, index) =>
      index < 5 ? one : unstartedTarget(one.target, one.reasons),
    ),
    upToDate: 60,
  }),
);

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
