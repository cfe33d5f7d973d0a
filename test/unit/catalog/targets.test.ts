import { describe, expect, test } from "vitest";
import { parseCatalog } from "../../../scripts/catalog/load.ts";
import type { Target } from "../../../scripts/catalog/target.ts";
import { brokenCatalog, GOOD_CATALOG } from "./good-catalog.ts";

function targetsIn(text: string): Map<string, Target> {
  return new Map(parseCatalog("catalog.yaml", text).targets.map((target) => [target.name, target]));
}

test("images in the catalog's order, the newest version first, runtime before dev", () => {
  expect([...targetsIn(GOOD_CATALOG).keys()]).toEqual([
    "node:22",
    "node:22-dev",
    "node:20",
    "node:20-dev",
    "lua:5.4",
    "lua:5.4-dev",
    "lua:5.1",
    "lua:5.1-dev",
  ]);
});

test("a target holds all that is needed to build and to test it", () => {
  expect(targetsIn(GOOD_CATALOG).get("node:22")).toEqual({
    name: "node:22",
    image: "node",
    title: "node",
    version: "22",
    variant: "runtime",
    branch: "3.22",
    package: "nodejs",
    world: ["nodejs~22", "tzdata"],
    shared: ["tzdata"],
    env: { NODE_ENV: "production" },
    cmd: ["node"],
    shell: false,
    links: {},
    remove: [],
    truststore: false,
    platforms: ["linux/amd64", "linux/arm64"],
    tags: ["22", "lts", "latest"],
    description: "JavaScript",
    smoke: {
      version: ["node", "--version"],
      files: {},
      run: ["node", "-e", "console.log('hello, world')"],
    },
    place: "catalog.yaml:18:7",
  });
});

test("the world is the packages of defaults, image and version, sorted and each once", () => {
  const targets = targetsIn(GOOD_CATALOG);
  expect(targets.get("node:22-dev")?.world).toEqual(["git", "make", "nodejs~22", "npm", "pnpm"]);
  expect(targets.get("node:20-dev")?.world).toEqual(["git", "make", "nodejs~20", "npm"]);
});

test("a shell is a package in runtime and always there in dev", () => {
  const targets = targetsIn(GOOD_CATALOG);
  expect(targets.get("lua:5.1")).toMatchObject({
    shell: true,
    world: ["busybox-binsh", "lua5.1~5.1", "tzdata"],
  });
  expect(targets.get("lua:5.1-dev")).toMatchObject({ shell: true, world: ["git", "make"] });
  expect(targets.get("node:22-dev")?.shell).toBe(true);
});

test("placeholders are filled in, but not in the files of smoke", () => {
  const text = brokenCatalog(
    [
      "      shell: true",
      `      env: { A: "{{version}} {{branch}} {{compact}} {{version}}" }
      entrypoint: ["/usr/bin/lua{{version}}"]
      cmd: ["{{compact}}"]
      workdir: "/lua{{version}}"`,
    ],
    [
      "      run: [lua",
      '      version: ["lua{{version}}", -v]\n      build: ["luac{{version}}"]\n      run: [lua',
    ],
  );
  expect(targetsIn(text).get("lua:5.1")).toMatchObject({
    package: "lua5.1",
    world: ["lua5.1~5.1", "tzdata"],
    env: { A: "5.1 3.22 51 5.1" },
    entrypoint: ["/usr/bin/lua5.1"],
    cmd: ["51"],
    workdir: "/lua5.1",
    links: { "/usr/bin/lua": "lua5.1" },
    smoke: {
      version: ["lua5.1", "-v"],
      build: ["luac5.1"],
      files: { "a.lua": "print({{version}})" },
      run: ["lua", "-e", "print({{1}})"],
    },
  });
});

test("what the catalog does not say is not there, rather than undefined", () => {
  const target = targetsIn(GOOD_CATALOG).get("lua:5.1-dev") ?? {};
  for (const key of ["entrypoint", "cmd", "workdir"]) expect(key in target).toBe(false);
});

describe("tags", () => {
  function tagsOf(versions: string): Record<string, string> {
    const lines = versions.split("\n").map((line) => `      ${line}`);
    const text = GOOD_CATALOG.replace(/ {6}"5\.1": .*\n {6}"5\.4": .*/, () => lines.join("\n"));
    const ofLua = parseCatalog("catalog.yaml", text).targets.filter(({ image }) => image === "lua");
    return Object.fromEntries(ofLua.map(({ name, tags }) => [name.replace("lua:", ""), tags.join(" ")]));
  }

  test("the newest version has latest, by number and not by letter", () => {
    expect(tagsOf('"9": { branch: "3.22" }\n"10": { branch: "3.22" }')).toEqual({
      "10": "10 latest",
      "10-dev": "10-dev dev",
      "9": "9",
      "9-dev": "9-dev",
    });
  });

  test("a version that says so has latest, and one that says false has it never", () => {
    expect(tagsOf('"9": { branch: "3.22", latest: true }\n"10": { branch: "3.22" }')).toMatchObject({
      "9": "9 latest",
      "10": "10",
    });
    expect(tagsOf('"9": { branch: "3.22" }\n"10": { branch: "3.22", latest: false }')).toMatchObject({
      "9": "9 latest",
      "10": "10",
    });
  });

  test("a prefix belongs to the newest version that has it", () => {
    expect(
      tagsOf(
        '"3.9": { branch: "3.22" }\n"3.10": { branch: "3.22" }\n"2.7.1": { branch: "3.22" }\n"2.7.0": { branch: "3.22" }',
      ),
    ).toEqual({
      "3.10": "3.10 3 latest",
      "3.10-dev": "3.10-dev 3-dev dev",
      "3.9": "3.9",
      "3.9-dev": "3.9-dev",
      "2.7.1": "2.7.1 2.7 2",
      "2.7.1-dev": "2.7.1-dev 2.7-dev 2-dev",
      "2.7.0": "2.7.0",
      "2.7.0-dev": "2.7.0-dev",
    });
  });

  test("a prefix that is a version, or a tag of another, is left to it", () => {
    expect(tagsOf('"3": { branch: "3.20" }\n"3.10": { branch: "3.22" }')).toMatchObject({
      "3.10": "3.10 latest",
    });
    expect(tagsOf('"3.9": { branch: "3.20", tags: ["3"] }\n"3.10": { branch: "3.22" }')).toMatchObject({
      "3.9": "3.9 3",
      "3.10": "3.10 latest",
    });
  });

  test("a tag that a version has twice is there once", () => {
    expect(tagsOf('"3": { branch: "3.20", tags: ["3", lts, lts] }')).toMatchObject({ "3": "3 lts latest" });
  });
});
