import { describe, expect, it } from "vitest";
import {
  failureText,
  groupFailures,
  printedBy,
  readFailure,
  whyOf,
} from "../../../scripts/report/failure.ts";
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

/** Lines that say why, the most telling first; those in one row tell as much as each other. */
const TELLING: readonly (readonly string[])[] = [
  [
    "WARNING: opening http://m/main: temporary error",
    "ERROR: fetching http://m/main: temporary error",
    "warning: updating http://m/main: temporary error",
    "WARNING: the second fetch of http://m/main: temporary error",
  ],
  ["write /x: no space left on device", "write /x: Disk quota exceeded"],
  [
    "dial tcp 127.0.0.1:1: it is away",
    "lookup m: no such host",
    "connect: connection refused",
    "read: connection reset by peer",
    "read: i/o timeout",
    "net/http: TLS handshake failed",
    "x509: it has ended",
    "the certificate has ended",
  ],
  [
    "unexpected status 502",
    "received unexpected HTTP status: 502",
    "TOOMANYREQUESTS: wait",
    "unauthorized: log in",
    "requested access is denied",
  ],
  ["ERROR: bad things"],
  ["  lua5.9 (no such package)"],
  ["fatal: not a repository", "panic: runtime"],
  ["error while loading: no file", "tool: error in line 3: no brace"],
];

describe("what tells more", () => {
  const WORDS = /^(?:WARNING|ERROR): /;
  const causeOf = (line: string) => line.trim().replace(WORDS, "");

  it.each(TELLING.flat())("is said before the last line, where it is %s", (line) => {
    expect(readFailure(saidBy("tool", "begin", line, "end")).cause).toBe(causeOf(line));
  });

  it("is said first, whatever comes before it", () => {
    for (const [rank, lines] of TELLING.entries()) {
      for (const less of TELLING.slice(rank + 1).flat()) {
        expect(readFailure(saidBy("tool", less, ...lines)).cause).toBe(causeOf(lines[0] ?? ""));
      }
    }
  });

  it.each([
    "it says WARNING: opening http://m/main: later",
    "WARNING: opening nothing",
    "no ERROR: here",
    "nothing fatal",
    "fatality",
    "an error",
    "there was an error: none",
    "errors: none",
  ])("is not: %s", (line) => {
    expect(readFailure(saidBy("tool", line, "end")).cause).toBe("end");
  });

  it.each([
    'Error: building at STEP "RUN apk add"',
    "ERROR: failed to solve: process went wrong",
    "subprocess: exit status 12",
    'process "/bin/sh" did not complete successfully: exit code: 1',
    "   ",
  ])("is not a line that only says that something failed: %j", (line) => {
    expect(readFailure(saidBy("tool", "why", line)).cause).toBe("why");
    expect(readFailure(saidBy("tool", line)).cause).not.toBe(line.trim());
  });

  it("takes the next line where one ends with a colon", () => {
    const causeIn = (...lines: readonly string[]) => readFailure(saidBy("tool", ...lines)).cause;
    expect(causeIn("ERROR: packages:", "  lua:", "end")).toBe("packages: lua");
    expect(causeIn("ERROR: packages:", "")).toBe("packages:");
    expect(causeIn("ERROR: packages:")).toBe("packages:");
    expect(causeIn("ERROR: packages", "lua")).toBe("packages");
    expect(causeIn("Error: packages: none", "lua")).toBe("packages: none");
    expect(causeIn("error: packages: none", "lua")).toBe("packages: none");
  });
});

describe("the cause in a line", () => {
  const causeIn = (...lines: readonly string[]) => readFailure(saidBy("tool", ...lines)).cause;

  it("is without the space around it, which also hides nothing that tells", () => {
    expect(causeIn("  ERROR: bad things", "end")).toBe("bad things");
    expect(causeIn("begin", "  the last  ", "   ")).toBe("the last");
  });

  it("loses the word that it begins with, and none that comes later", () => {
    expect(causeIn("tool: error: no ERROR: here", "end")).toBe("tool: error: no ERROR: here");
  });

  it("has of the next line all but a colon at its end", () => {
    expect(causeIn("ERROR: packages:", "  lua: not there:", "end")).toBe("packages: lua: not there");
  });
});

