import { describe, expect, it } from "vitest";
import { INSTALLED_PATH, ownedFiles, parseInstalled } from "../../../../scripts/formats/alpine/installed.ts";
import { noFixtures, rootfsFile } from "../../../support/alpine-fixtures.ts";

const DATABASE = `C:Q1zguJPov1/d790pIzRI2SLG+4roM=
P:busybox
V:1.36.1-r29
A:x86_64
S:508595
I:946176
T:Tiny
U:https://busybox.net/
L:GPL-2.0-only
D:so:libc.musl-x86_64.so.1
r:busybox-initscripts
q:10
F:
R:init
F:tmp
M:0:0:1777
F:bin
R:busybox
a:0:0:755
Z:Q1pIfZ7SzRpTMRyrBHqCvnFdqXfQ4=
R:sh

P:.build-deps
V:20240101.000000
A:noarch
S:0
I:0
`;

describe("the database of what is installed", () => {
  it("tells of packages and the files that each owns", () => {
    const [busybox, virtual, ...more] = parseInstalled(DATABASE);
    expect(more).toEqual([]);
    expect(virtual).toMatchObject({ name: ".build-deps", directories: [] });
    expect(busybox).toMatchObject({
      name: "busybox",
      version: "1.36.1-r29",
      dependencies: "so:libc.musl-x86_64.so.1",
      replaces: "busybox-initscripts",
      replacesPriority: 10,
      origin: "busybox",
    });
    expect(busybox?.directories).toEqual([
      { path: "", files: [{ name: "init" }] },
      { path: "tmp", access: { uid: 0, gid: 0, mode: 0o1777 }, files: [] },
      {
        path: "bin",
        files: [
          {
            name: "busybox",
            access: { uid: 0, gid: 0, mode: 0o755 },
            checksum: "Q1pIfZ7SzRpTMRyrBHqCvnFdqXfQ4=",
          },
          { name: "sh" },
        ],
      },
    ]);
    expect(busybox && ownedFiles(busybox)).toEqual(["init", "bin/busybox", "bin/sh"]);
  });

  it("may be empty", () => {
    expect(parseInstalled("")).toEqual([]);
  });

  it.each([
    ["P:busybox", "P:../busybox", "line 22"],
    ["F:\n", "", "line 13"],
    ["a:0:0:755", "a:root", "line 19"],
    ["T:Tiny", "Tiny", "line 7"],
  ])("with %j in place of %j is refused, and the line is named", (there, instead, where) => {
    expect(() => parseInstalled(DATABASE.replace(there, instead))).toThrow(where);
  });
});

describe.skipIf(noFixtures)(`Alpine's own databases${noFixtures ? ` (skipped: ${noFixtures})` : ""}`, () => {
  it.each([
    ["3.20", 14, "musl-1.2.5-r0"],
    ["3.18", 15, "musl-1.2.4-r2"],
    ["3.9", 14, "musl-1.1.20-r5"],
  ] as const)("%s has %d packages", (branch, count, musl) => {
    const packages = parseInstalled(rootfsFile(branch, INSTALLED_PATH));
    expect(packages).toHaveLength(count);
    expect(packages.map(({ name, version }) => `${name}-${version}`)).toContain(musl);
    expect(packages.flatMap((one) => ownedFiles(one))).toContain("bin/busybox");
    expect(packages.map(({ other }) => other)).toEqual(packages.map(() => ({})));
  });
});
