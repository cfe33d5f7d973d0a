import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { binfmtHandlers, isEmulated } from "../../../scripts/engine/emulation.ts";
import { temporaryDirectory } from "../formats/oci/sample-image.ts";

/** As Debian's qemu-user-static registers it. */
function handler({ state = "enabled", flags = "POCF", machine = "b700" } = {}): string {
  return `${state}
interpreter /usr/libexec/qemu-binfmt/aarch64-binfmt-P
flags: ${flags}
offset 0
magic 7f454c460201010000000000000000000200${machine}
mask ffffffffffffff00fffffffffffffffffeffffff
`;
}

describe("isEmulated", () => {
  it("is so where a handler for the platform's programs is enabled, and its emulator is held open", () => {
    expect(isEmulated("linux/arm64", [handler()])).toBe(true);
    expect(isEmulated("linux/amd64", [handler({ machine: "3e00" })])).toBe(true);
  });

  it.each([
    ["it is for another machine", { machine: "f300" }],
    ["it is switched off", { state: "disabled" }],
    ["its emulator would be looked for in the container", { flags: "POC" }],
  ])("is not so where %s", (_, changes) => {
    expect(isEmulated("linux/arm64", [handler(changes)])).toBe(false);
  });

  it("is not so of handlers for scripts, and where there is none", () => {
    expect(
      isEmulated("linux/arm64", ["enabled\ninterpreter /usr/bin/python3\nflags: F\nextension .py\n"]),
    ).toBe(false);
    expect(isEmulated("linux/arm64", [])).toBe(false);
  });
});

describe("binfmtHandlers", () => {
  it("are the texts of all files there; of a directory that is not there, none", async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, "status"), "enabled\n");
    await writeFile(join(directory, "qemu-aarch64"), handler());
    expect(await binfmtHandlers(directory)).toEqual([handler(), "enabled\n"]);
    expect(await binfmtHandlers(join(directory, "nothing"))).toEqual([]);
  });
});
