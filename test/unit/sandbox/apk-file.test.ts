import { createHash, verify } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gunzipSync } from "node:zlib";
import { extract } from "tar-stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeIndex, writePackage } from "../../../sandbox/mirror/apk-file.ts";
import type { Entry } from "../../../sandbox/mirror/data-member.ts";
import { ourKey, strangersKey } from "../../support/signing-keys.ts";

const key = ourKey();
const INFO = {
  name: "hello",
  version: "1.2.3-r4",
  description: "says hello",
  architecture: "x86_64",
  license: "MIT",
  depends: ["libc6", "tzdata"],
  provides: [],
};
const ENTRIES: readonly Entry[] = [
  { type: "directory", path: "usr", mode: 0o755 },
  { type: "directory", path: "usr/bin", mode: 0o755 },
  { type: "file", path: "usr/bin/hello", mode: 0o755, content: Buffer.from("hello") },
  { type: "link", path: "usr/bin/hi", target: "hello" },
];

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "birdhouse-apk-"));
});
afterAll(() => rm(directory, { recursive: true }));

/** The gzip members of a file: each begins with gzip's magic number and the method, deflate. */
function members(bytes: Buffer): Buffer[] {
  const magic = Buffer.from([0x1f, 0x8b, 0x08, 0x00]);
  const found: Buffer[] = [];
  for (let start = 0; start >= 0; ) {
    let end = bytes.indexOf(magic, start + 1);
    // The magic number may also occur within a member by chance: then what comes before does not unpack.
    while (end >= 0 && !unpacks(bytes.subarray(start, end))) end = bytes.indexOf(magic, end + 1);
    found.push(bytes.subarray(start, end < 0 ? bytes.length : end));
    start = end;
  }
  return found;
}

function unpacks(bytes: Buffer): boolean {
  try {
    gunzipSync(bytes);
    return true;
  } catch {
    return false;
  }
}

interface Unpacked {
  readonly name: string;
  readonly pax: unknown;
  readonly mtime: Date | undefined;
  readonly content: Buffer;
}

async function untar(bytes: Buffer): Promise<Unpacked[]> {
  const found: Unpacked[] = [];
  for await (const entry of Readable.from([gunzipSync(bytes)]).pipe(extract())) {
    const { name, pax, mtime } = entry.header;
    const chunks: Buffer[] = [];
    for await (const chunk of entry) chunks.push(chunk as Buffer);
    found.push({ name, pax, mtime, content: Buffer.concat(chunks) });
  }
  return found;
}

const sha1 = (bytes: string | Buffer, as: "hex" | "base64") => createHash("sha1").update(bytes).digest(as);

