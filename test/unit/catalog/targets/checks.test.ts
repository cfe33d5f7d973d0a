import { describe, expect, test } from "vitest";
import { parseCatalog } from "../../../../scripts/catalog/load.ts";
import { brokenCatalog, expectMistake, targetsByName } from "../good-catalog.ts";

const SMOKE_OF_LUA = '    smoke:\n      files: { "a.lua"';

/** The good catalog, whose Lua has these checks; a line for each. */
function withChecks(...lines: readonly string[]): string {
  return brokenCatalog([SMOKE_OF_LUA, `    checks:\n${lines.join("\n")}\n${SMOKE_OF_LUA}`]);
}

describe("checks", () => {
  const text = withChecks(
    '      time: { run: ["lua{{version}}", time], env: { TZ: Europe/Berlin }, prints: "{{compact}}" }',
    "      tls: { run: [lua, tls], tls: true, files: { a: b }, build: [make] }",
    "      root: { run: [lua, root], in: runtime, user: 1000:1000, fails: denied }",
  ).replace(/$/, "  moon: { extends: lua, checks: { root: { run: [moon] } } }\n");

  test("have what they leave out as it usually is, and placeholders filled in", () => {
    const targets = targetsByName(parseCatalog("catalog.yaml", text));
    const usual = { variants: ["runtime", "dev"], env: {}, files: {}, tls: false };
    const expected = [
      {
        ...usual,
        ...{ name: "time", env: { TZ: "Europe/Berlin" }, run: ["lua5.1", "time"] },
        expected: { prints: "51" },
      },
      {
        ...usual,
        ...{ name: "tls", run: ["lua", "tls"], files: { a: "b" }, build: ["make"], tls: true },
        expected: { prints: "hello, world" },
      },
      {
        ...usual,
        ...{ name: "root", run: ["lua", "root"], variants: ["runtime"], user: "1000:1000" },
        expected: { fails: "denied" },
      },
    ];
    expect(targets.get("lua:5.1")?.checks).toEqual(expected);
    expect(targets.get("lua:5.1-dev")?.checks).toEqual(expected);
    expect("checks" in (targets.get("node:22") ?? {})).toBe(false);
  });

  test("are taken over, and an own one wins", () => {
    const moon = targetsByName(parseCatalog("catalog.yaml", text)).get("moon:5.1");
    expect(moon?.checks?.map(({ name, run }) => `${name}: ${run.join(" ")}`)).toEqual([
      "time: lua5.1 time",
      "tls: lua tls",
      "root: moon",
    ]);
  });

  test.each([
    [
      "a: { run: [a], prints: b, fails: c }",
      "42:10: a: what must fail has neither prints nor tls: a check shows one thing",
    ],
    ["a: { prints: b }", "42:7: a: run is missing"],
    [
      "a: { run: [a], user: nobody }",
      '42:28: user: expected the number of a user, or "USER:GROUP", found "nobody" (names differ from image to image)',
    ],
    [
      "A: { run: [a] }",
      '42:7: A: expected a short name such as "time": lower-case letters, digits and dashes, found "A"',
    ],
    ["a: { run: [a], in: debug }", '42:26: in: expected runtime or dev, found "debug"'],
  ])("%s", (line, said) => {
    expectMistake(SMOKE_OF_LUA, `    checks:\n      ${line}\n${SMOKE_OF_LUA}`, said);
  });
});
