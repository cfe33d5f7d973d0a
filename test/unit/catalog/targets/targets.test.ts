import { expect, test } from "vitest";
import { parseCatalog } from "../../../../scripts/catalog/load.ts";
import { renameWorld } from "../../../../scripts/catalog/targets/renames.ts";
import type { Target } from "../../../../scripts/model/target.ts";
import { brokenCatalog, GOOD_CATALOG, targetsByName } from "../good-catalog.ts";

function targetsIn(text: string): Map<string, Target> {
  return targetsByName(parseCatalog("catalog.yaml", text));
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
    repository: "main",
    world: ["nodejs~22", "tzdata"],
    shared: ["tzdata"],
    env: { NODE_ENV: "production" },
    cmd: ["node"],
    shell: false,
    links: {},
    remove: [],
    truststore: false,
    files: {},
    user: { name: "nonroot", uid: 65532, gid: 65532 },
    labels: {},
    expose: [],
    volumes: [],
    platforms: ["linux/amd64", "linux/arm64"],
    policy: { for: "anything", keep: 10 },
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

test("the environment is that of defaults, of the image and of the version, and the nearest wins", () => {
  const targets = targetsIn(
    brokenCatalog(
      ["    packages: [tzdata]", "    packages: [tzdata]\n    env: { A: all, NODE_ENV: all, B: all }"],
      ['"20": { branch: "3.20" }', '"20": { branch: "3.20", runtime: { env: { B: "{{version}}" } } }'],
    ),
  );
  expect(targets.get("node:22")?.env).toEqual({ A: "all", NODE_ENV: "production", B: "all" });
  expect(targets.get("node:20")?.env).toEqual({ A: "all", NODE_ENV: "production", B: "20" });
  expect(targets.get("node:20-dev")?.env).toEqual({});
});

test("layers are the lists that an image asks for all of, up to one that it does not", () => {
  const targets = targetsIn(
    brokenCatalog(
      ["    packages: [make, git, make]", "    packages: [git]\n    layers: [[make, gcc], [g++], [npm]]"],
      ['"nodejs~{{version}}", npm]', '"nodejs~{{version}}", npm, gcc, make]'],
    ),
  );
  expect(targets.get("node:22-dev")?.layers).toEqual([["gcc", "make"]]);
  expect(targets.get("node:22-dev")?.shared).toEqual(["git"]);
  for (const name of ["node:22", "lua:5.4-dev"]) expect("layers" in (targets.get(name) ?? {})).toBe(false);
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

test("the package of a version stands for {{package}}, and may be another in one version", () => {
  const text = brokenCatalog(
    ['package: "lua{{version}}"', 'package: "lua{{compact}}"'],
    ['"5.4": { branch: "3.22" }', '"5.4": { branch: "3.22", package: "luajit{{branch}}" }'],
    ['packages: ["lua{{version}}~{{version}}"]', 'packages: ["{{package}}~{{version}}", "{{package}}-dev"]'],
    ['/usr/bin/lua: "lua{{version}}"', '/usr/bin/lua: "{{package}}"'],
  );
  const targets = targetsIn(text);
  expect(targets.get("lua:5.1")).toMatchObject({
    package: "lua51",
    world: ["busybox-binsh", "lua51-dev", "lua51~5.1", "tzdata"],
    links: { "/usr/bin/lua": "lua51" },
  });
  expect(targets.get("lua:5.4")).toMatchObject({
    package: "luajit3.22",
    world: ["busybox-binsh", "luajit3.22-dev", "luajit3.22~5.4", "tzdata"],
  });
});

test("packages are called as their branch calls them, those of defaults and of the shell too", () => {
  const text = brokenCatalog([
    "images:",
    `renamed:
  tzdata: { "3.20": [tz, tz-doc] }
  git: { "3.20": [] }
  npm: { "3.19": [nodejs-npm] }
  busybox-binsh: { "3.22": [busybox] }
images:`,
  ]);
  const targets = targetsIn(text);
  expect(targets.get("node:20")).toMatchObject({
    world: ["nodejs~20", "tz", "tz-doc"],
    shared: ["tz", "tz-doc"],
  });
  expect(targets.get("node:20-dev")).toMatchObject({ world: ["make", "nodejs~20", "npm"], shared: ["make"] });
  expect(targets.get("node:22")?.world).toEqual(["nodejs~22", "tzdata"]);
  expect(targets.get("lua:5.4")?.world).toEqual(["busybox", "lua5.4~5.4", "tzdata"]);
});

test("a target ends with its version or its branch, whichever ends first", () => {
  const text = brokenCatalog(
    ["images:", 'branches: { "3.20": { eol: 2026-04-01 }, "3.22": { eol: 2027-05-01 } }\nimages:'],
    ['"20": { branch: "3.20" }', '"20": { branch: "3.20", eol: 2026-04-30 }'],
    ["tags: [lts]", "eol: 2027-04-30"],
  );
  const targets = targetsIn(text);
  const ends = ["node:20", "node:22-dev", "lua:5.4"].map((name) => targets.get(name)?.endOfLife);
  expect(ends).toEqual(["2026-04-01", "2027-04-30", "2027-05-01"]);
});

test("what has ended is built without being named only where the catalog or the image says so", () => {
  const wanted = (...changes: [string, string][]) =>
    [...targetsIn(brokenCatalog(...changes))].flatMap(([name, { evenArchived }]) =>
      evenArchived ? [name.split(":")[0]] : [],
    );
  const all: [string, string] = ["images:", "archived: true\nimages:"];
  expect(wanted()).toEqual([]);
  expect(new Set(wanted(all))).toEqual(new Set(["node", "lua"]));
  expect(new Set(wanted(["    description: Lua", "    archived: true\n    description: Lua"]))).toEqual(
    new Set(["lua"]),
  );
  expect(new Set(wanted(all, ["    description: Lua", "    archived: false\n    description: Lua"]))).toEqual(
    new Set(["node"]),
  );
});

test("what is cut out is cut out of runtime, and each variant has its budget", () => {
  const text = brokenCatalog(
    [
      "      shell: true",
      `      remove: ["/usr/lua{{version}}"]
      jlink: [java.base]
      truststore: true
      budget: 1.5 MiB
    dev: { budget: 200 MB }`,
    ],
    ['"5.1": { branch: "3.22" }', '"5.1": { branch: "3.22", runtime: { budget: 2 kB } }'],
  );
  const targets = targetsIn(text);
  expect(targets.get("lua:5.4")).toMatchObject({
    remove: ["/usr/lua5.4"],
    jlink: ["java.base"],
    truststore: true,
    budget: 1_572_864,
  });
  expect(targets.get("lua:5.1")?.budget).toBe(2000);
  const dev = targets.get("lua:5.4-dev");
  expect(dev).toMatchObject({ remove: [], truststore: false, budget: 200_000_000 });
  expect(dev && "jlink" in dev).toBe(false);
});

test("an example lies beside the catalog, and not on the versions that it does not run on", () => {
  const text = brokenCatalog(
    [
      "    smoke:\n      files",
      `    example:
      dependencies: [luarocks, install]
      test: [lua, test.lua]
      run: ["lua{{version}}", app.lua]
      output: |
        hello from {{version}}
    smoke:\n      files`,
    ],
    ['"5.1": { branch: "3.22" }', '"5.1": { branch: "3.22", example: false }'],
  );
  const targets = targetsByName(parseCatalog("teams/catalog.yaml", text));
  expect(targets.get("lua:5.4")?.example).toEqual({
    directory: "teams/examples/lua",
    dependencies: ["luarocks", "install"],
    test: ["lua", "test.lua"],
    run: ["lua5.4", "app.lua"],
    output: "hello from 5.4",
  });
  expect(targets.get("lua:5.4-dev")?.example).toBeDefined();
  for (const name of ["lua:5.1", "node:22"]) expect(targets.get(name)?.example).toBeUndefined();
});

const RENAMES = {
  npm: { "3.8": [], "3.15": ["nodejs-npm"] },
  "alpine-baselayout-data": { "3.15": ["alpine-baselayout"] },
  python3: { "3.5": ["python3-base", "python3-libs"] },
};

test.each([
  ["npm", "3.9", ["nodejs-npm"]],
  ["npm", "3.15", ["nodejs-npm"]],
  ["npm", "3.16", ["npm"]],
  // By number, not by letter; and of two entries the older one tells of what is older still.
  ["npm", "3.8", []],
  ["npm", "3.3", []],
  ["npm~10.1", "3.10", ["nodejs-npm~10.1"]],
  ["!npm", "3.10", ["!nodejs-npm"]],
  ["npm-doc", "3.10", ["npm-doc"]],
  ["cmd:npm", "3.10", ["cmd:npm"]],
  ["python3", "3.5", ["python3-base", "python3-libs"]],
  ["alpine-baselayout-data", "3.22", ["alpine-baselayout-data"]],
])("%s on %s: %j", (item, branch, world) => {
  expect(renameWorld(["first", item, "last"], branch, RENAMES)).toEqual(["first", ...world, "last"]);
});

test("a third variant is runtime with a shell, where the catalog wants it", () => {
  const text = GOOD_CATALOG.replace(
    "      cmd: [node]\n",
    "      cmd: [node]\n      budget: 30 MB\n",
  ).replace("    package: nodejs\n", "    package: nodejs\n    debug: true\n");
  const { targets: all } = parseCatalog("catalog.yaml", text);
  const of = (name: string) => all.find((target) => target.name === name);
  const [runtime, debug] = [of("node:22"), of("node:22-debug")];
  expect(debug).toEqual({
    ...runtime,
    name: "node:22-debug",
    variant: "debug",
    shell: true,
    world: [...(runtime?.world ?? []), "busybox-binsh"].toSorted(),
    tags: runtime?.tags.map((tag) => (tag === "latest" ? "debug" : `${tag}-debug`)),
    budget: undefined,
  });
  expect(all.filter(({ variant }) => variant === "debug").map(({ name }) => name)).toEqual([
    "node:22-debug",
    "node:20-debug",
  ]);
});
