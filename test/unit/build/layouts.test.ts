import { describe, expect, it } from "vitest";
import { foreignParts, packageSizes } from "../../../scripts/build/layouts.ts";
import { parseInstalled } from "../../../scripts/formats/alpine/installed.ts";
import { NOT_OF_A_PACKAGE, partsOf } from "../../../scripts/model/published.ts";

const X86_64 = 62;
const AARCH64 = 183;

describe("foreignParts", () => {
  const installed = [
    { name: "nodejs", architecture: "aarch64" },
    { name: "tzdata", architecture: "noarch" },
  ];

  it("are none where packages and programs are of the platform", () => {
    const machines = new Map([
      ["usr/bin/node", AARCH64],
      ["lib/ld-musl-aarch64.so.1", AARCH64],
    ]);
    expect(foreignParts("linux/arm64", installed, machines)).toEqual([]);
  });

  it("are packages that apk took of another architecture", () => {
    expect(foreignParts("linux/amd64", installed, new Map())).toEqual(["package nodejs is for aarch64"]);
  });

  it("are programs and libraries whose own bytes say so, and no data of a test", () => {
    const machines = new Map([
      ["usr/bin/node", X86_64],
      ["usr/lib/libz.so.1.3.1", X86_64],
      ["usr/lib/go/src/debug/elf/testdata/hello", X86_64],
    ]);
    expect(foreignParts("linux/arm64", installed, machines)).toEqual([
      "/usr/bin/node is for ELF machine 62",
      "/usr/lib/libz.so.1.3.1 is for ELF machine 62",
    ]);
  });
});

const DATABASE = `P:musl
V:1.2.5-r10
A:x86_64
F:lib
R:ld-musl-x86_64.so.1
R:libc.musl-x86_64.so.1

P:lua5.4
V:5.4.7-r0
A:x86_64
F:
R:top
F:usr/bin
R:lua5.4
R:removed

P:.build-deps
V:1
A:noarch

`;

/** Name → unpacked bytes, with these files in the image. */
function bytesByName(files: Readonly<Record<string, number>>): Record<string, number> {
  const sizes = packageSizes(new Map(Object.entries(files)), parseInstalled(DATABASE));
  return Object.fromEntries([...sizes].map(([name, { unpacked }]) => [name, unpacked]));
}

describe("packageSizes", () => {
  it("adds up the files of each package that the image has, the root's too, and names all packages", () => {
    const files = { "lib/ld-musl-x86_64.so.1": 600, "usr/bin/lua5.4": 200, top: 7, "etc/passwd": 30 };
    expect(bytesByName(files)).toEqual({ musl: 600, "lua5.4": 207, ".build-deps": 0 });
  });

  it("tells the version of each", () => {
    expect(packageSizes(new Map(), parseInstalled(DATABASE)).get("lua5.4")).toEqual({
      version: "5.4.7-r0",
      unpacked: 0,
    });
  });

  it("finds the owner of a file where /usr is merged", () => {
    expect(bytesByName({ "usr/lib/ld-musl-x86_64.so.1": 600 })).toMatchObject({ musl: 600 });
  });

  it("counts no file that only has the name of one in another directory", () => {
    expect(bytesByName({ "opt/usr/bin/lua5.4": 5, "usr/bin/top": 5 })).toMatchObject({ "lua5.4": 0 });
  });
});

describe("partsOf", () => {
  const packages = new Map([
    ["b", { version: "1", unpacked: 10 }],
    ["a", { version: "2", unpacked: 10 }],
    ["c", { version: "3", unpacked: 40 }],
  ]);

  it("has the largest first, and what is of no package among them, so that all adds up", () => {
    expect(partsOf({ compressed: 1, unpacked: 75, packages })).toEqual([
      { name: "c", version: "3", unpacked: 40 },
      { name: NOT_OF_A_PACKAGE, unpacked: 15 },
      { name: "a", version: "2", unpacked: 10 },
      { name: "b", version: "1", unpacked: 10 },
    ]);
  });

  it("has packages alone where they are all there is", () => {
    expect(partsOf({ compressed: 1, unpacked: 60, packages }).map(({ name }) => name)).toEqual([
      "c",
      "a",
      "b",
    ]);
  });
});
