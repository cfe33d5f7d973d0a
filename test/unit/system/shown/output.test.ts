import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import { WriteStream } from "node:tty";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  coloured,
  escapeJson,
  outputWidth,
  shown,
  shownBlock,
  tailOf,
} from "../../../../scripts/system/shown/output.ts";
import { forgetSecrets, rememberSecret } from "../../../../scripts/system/shown/secrets.ts";
import { codeFiles, PROJECT } from "../../../support/code.ts";

beforeEach(() => forgetSecrets());

describe("the door for what is shown", () => {
  it("is the only one: nothing else writes to the standard streams", () => {
    const files = codeFiles();
    const writes =
      /\bconsole\s*\.|process\s*\.\s*(?:stdout|stderr)\s*\.\s*write|\bstd(?:out|err)\s*\.\s*write\(/;
    const writers = files.filter((name) => writes.test(readFileSync(join(PROJECT, name), "utf8"))).sort();
    // Programs of their own: the sandbox's apk, and what starts ours, which runs before anything can be loaded.
    const programs = ["sandbox/apk/main.ts", "scripts/start.mjs", "scripts/with-variables.mjs"];
    expect(files.length).toBeGreaterThan(300);
    expect(writers.filter((name) => !programs.includes(name))).toEqual(["scripts/system/shown/output.ts"]);
  });

  it("cleans, and takes secrets out, also those that unseen characters break", () => {
    rememberSecret("hunter22");
    expect(shown("\x1b[31mhun\u200bter22\x1b[0m\n::error::a")).toBe("***\n: :error::a");
  });
});

describe("colour", () => {
  const TEXT = "✔ node:22\n  ✖ web:24\n! disk\na ✔ within, ✔already";
  const GREEN =
    "\x1b[32m✔\x1b[39m node:22\n  \x1b[31m✖\x1b[39m web:24\n\x1b[33m!\x1b[39m disk\na ✔ within, ✔already";
  /** A stream of a terminal, or of a pipe. */
  const stream = (isTTY: boolean) =>
    Object.assign(new Writable(), { isTTY, getColorDepth: () => WriteStream.prototype.getColorDepth() });

  beforeEach(() => {
    for (const name of ["NO_COLOR", "FORCE_COLOR", "NODE_DISABLE_COLORS", "CI"]) vi.stubEnv(name, undefined);
    for (const [name, value] of [["TERM", "xterm"]] as const) vi.stubEnv(name, value);
  });
  afterEach(() => vi.unstubAllEnvs());

  it("is put on the marks that lines begin with, on a terminal", () => {
    expect(coloured(TEXT, stream(true))).toBe(GREEN);
  });

  it("is left out of a pipe, and where NO_COLOR is set", () => {
    expect(coloured(TEXT, stream(false))).toBe(TEXT);
    vi.stubEnv("NO_COLOR", "1");
    expect(coloured(TEXT, stream(true))).toBe(TEXT);
  });

  it("is put into a pipe where FORCE_COLOR is set", () => {
    vi.stubEnv("FORCE_COLOR", "1");
    expect(coloured(TEXT, stream(false))).toBe(GREEN);
  });
});

describe("JSON", () => {
  const SPITE = "\x1b[2J\x7f\x9b31m\u202e\u2028\u{e0041}\n\t::error::a ##vso[x] ##[error]";

  it("says the same, and has nothing in it that would be obeyed", () => {
    const json = escapeJson(JSON.stringify({ [SPITE]: SPITE }, null, 2));
    expect(JSON.parse(json)).toEqual({ [SPITE]: SPITE });
    expect(json).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\u2028]/u);
    expect(json).not.toMatch(/##\w*\[/);
    expect(json).not.toMatch(/^\s*::/m);
  });

  it("without spite stays as it is", () => {
    const json = JSON.stringify({ a: "é → ✔ \n # [x] ::" }, null, 2);
    expect(escapeJson(json)).toBe(json);
  });
});

describe("a log", () => {
  const text = Array.from({ length: 20 }, (_, index) => `line ${index}`).join("\n");

  it("shows its last lines, set in, and how many were before", () => {
    const lines = shownBlock({ title: "what it said:", text }, false).split("\n");
    expect(lines.slice(0, 3)).toEqual(["what it said:", "    … 8 lines before", "    line 8"]);
    expect(lines.at(-1)).toBe("    line 19");
    expect(tailOf("a\nb\nc", 2)).toBe("    a\n    b\n    c");
  });

  it("is a group on GitHub, of which nothing within can end it", () => {
    const shownText = shownBlock({ title: "a\n::error::b", text: "c\n::endgroup::\n::add-mask::d" }, true);
    expect(shownText.split("\n")).toEqual([
      "::group::a : :error::b",
      "c",
      ": :endgroup::",
      ": :add-mask::d",
      "::endgroup::",
    ]);
  });
});

describe("the width of lines", () => {
  it.each([
    [{ isTTY: true, columns: 100 }, {}, 100],
    [{ isTTY: true, columns: 100 }, { COLUMNS: "60" }, 60],
    [{ isTTY: false, columns: 0 }, { COLUMNS: "60" }, 60],
    [{ isTTY: false, columns: 80 }, {}, undefined],
    [{ isTTY: true, columns: 100 }, { COLUMNS: "0" }, 100],
    [{ isTTY: true, columns: 100 }, { COLUMNS: "wide" }, 100],
  ])("of %j with %j is %s", (stream, env, width) => {
    expect(outputWidth(stream, env)).toBe(width);
  });
});
