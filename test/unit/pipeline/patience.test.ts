import { describe, expect, it } from "vitest";
import { looksPassing, withPatience } from "../../../scripts/pipeline/patience.ts";
import { CommandError } from "../../../scripts/system/process.ts";

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
  ])("is: %s", (output) => {
    expect(looksPassing(failure(output))).toBe(true);
  });

  it.each([
    "ERROR: unable to select packages:\n  nodejs-24.1.0-r0:\n    breaks: world[nodejs~22]",
    "/bin/sh: 500: not found",
    "error building at STEP: while running runtime: exit status 1",
  ])("is not: %s", (output) => {
    expect(looksPassing(failure(output))).toBe(false);
  });

  it("is not what is no program's", () => {
    expect(looksPassing(new Error("connection refused"))).toBe(false);
  });
});

describe("patience", () => {
  const passing = failure("temporary error");

  it("tries again, and says so each time", async () => {
    let attempts = 0;
    const told: number[] = [];
    const work = async () => {
      if (++attempts < 3) throw passing;
      return "done";
    };
    expect(await withPatience({ delays: [1, 2] }, work, (_, delay) => told.push(delay))).toBe("done");
    expect(told).toEqual([1, 2]);
  });

  it("ends, and never begins with a wrong recipe", async () => {
    let attempts = 0;
    const fail = (error: Error) => async () => {
      attempts++;
      throw error;
    };
    await expect(withPatience({ delays: [1, 1] }, fail(passing), () => {})).rejects.toBe(passing);
    expect(attempts).toBe(3);
    const wrong = failure("unable to select packages");
    await expect(withPatience({ delays: [1, 1] }, fail(wrong), () => {})).rejects.toBe(wrong);
    expect(attempts).toBe(4);
  });
});
