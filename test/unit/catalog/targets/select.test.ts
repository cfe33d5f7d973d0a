import { describe, expect, test } from "vitest";
import { parseCatalog } from "../../../../scripts/catalog/load.ts";
import { namesVersion, selectTargets } from "../../../../scripts/catalog/targets/select.ts";
import { eachOf, releaseOf, releasesOf } from "../../../../scripts/model/target.ts";
import { UserError } from "../../../../scripts/system/errors.ts";
import { typed } from "../../../../scripts/system/shown/started.ts";
import { GOOD_CATALOG } from "../good-catalog.ts";

const { targets } = parseCatalog("catalog.yaml", GOOD_CATALOG);

describe("the targets that patterns name", () => {
  test.each([
    ["nothing", [], targets.map(({ name }) => name)],
    ["an image", ["node"], ["node:22", "node:22-dev", "node:20", "node:20-dev"]],
    ["a runtime target", ["node:22"], ["node:22"]],
    ["a dev target", ["node:22-dev"], ["node:22-dev"]],
    ["other tags of a target", ["node:lts", "lua:dev"], ["node:22", "lua:5.4-dev"]],
    ["a shape of versions", ["node:2*-dev"], ["node:22-dev", "node:20-dev"]],
    ["all of an image by its shape", ["no*:*"], ["node:22", "node:22-dev", "node:20", "node:20-dev"]],
    [
      "a shape of a whole name, dots and all",
      ["lua:5.*", "*.4"],
      ["lua:5.4", "lua:5.4-dev", "lua:5.1", "lua:5.1-dev"],
    ],
    ["targets in the catalog's order, once", ["lua:5", "node:22", "lua:5.4"], ["node:22", "lua:5.4"]],
  ])("%s", (_, patterns, names) => {
    expect(selectTargets(targets, patterns).map(({ name }) => name)).toEqual(names);
  });

  test.each([
    ["nodee", 'there is no target "nodee"; did you mean node?'],
    ["nod:22", 'there is no target "nod:22"; did you mean node:22?'],
    ["node:24", 'there is no target "node:24"; node has node:22, node:22-dev, node:20, node:20-dev'],
    ["node:", 'there is no target "node:"; node has node:22, node:22-dev, node:20, node:20-dev'],
    ["cobol", 'there is no target "cobol"; there are node, lua'],
    ["node:3*", 'there is no target "node:3*"; node has node:22, node:22-dev, node:20, node:20-dev'],
    ["co*", 'there is no target "co*"; there are node, lua'],
    ["", 'there is no target ""; there are node, lua'],
  ])("not %j", (pattern, message) => {
    expect(() => selectTargets(targets, ["lua", pattern])).toThrow(
      new UserError(message, `${typed("list")} shows all targets`),
    );
  });

  test("all unknown ones are told of", () => {
    expect(() => selectTargets(targets, ["cobol", "node", "luaa"])).toThrow(
      'there is no target "cobol"; there are node, lua\nthere is no target "luaa"; did you mean lua?',
    );
  });
});

test.each([
  ["node:22", true],
  ["node", false],
  ["node:*", false],
])("whether %s names a version: %s", (pattern, names) => {
  expect(namesVersion(pattern)).toBe(names);
});

test.each([
  ["*", 4],
  ["*:*", 4],
  ["lua:5.4*-dev", 1],
  ["lua:5.4-*dev", 1],
  // The two parts may not overlap.
  ["lua:5.*.4", 0],
  ["ua:5.4*", 0],
])("of %s there are %s", (glob, count) => {
  const lua = targets.filter(({ image }) => image === "lua");
  if (count === 0) expect(() => selectTargets(lua, [glob])).toThrow("there is no target");
  else expect(selectTargets(lua, [glob])).toHaveLength(count);
});

test("a shape cannot take long, whatever is in it", () => {
  const begun = performance.now();
  expect(() => selectTargets(targets, [`${"*a".repeat(30)}b`])).toThrow("there is no target");
  expect(performance.now() - begun).toBeLessThan(1000);
});

test("the release of a target", () => {
  const names = selectTargets(targets, ["node:22", "lua:5.1-dev"]).map((one) => releaseOf(one));
  expect(names).toEqual(["node:22", "lua:5.1"]);
});

describe("releases", () => {
  test("are the pairs, in the order of the targets", () => {
    const releases = releasesOf(targets).map(({ runtime, dev }) => `${runtime.name} ${dev.name}`);
    expect(releases).toEqual([
      "node:22 node:22-dev",
      "node:20 node:20-dev",
      "lua:5.4 lua:5.4-dev",
      "lua:5.1 lua:5.1-dev",
    ]);
  });

  test("have a third variant where the catalog wants it", () => {
    const { targets: all } = parseCatalog(
      "catalog.yaml",
      GOOD_CATALOG.replace("    package: nodejs", "    debug: true\n    package: nodejs"),
    );
    const releases = releasesOf(all).map((release) =>
      eachOf(release)
        .map(({ name }) => name)
        .join(" "),
    );
    expect(releases).toEqual([
      "node:22 node:22-dev node:22-debug",
      "node:20 node:20-dev node:20-debug",
      "lua:5.4 lua:5.4-dev",
      "lua:5.1 lua:5.1-dev",
    ]);
  });

  test("need both variants", () => {
    expect(() => releasesOf(selectTargets(targets, ["node:22-dev"]))).toThrow(
      "node:22-dev comes without its pair node:22",
    );
  });
});