describe("a failure's parts", () => {
  it("are no log where nothing but space was printed, and no command where none was told of", () => {
    expect(readFailure("tool ended with exit code 1\n  \nthe command was: tool")).toStrictEqual({
      ...{ cause: "tool ended with exit code 1", hints: [], command: "tool" },
    });
    expect(readFailure("tool ended with exit code 1\none")).toStrictEqual({
      ...{ cause: "one", hints: [], log: "one" },
    });
  });

  it("are a program's where its command is named, however its message begins", () => {
    expect(readFailure("it went wrong\none\nthe command was: tool")).toStrictEqual({
      ...{ cause: "one", hints: [], log: "one", command: "tool" },
    });
  });

  it("are the command, and what it printed", () => {
    const message = saidBy("tool", "one", "two");
    expect(readFailure(message)).toEqual({
      ...{ cause: "two", hints: [], log: "one\ntwo", command: "tool build" },
    });
    expect(printedBy(readFailure(message))).toBe("one\ntwo\nthe command was: tool build");
    expect(whyOf(readFailure(message))).toBe("two");
  });

  it("are no log where nothing was printed", () => {
    const failure = readFailure("tool ended by signal SIGKILL\n\nthe command was: tool");
    expect(failure).toEqual({ cause: "tool ended by signal SIGKILL", hints: [], command: "tool" });
    expect(printedBy(failure)).toBe("the command was: tool");
  });

  it.each(["tool ended with exit code 1", "tool ended by signal SIGTERM", "two words ended with nothing"])(
    "are a program's where it begins: %s",
    (head) => {
      expect(readFailure(`${head}\none\ntwo`)).toEqual({ cause: "two", hints: [], log: "one\ntwo" });
    },
  );

  it.each([
    "it ended well",
    " tool ended with exit code 1",
    "ended with exit code 1",
    "tool ended without it",
  ])("are nobody's program's where it begins: %s", (head) => {
    expect(readFailure(`${head}\none  \n\n`)).toEqual({ cause: head, hints: [], detail: "one" });
    expect(readFailure(`${head}\n→ do`)).toEqual({ cause: head, hints: ["do"] });
  });

  it("of what was no program is its message alone", () => {
    const failure = readFailure("one\ntwo");
    expect(printedBy(failure)).toBe("");
    expect(whyOf(failure)).toBe("one\ntwo");
  });
});

describe("failureText", () => {
  it("says why, what to do, and then what was printed and by what", () => {
    const message = `${saidBy("tool", "one", "two")}\n→ do this`;
    expect(failureText(message, "or that")).toBe(
      "two\n→ do this\n→ or that\n\n    one\n    two\n    the command was: tool build",
    );
  });

  it("says nothing twice", () => {
    expect(failureText(saidBy("tool", "  one  "))).toBe("one\n    the command was: tool build");
    expect(failureText(saidBy("tool", "one"))).toBe("one\n    the command was: tool build");
    expect(failureText("no such file")).toBe("no such file");
  });

  it("keeps to a width", () => {
    expect(failureText("one two three", "four five six", 10)).toBe("one two\n  three\n→ four\n  five six");
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

  it("are apart where what they say besides is another, or since when they fail", () => {
    const groups = (...messages: readonly string[]) =>
      groupFailures(messages, (message) => ({ message, stage: "build" })).map(
        ({ members }) => members.length,
      );
    expect(groups("why", "why")).toEqual([2]);
    expect(groups("why", "why\nmore")).toEqual([1, 1]);
    expect(groups("why", "why\n→ do")).toEqual([1, 1]);
    const since = groupFailures(["1", "2", "1"], (one) => ({ message: "why", stage: "build", since: one }));
    expect(since.map(({ members }) => members)).toEqual([["1", "1"], ["2"]]);
  });
});
