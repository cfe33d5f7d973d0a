import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { processIdentity } from "../../../../scripts/system/state/identity.ts";
import {
  abandonedIn,
  makeRunFolder,
  mountPoints,
  ownerOf,
} from "../../../../scripts/system/state/run-folder.ts";
import { temporaryDirectory } from "../../../unit/formats/oci/sample-image.ts";

const DAY = 24 * 60 * 60 * 1000;

/** A folder as another process would have made it. */
async function folderOf(identity: string, made = Date.now(), name = "4711-abcDEF"): Promise<string> {
  const path = join(await temporaryDirectory(), name);
  await mkdir(path);
  await writeFile(join(path, "birdhouse-run.json"), JSON.stringify({ identity, pid: 4711, made }));
  return path;
}

const [boot = "", namespace = "", pid = "", start = ""] = (processIdentity() ?? "").split(" ");

it("knows its own folder", async () => {
  expect(await ownerOf(await makeRunFolder(await temporaryDirectory()))).toBe("own");
});

it("knows one of a process that has ended, also where its number is another's by now", async () => {
  const child = spawn("true");
  await once(child, "exit");
  expect(await ownerOf(await folderOf(`${boot} ${namespace} ${child.pid} 1`))).toBe("ended");
  expect(await ownerOf(await folderOf(`${boot} ${namespace} ${pid} ${Number(start) - 1}`))).toBe("ended");
});

it("takes one of another container or machine for running, until no run can last so long", async () => {
  for (const identity of [`${boot} pid:[1] 1 1`, `other-boot ${namespace} ${pid} ${start}`]) {
    expect(await ownerOf(await folderOf(identity))).toBe("running");
    expect(await ownerOf(await folderOf(identity, Date.now() - 3 * DAY))).toBe("ended");
  }
});

it("says nothing of what is not ours: without the mark, with another name, behind a link", async () => {
  const folder = await temporaryDirectory();
  const ended = `${boot} ${namespace} 1 1`;
  await mkdir(join(folder, "4711-abcDEF"));
  await mkdir(join(folder, "v8"));
  const real = await folderOf(ended);
  await symlink(real, join(folder, "4712-abcDEF"));
  for (const name of await readdir(folder)) expect(await ownerOf(join(folder, name))).toBe("unknown");
  expect(await ownerOf(await folderOf(ended, 0, "v8"))).toBe("unknown");
  expect(await abandonedIn(folder)).toEqual([]);
});

it("has a mark that tells nothing but whose it is", async () => {
  const path = await makeRunFolder(await temporaryDirectory());
  const mark = JSON.parse(await readFile(join(path, "birdhouse-run.json"), "utf8"));
  expect(Object.keys(mark).sort()).toEqual(["identity", "made", "pid"]);
});

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
