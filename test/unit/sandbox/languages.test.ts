import { describe, expect, it } from "vitest";
import { branchesWith, repositoryOf } from "../../../sandbox/mirror/branches.ts";
import { chooseLanguages, LANGUAGES } from "../../../sandbox/mirror/languages.ts";
import { mayLack } from "../../../sandbox/mirror/may-lack.ts";
import { nextStamp } from "../../../sandbox/mirror/mirror.ts";
import { UserError } from "../../../scripts/system/errors.ts";

describe("chooseLanguages", () => {
  it("takes those that are asked for, parted by spaces or commas", () => {
    expect(chooseLanguages("")).toEqual([]);
    expect(chooseLanguages(" nim,java  node ")).toEqual(["java", "nim", "node"]);
    expect(chooseLanguages("all")).toEqual(Object.keys(LANGUAGES).sort());
  });

  it("takes one on a branch alone, which it must be on", () => {
    expect(chooseLanguages("ruby@3.21 lua")).toEqual(["lua", "ruby@3.21"]);
    const choose = () => chooseLanguages("ruby@3.24");
    expect(choose).toThrow(UserError);
    expect(choose).toThrow('SANDBOX_LANGUAGES: the sandbox has no ruby on branch "3.24"');
  });

  it.each([
    ["__proto__", 'no language "__proto__"'],
    ["toString", 'no language "toString"'],
    ["constructor@3.22", 'no language "constructor@3.22"'],
    ["@", 'no language "@"'],
    ["ruby@", 'no ruby on branch ""'],
    ["ruby@3.21@x", 'no ruby on branch "3.21@x"'],
    ["all@3.22", 'no language "all@3.22"; did you mean "all"?'],
  ])("refuses %s, rather than to leave it out", (asked, message) => {
    expect(() => chooseLanguages(asked)).toThrow(UserError);
    expect(() => chooseLanguages(asked)).toThrow(`SANDBOX_LANGUAGES: the sandbox has ${message}`);
  });

  it("names a language that it does not know, the nearest and all others", () => {
    const choose = () => chooseLanguages("haskel");
    expect(choose).toThrow(UserError);
    expect(choose).toThrow(
      'SANDBOX_LANGUAGES: the sandbox has no language "haskel"; did you mean "haskell"?',
    );
  });
});

describe("branchesWith", () => {
  it("has what gcc's example takes wherever gcc is, which is needed to build with anything", () => {
    for (const { name, packages } of branchesWith(["node", "ruby", "python"])) {
      expect(packages, name).toEqual(expect.arrayContaining(["build-base", "nlohmann-json"]));
    }
  });

  const packagesOf = (branch: string, ...languages: string[]) =>
    branchesWith(languages).find(({ name }) => name === branch)?.packages ?? [];

  const namesOf = (...languages: string[]) => branchesWith(languages).map(({ name }) => name);

  it("gives every branch what every image needs, and its languages once", () => {
    expect(packagesOf("3.24")).toContain("busybox-binsh");
    const both = packagesOf("3.22", "erlang", "elixir");
    expect(both).toEqual([...new Set(both)]);
    expect(both).toEqual(expect.arrayContaining(["elixir", "erlang27", "rebar3"]));
    expect(packagesOf("3.24", "erlang")).toEqual(packagesOf("3.24"));
  });

  it("has at least ten languages for those who ask for nothing, and none that is large", () => {
    const always = Object.entries(LANGUAGES).filter(([, { always }]) => always.length > 0);
    expect(always.length).toBeGreaterThanOrEqual(10);
    for (const [, language] of always) {
      expect(Object.keys(language.packages)).toEqual(expect.arrayContaining([...language.always]));
    }
    expect(packagesOf("3.24")).toEqual(expect.arrayContaining(["python3", "go", "php84"]));
    expect(packagesOf("3.24")).not.toContain("openjdk21-jdk");
  });

  it("has one that is asked for on all its branches, and those branches then", () => {
    expect(packagesOf("3.22")).not.toContain("go");
    expect(packagesOf("3.22", "go")).toContain("go");
    expect(namesOf()).toEqual(["3.24"]);
    expect(namesOf("ruby")).toEqual(["3.17", "3.21", "3.24"]);
    expect(namesOf("ruby@3.21")).toEqual(["3.21", "3.24"]);
    expect(packagesOf("3.21", "ruby@3.21")).toContain("ruby-dev");
    expect(packagesOf("3.17", "ruby")).toContain("ruby-dev");
    expect(namesOf(...Object.keys(LANGUAGES))).toEqual(["3.17", "3.19", "3.21", "3.22", "3.24"]);
  });
});

describe("repositoryOf", () => {
  it.each([
    ["nodejs", "main"],
    ["tcl", "main"],
    ["python3", "main"],
    ["gcc-gnat", "main"],
    ["php84-mbstring", "community"],
    ["openjdk21-jre-headless", "community"],
    ["R-dev", "community"],
    ["erlang27", "community"],
  ])("%s: %s", (name, repository) => {
    expect(repositoryOf(name)).toBe(repository);
  });
});

describe("nextStamp", () => {
  it("is the standing one when nothing is lacking, so that a mirror is not shrunk", () => {
    const standing = nextStamp("", "tables", ["go", "java"]).text;
    expect(nextStamp(standing, "tables", ["go"]).text).toBe(standing);
  });

  it("keeps what is there when a language is added", () => {
    const standing = nextStamp("", "tables", ["go", "java"]).text;
    expect(nextStamp(standing, "tables", ["go", "rust"]).languages).toEqual(["go", "java", "rust"]);
  });

  it("starts from what is asked for when the tables are others", () => {
    const standing = nextStamp("", "tables", ["go", "java"]).text;
    expect(nextStamp(standing, "other", ["go"])).toEqual({ languages: ["go"], text: "other go\n" });
  });
});

describe("mayLack", () => {
  it("has what the sandbox makes for some branch or language, and what it never makes", () => {
    for (const name of [
      "nodejs",
      "openjdk21-jdk",
      "php84-xml",
      "libstdc++",
      "deno",
      "dotnet9-sdk",
      "php85-curl",
    ])
      expect(mayLack).toContain(name);
  });

  it("has no misspelt name", () => {
    for (const name of ["nodejss", "openjdk21-jre-headles", "phpp84"]) expect(mayLack).not.toContain(name);
  });
});
