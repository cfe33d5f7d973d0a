import { describe, expect, it } from "vitest";
import { foreignParts } from "../../../scripts/build/architecture.ts";

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
