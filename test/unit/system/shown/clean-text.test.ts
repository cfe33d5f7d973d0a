import { describe, expect, it } from "vitest";
import { cleanLine, cleanText } from "../../../../scripts/system/shown/clean-text.ts";

const ESC = "\x1b";
const BEL = "\x07";
const ST = `${ESC}\\`;

describe("cleanText", () => {
  it.each([
    ["letters, tabs and line ends stay", "libc ≥ 2.38\n\tok ✔ 名前\n", "libc ≥ 2.38\n\tok ✔ 名前\n"],
    ["a colour", `a${ESC}[1;31mb${ESC}[0mc`, "abc"],
    ["a cursor's move, and a cleared screen", `a${ESC}[2J${ESC}[10;10Hb${ESC}[?25lc`, "abc"],
    ["CSI with intermediate characters", `a${ESC}[4 qb`, "ab"],
    ["CSI as one character", "a\x9b31mb", "ab"],
    ["CSI that is cut off", `a${ESC}[31`, "a"],
    ["CSI that breaks off at a letter of another script", `a${ESC}[31é`, "aé"],
    ["a window's title, with BEL", `a${ESC}]0;evil${BEL}b`, "ab"],
    ["a link, with ST", `${ESC}]8;;https://evil.example${ST}click${ESC}]8;;${ST}`, "click"],
    ["the clipboard, as characters of C1", "a\x9d52;c;ZXZpbA==\x9cb", "ab"],
    [
      "DCS, SOS, PM and APC",
      `a${ESC}Pq#0${ST}b${ESC}Xs${ST}c${ESC}^p${ST}d${ESC}_Gf=100;AAAA${ST}e`,
      "abcde",
    ],
    ["a string that never ends hides nothing", `a${ESC}]0;title\nb`, "a0;title\nb"],
    ["a string within a string", `a${ESC}]0;${ESC}]0;x${BEL}b`, "a0;b"],
    ["a reset, and a change of the character set", `a${ESC}cb${ESC}(0c${ESC}#8d`, "abcd"],
    ["ESC alone, and ESC doubled", `a${ESC}\nb${ESC}${ESC}[31mc${ESC}`, "a\nbc"],
    ["a sequence put together by what is taken out", `${ESC}${BEL}[31ma`, "[31ma"],
    ["C0, DEL and C1", "a\0b\bc\x7fd\x80e\x8df", "abcdef"],
    ["a carriage return writes over nothing", "it failed\rit is fine\r\nnext", "it failed\nit is fine\nnext"],
    ["other line ends", "a\vb\fc\x85d\u2028e\u2029f", "a\nb\nc\nd\ne\nf"],
    ["text that turns its direction", "a\u202egpj.exe\u202c\u2066b\u2069\u200e\u061cc", "agpj.exebc"],
    ["text of no width", "no\u200bd\u200ce\u200dj\u2060s\ufeff\u00ad", "nodejs"],
    ["unseen fillers and tags", "a\u115f\u3164\u{e0041}\u{e007f}b", "ab"],
    ["halves of a pair", "a\ud83db\ude00c😀", "a\ufffdb\ufffdc😀"],
  ])("%s", (_, text, clean) => {
    expect(cleanText(text)).toBe(clean);
  });

  it.each([
    ["::error::owned", ": :error::owned"],
    ["  \t ::add-path::/tmp", "  \t : :add-path::/tmp"],
    ["\u00a0\u3000::set-env name=A::b", "\u00a0\u3000: :set-env name=A::b"],
    ["fine\n::error::owned\n::warning::b", "fine\n: :error::owned\n: :warning::b"],
    ["fine\r::error::owned", "fine\n: :error::owned"],
    [":\u200b:error::owned", ": :error::owned"],
    [`${ESC}[0m::error::owned`, ": :error::owned"],
    [`${ESC}]0;${BEL}:${ESC}[m:error::owned`, ": :error::owned"],
    [":::error::owned", ": ::error::owned"],
    ["##[error]owned", "## [error]owned"],
    ["fine ##vso[task.setvariable variable=a]b", "fine ## vso[task.setvariable variable=a]b"],
    ["##teamcity[buildStop]", "## teamcity[buildStop]"],
    ["####[group]##[x", "#### [group]## [x"],
    ["#\u200b#[error]owned", "## [error]owned"],
    ["section_start:1:a\r\x1b[0Kowned", "section_start:1:a\nowned"],
  ])("makes a CI's command harmless: %j", (text, clean) => {
    expect(cleanText(text)).toBe(clean);
  });

  it("leaves what only resembles a command", () => {
    const text = "Foo::bar()\n a ::b::\n## Heading\n#[derive]\n:smile:";
    expect(cleanText(text)).toBe(text);
  });

  it("changes nothing when it is done again", () => {
    const text = `:::a\n##[b]\r${ESC}[31m::c\u202e##vso[d`;
    expect(cleanText(cleanText(text))).toBe(cleanText(text));
  });

  it.each([
    ["unended strings", `${ESC}]`],
    ["unended strings of C1", "\x9d"],
    ["unended strings with text", `${ESC}P1;`],
    ["control sequences", `${ESC}[`],
    ["control sequences with parameters", `${ESC}[1;`],
    ["escapes", ESC],
    ["intermediate characters", `${ESC}   `],
    ["white space", " "],
    ["lines of white space", "  \n"],
    ["colons", ":"],
    ["hashes", "#"],
    ["hashes and words", "##a"],
    ["a long word behind hashes", "a"],
    ["carriage returns", "\r"],
    ["halves of pairs", "\ud800"],
    ["text without width", "\u200b"],
  ])("comes to an end: 100,000 characters of %s", (_, piece) => {
    const text = `##${piece.repeat(100_000 / piece.length)}`;
    cleanText(text);
    cleanLine(text);
  });
});

describe("cleanLine", () => {
  it("is one line, without spaces around", () => {
    expect(cleanLine(`  a\r\n\t::b\u2028${ESC}[31mc  \n`)).toBe("a : :b c");
  });

  it("never begins with a command, whatever was before it", () => {
    expect(cleanLine("\n\n ::error::a")).toBe(": :error::a");
    expect(cleanLine(":\n:error::a")).toBe(": :error::a");
  });

  it("cuts to the length that was asked for, and never through a pair", () => {
    expect(cleanLine("a".repeat(600))).toBe(`${"a".repeat(499)}…`);
    expect(cleanLine("abcdef", 4)).toBe("abc…");
    expect(cleanLine("ab😀def", 4)).toBe("ab…");
    expect(cleanLine("abcd", 4)).toBe("abcd");
  });
});
