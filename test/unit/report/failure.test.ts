import { describe, expect, it } from "vitest";
import { groupFailures, readFailure } from "../../../scripts/report/failure.ts";
import { CommandError } from "../../../scripts/system/process/process.ts";

/** What a program printed, as the error of its command has it. */
function saidBy(command: string, ...lines: readonly string[]): string {
  const output = lines.join("\n");
  return new CommandError([command, "build"], { exitCode: 1, stdout: "", stderr: output, output }).message;
}

describe("the cause", () => {
  it.each([
    [
      "that a mirror is away, not that a package is missing",
      saidBy(
        "buildah",
        "WARNING: opening http://m/v3.22/main: temporary error (try again later)",
        "ERROR: unable to select packages:",
        "  lua5.4 (no such package):",
        'error building at STEP "RUN apk add": exit status 1',
      ),
      "opening http://m/v3.22/main: temporary error (try again later)",
    ],
    [
      "which package there is not",
      saidBy(
        "buildah",
        "ERROR: unable to select packages:",
        "  lua5.9 (no such package):",
        "Error: exit status 1",
      ),
      "unable to select packages: lua5.9 (no such package)",
    ],
    [
      "that the disk is full",
      saidBy("buildah", "ERROR: lua5.4: failed", "write /x: no space left on device", "Error: exit status 1"),
      "write /x: no space left on device",
    ],
    [
      "that a base image cannot be had",
      saidBy(
        "docker",
        "#1 ERROR",
        "ERROR: failed to solve: dial tcp 127.0.0.1:1: connect: connection refused",
      ),
      "failed to solve: dial tcp 127.0.0.1:1: connect: connection refused",
    ],
    ["the last that was said", saidBy("tool", "one", "two", ""), "two"],
    ["how it ended, where nothing was said", saidBy("tool"), "tool ended with exit code 1"],
  ])("is %s", (_, message, cause) => {
    expect(readFailure(message).cause).toBe(cause);
  });

  it("of a message that is no program's is its first line, and all of the rest stays with it", () => {
    expect(readFailure("it is so:\n  one\n  two\n→ do this\n→ or that")).toEqual({
      ...{ cause: "it is so:", detail: "  one\n  two", hints: ["do this", "or that"] },
    });
  });

  it("is clean, whatever a program printed", () => {
    const { cause, log } = readFailure(saidBy("tool", "\x1b[31mERROR: \u202ebad\x1b[0m", "::error::owned"));
    expect(cause).toBe("bad");
    expect(log).toBe("ERROR: bad\n: :error::owned");
  });

  it("is found in a long log at once", () => {
    for (const piece of ["ERROR: ", "a", "\n", "error ", "x509", "- "]) {
      readFailure(`tool ended with exit code 1\n${piece.repeat(100_000)}\nthe command was: tool`);
    }
  });
});

describe("failures of the same cause", () => {
  it("are told once, with all that they stop", () => {
    const failed = ["a", "b", "c"].map((target) => ({
      ...{ target, stage: target === "c" ? "smoke" : "build" },
      message: saidBy("buildah", `STEP for ${target}`, "WARNING: fetching http://m: connection refused"),
    }));
    expect(
      groupFailures(failed, (one) => one).map(({ members }) => members.map(({ target }) => target)),
    ).toEqual([["a", "b"], ["c"]]);
  });
});