describe("writePackage", () => {
  let entry: string;
  let parts: Buffer[];
  let bytes: Buffer;
  beforeAll(async () => {
    const path = join(directory, "hello.apk");
    entry = await writePackage(path, INFO, ENTRIES, key);
    bytes = await readFile(path);
    parts = members(bytes);
  });

  it("writes signature, control and data, which together are one tar", async () => {
    expect(parts).toHaveLength(3);
    const names = (await untar(bytes)).map(({ name }) => name);
    expect(names.slice(0, 2)).toEqual([`.SIGN.RSA.${key.name}`, ".PKGINFO"]);
    expect(names).toContain("usr/bin/hello");
  });

  it("signs the control member", async () => {
    const [signature = Buffer.alloc(0), control = Buffer.alloc(0)] = parts;
    const [signed] = await untar(signature);
    expect(verify("sha1", control, key.publicKey, signed?.content ?? Buffer.alloc(0))).toBe(true);
  });

  it("tells in .PKGINFO the data's hash and size, and the programs in it", async () => {
    const [, control = Buffer.alloc(0), data = Buffer.alloc(0)] = parts;
    const pkginfo = (await untar(control))[0]?.content.toString() ?? "";
    expect(pkginfo).toContain("pkgname = hello\npkgver = 1.2.3-r4\n");
    expect(pkginfo).toContain("size = 5\n");
    expect(pkginfo).toContain("depend = libc6\ndepend = tzdata\n");
    expect(pkginfo).toContain("provides = cmd:hello=1.2.3-r4\nprovides = cmd:hi=1.2.3-r4\n");
    expect(pkginfo).toContain(`datahash = ${createHash("sha256").update(data).digest("hex")}\n`);
  });

  it("keeps the checksum of each file and link", async () => {
    const data = await untar(parts[2] ?? Buffer.alloc(0));
    const checksums = Object.fromEntries(data.map(({ name, pax }) => [name, pax]));
    expect(checksums["usr/bin/hello"]).toMatchObject({ "APK-TOOLS.checksum.SHA1": sha1("hello", "hex") });
    expect(checksums["usr/bin/hi"]).toMatchObject({ "APK-TOOLS.checksum.SHA1": sha1("hello", "hex") });
  });

  it("gives the index an entry that names the control member's checksum and the file's size", () => {
    expect(entry.split("\n").slice(0, 6)).toEqual([
      `C:Q1${sha1(parts[1] ?? "", "base64")}`,
      "P:hello",
      "V:1.2.3-r4",
      "A:x86_64",
      `S:${bytes.length}`,
      "I:5",
    ]);
    expect(entry).toContain("D:libc6 tzdata\n");
  });

  it("says when it was built, in the package, in its index and of each file", async () => {
    const path = join(directory, "built.apk");
    const said = await writePackage(path, { ...INFO, built: 1_700_000_000 }, ENTRIES, key);
    expect(said).toContain("\nt:1700000000\n");
    const [, control = Buffer.alloc(0)] = members(await readFile(path));
    expect((await untar(control))[0]?.content.toString()).toContain("\nbuilddate = 1700000000\n");
    const files = (await untar(await readFile(path))).slice(2);
    expect(new Set(files.map(({ mtime }) => mtime?.getTime()))).toEqual(new Set([1_700_000_000_000]));
  });

  it("writes the same bytes each time", async () => {
    const path = join(directory, "again.apk");
    await writePackage(path, INFO, ENTRIES, key);
    expect(Buffer.compare(await readFile(path), bytes)).toBe(0);
  });

  it("gives the same entry whatever the key, so that two sandboxes make the same images", async () => {
    const other = { ...strangersKey(), name: key.name };
    const path = join(directory, "other.apk");
    expect(await writePackage(path, INFO, ENTRIES, other)).toBe(entry);
    expect(Buffer.compare(await readFile(path), bytes)).not.toBe(0);
  });

  it("never says 0 of a package that has only links, which apk would not unpack", async () => {
    const links: Entry[] = [{ type: "link", path: "sh", target: "busybox" }];
    expect(await writePackage(join(directory, "links.apk"), INFO, links, key)).toContain("\nI:1\n");
    expect(await writePackage(join(directory, "empty.apk"), INFO, [], key)).toContain("\nI:0\n");
  });

  it("passes on what goes wrong with the files", async () => {
    async function* broken(): AsyncGenerator<Entry> {
      yield { type: "directory", path: "usr", mode: 0o755 };
      throw new Error("the disk is gone");
    }
    await expect(writePackage(join(directory, "broken.apk"), INFO, broken(), key)).rejects.toThrow(
      "the disk is gone",
    );
  });
});

describe("writeIndex", () => {
  it("writes a signature and the index", async () => {
    const path = join(directory, "APKINDEX.tar.gz");
    await writeIndex(path, "v3.22 sandbox", ["P:a\nV:1-r0\n", "P:b\nV:2-r0\n"], key);
    const [signature = Buffer.alloc(0), index = Buffer.alloc(0)] = members(await readFile(path));
    const [signed] = await untar(signature);
    expect(verify("sha1", index, key.publicKey, signed?.content ?? Buffer.alloc(0))).toBe(true);
    const files = (await untar(index)).map(({ name, content }) => [name, content.toString()]);
    expect(files).toEqual([
      ["DESCRIPTION", "v3.22 sandbox"],
      ["APKINDEX", "P:a\nV:1-r0\n\nP:b\nV:2-r0\n\n"],
    ]);
  });
});
