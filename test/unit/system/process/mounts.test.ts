import { describe, expect, it } from "vitest";
import { mountPoints } from "../../../../scripts/system/process/mounts.ts";

describe("mountPoints", () => {
  it("gives the fifth field of each line, in the table's order", () => {
    const table = [
      "22 1 0:21 / / rw,relatime shared:1 - ext4 /dev/vda1 rw",
      "36 35 98:0 /mnt1 /store/a rw,noatime master:1 - ext3 /dev/root rw,errors=continue",
      "41 36 0:40 / /store/a/proc rw - proc proc rw",
      "",
    ].join("\n");
    expect(mountPoints(table)).toEqual(["/", "/store/a", "/store/a/proc"]);
  });

  it.each([
    ["/a\\040b", "/a b"],
    ["/a\\011b\\012c", "/a\tb\nc"],
    ["/a\\134040", "/a\\040"],
    ["/a\\043", "/a#"],
    ["/plain-1.0", "/plain-1.0"],
  ])("reads %s as %j", (written, point) => {
    expect(mountPoints(`36 35 98:0 / ${written} rw - ext4 /dev/vda1 rw\n`)).toEqual([point]);
  });

  it("finds none in an empty table, as on a system without one", () => {
    expect(mountPoints("")).toEqual([]);
  });
});
