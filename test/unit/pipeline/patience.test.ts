import { beforeEach, describe, expect, it } from "vitest";
import { looksPassing, withPatience } from "../../../scripts/pipeline/patience.ts";
import { CommandError } from "../../../scripts/system/process/process.ts";

function failure(output: string): CommandError {
  return new CommandError(["buildah", "build"], { exitCode: 1, stdout: "", stderr: output, output });
}

describe("a failure that looks passing", () => {
  it.each([
    "WARNING: fetching https://mirror.example/v3.22/main: temporary error (try again later)",
    "Error: reading manifest: received unexpected HTTP status: 503 Service Unavailable",
    "Error fetching blob: invalid status code from registry 500 (Internal Server Error)",
    "dial tcp: lookup registry.example: no such host",
    "read tcp 10.0.0.1:443: connection reset by peer",
    "net/http: TLS handshake timeout",
    "ERROR: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
    "ERROR: failed to receive status: rpc error: code = Unavailable desc = error reading from server: EOF",
    "ERROR: nodejs-22.16.0-r2: package mentioned in index not found (try 'apk update')",
    "ERROR: icu-libs-74.2-r0: unexpected end of file",
    "ERROR: icu-libs-74.2-r0: BAD archive",
    "ERROR: curl-8.14.1-r2: v2 package integrity error",
    "ERROR: curl-8.14.1-r2: HTTP 504: Gateway Timeout",
    "ERROR: curl-8.14.1-r2: network connection aborted",
    "WARNING: updating https://mirror.example/v3.23/main: DNS error (try again later)",
    "WARNING: updating https://mirror.example/v3.23/main: could not connect to server (check repositories file)",
    "ERROR: toomanyrequests: You have reached your pull rate limit.",
    "unexpected status from GET request to https://registry.example/v2/a/blobs/b: 429 Too Many Requests",
    'failed to do request: Head "https://registry.example/v2/a/manifests/b": EOF',
    "failed to copy: httpReadSeeker: failed open: unexpected status code https://cdn.example: 502 Bad Gateway",
    "stream error: stream ID 3; INTERNAL_ERROR; received from peer",
    "dial tcp: lookup registry.example on 10.0.0.2:53: server misbehaving",
    "copying blob: short read: expected 4096 bytes but got 1024: unexpected EOF",
    "wget: bad address 'mirror.example'",
    "Close_Fd sealing memfd copy: Device or resource busy\nsubprocess exited with status 1",
    'committing the finished image: saving metadata for image "946e89b2": identifier is not a layer, image, or container',
    'Error: creating build container: short-name "tools" did not resolve to an alias',
    // apk that has no index has none of its packages either.
    "WARNING: updating main: temporary error (try again later)\nERROR: unable to select packages:\n  nodejs (no such package)",
  ])("is: %s", (output) => {
    expect(looksPassing(failure(output))).toBe(true);
  });

  it.each([
    "ERROR: unable to select packages:\n  nodejs-24.1.0-r0:\n    breaks: world[nodejs~22]",
    "/bin/sh: 500: not found",
    "error building at STEP: while running runtime: exit status 1",
    "ERROR: unable to select packages:\n  nodejs24 (no such package):\n    required by: world[nodejs24]",
    '/bin/sh: syntax error: unexpected end of file (expecting "fi")',
    "WARNING: updating main: UNTRUSTED signature",
    "WARNING: updating main: BAD signature\nWARNING: updating community: temporary error (try again later)",
    "write /layer.tar: no space left on device: unexpected EOF",
    "tls: failed to verify certificate: x509: certificate signed by unknown authority",
    "ERROR: nodejs-22.16.0-r2: HTTP 404: Not Found",
    "manifest unknown",
  ])("is not: %s", (output) => {
    expect(looksPassing(failure(output))).toBe(false);
  });

  it("is not what is no program's", () => {
    expect(looksPassing(new Error("connection refused"))).toBe(false);
  });
});

describe("patience", () => {
  const passing = failure("temporary error");
  let slept: number[] = [];
  const clock = { sleep: async (milliseconds: number) => void slept.push(milliseconds) };
  beforeEach(() => {
    slept = [];
  });

  it("tries again, and says so each time", async () => {
    let attempts = 0;
    const told: number[] = [];
    const work = async () => {
      if (++attempts < 3) throw passing;
      return "done";
    };
    expect(await withPatience(work, (_, delay) => told.push(delay), undefined, clock)).toBe("done");
    expect([told, slept]).toEqual([
      [2_000, 15_000],
      [2_000, 15_000],
    ]);
  });

  it("ends, and never begins with a wrong recipe", async () => {
    let attempts = 0;
    const fail = (error: Error) => async () => {
      attempts++;
      throw error;
    };
    await expect(withPatience(fail(passing), () => {}, undefined, clock)).rejects.toBe(passing);
    expect(attempts).toBe(3);
    const wrong = failure("unable to select packages");
    await expect(withPatience(fail(wrong), () => {}, undefined, clock)).rejects.toBe(wrong);
    expect(attempts).toBe(4);
  });

  it("is not tried again once interrupted", async () => {
    const abort = new AbortController();
    const told: unknown[] = [];
    const work = async () => {
      abort.abort();
      throw passing;
    };
    await expect(withPatience(work, (error) => told.push(error), abort.signal, clock)).rejects.toBe(passing);
    expect([told, slept]).toEqual([[], []]);
  });
});
