import { describe, expect, it } from "vitest";
import { apkVersion, parsePackages, parseRelations } from "../../../sandbox/debian-control.ts";

describe("apkVersion", () => {
  it.each([
    ["22.23.3-1", "22.23.3-r1"],
    ["3.11.2-6+deb12u8", "3.11.2-r6"],
    ["5.40.1-6+deb13u1", "5.40.1-r6"],
    ["1:1.2.13.dfsg-1", "1.2.13-r1"],
    ["4:14.2.0-1", "14.2.0-r1"],
    ["2026b-0+deb12u1", "2026b-r0"],
    ["2.4+20151223.gitfa8646d.1-2+b2", "2.4-r2"],
    ["3.6.1+dfsg+~3.5.14-1", "3.6.1-r1"],
    ["2.9.0-1~deb13u1", "2.9.0-r1"],
    ["33", "33-r0"],
    ["0.1.9-svn-3", "0.1.9-r3"],
  ])("%s becomes %s", (debian, apk) => {
    expect(apkVersion(debian)).toBe(apk);
  });
});

describe("parseRelations", () => {
  it("keeps the names, without versions, architectures and multi-arch marks", () => {
    expect(parseRelations("libc6 (>= 2.36), python3:any, a | b (<< 2) | c [amd64]")).toEqual([
      ["libc6"],
      ["python3"],
      ["a", "b", "c"],
    ]);
  });

  it("finds none in an empty field", () => {
    expect(parseRelations("")).toEqual([]);
  });
});

describe("parsePackages", () => {
  it("reads stanzas, and puts Pre-Depends first", () => {
    const text = [
      "Package: libc6",
      "Version: 2.36-9",
      "Size: 2757204",
      "Depends: libgcc-s1",
      "Pre-Depends: loader",
      "Description: GNU C Library",
      " that all programs need",
      "",
      "Package: perl-base",
      "Version: 5.36.0-7",
      "Provides: perlapi-5.36.0 (= 1), libfile-path-perl",
      "",
    ].join("\n");
    const packages = parsePackages(text);
    expect([...packages.keys()]).toEqual(["libc6", "perl-base"]);
    expect(packages.get("libc6")).toEqual({
      name: "libc6",
      version: "2.36-9",
      description: "GNU C Library",
      depends: [["loader"], ["libgcc-s1"]],
      size: 2_757_204,
      provides: [],
    });
    expect(packages.get("perl-base")?.provides).toEqual(["perlapi-5.36.0", "libfile-path-perl"]);
  });
});

describe("the size of a package", () => {
  it("is 0 where it is not said, or is no number", () => {
    const packages = parsePackages("Package: a\n\nPackage: b\nSize: much\n\nPackage: c\nSize: 7\n");
    expect([...packages.values()].map(({ size }) => size)).toEqual([0, 0, 7]);
  });
});
