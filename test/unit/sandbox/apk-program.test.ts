import { describe, expect, it } from "vitest";
import { parseLdd } from "../../../sandbox/base/apk-program.ts";

describe("parseLdd", () => {
  it("finds the libraries and the loader", () => {
    const output = [
      "\tlinux-vdso.so.1 (0x00007ffc)",
      "\tlibdl.so.2 => /lib/x86_64-linux-gnu/libdl.so.2 (0x00007f1)",
      "\tlibstdc++.so.6 => /usr/lib/libstdc++.so.6 (0x00007f2)",
      "\t/lib64/ld-linux-x86-64.so.2 (0x00007f3)",
    ].join("\n");
    expect(parseLdd(output)).toEqual({
      loader: "/lib64/ld-linux-x86-64.so.2",
      libraries: ["/lib/x86_64-linux-gnu/libdl.so.2", "/usr/lib/libstdc++.so.6"],
    });
  });

  it("finds a loader that the machine's linker names by an arrow", () => {
    const output =
      "\tlibc.so.6 => /lib/libc.so.6 (0x1)\n\t/lib/ld-linux-aarch64.so.1 => /usr/lib/ld-linux-aarch64.so.1 (0x2)\n";
    expect(parseLdd(output).loader).toBe("/usr/lib/ld-linux-aarch64.so.1");
  });

  it("refuses a program that is linked statically", () => {
    expect(() => parseLdd("\tnot a dynamic executable")).toThrow(/no loader/);
  });
});
