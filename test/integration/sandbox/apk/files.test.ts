import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { parseArguments } from "../../../../sandbox/apk/arguments.ts";
import { runApk } from "../../../../sandbox/apk/commands.ts";
import { formatInstalled } from "../../../../sandbox/apk/database.ts";
import { unpack } from "../../../../sandbox/apk/unpack.ts";
import { INSTALLED_PATH, parseInstalled } from "../../../../scripts/formats/alpine/installed.ts";
import { run, tryRun } from "../../../../scripts/system/process/process.ts";
import { noFixtures, rootfsFile } from "../../../support/alpine-fixtures.ts";
import { writePlainModule } from "../../../support/plain-module.ts";
import { tar } from "../../../support/tiny-tar.ts";
import { writeSampleRepository } from "../../../unit/sandbox/apk/sample-repository.ts";

const allow = () => undefined;

const work = mkdtempSync(join(tmpdir(), "birdhouse-apk-files-"));
const folder = join(work, "mirror/main/x86_64");
let key: { name: string; publicKey: string };
let root: string;
let count = 0;

beforeAll(async () => {
  key = await writeSampleRepository(join(work, "mirror"));
});
beforeEach(() => {
  root = join(work, `root-${count++}`);
  mkdirSync(join(root, "etc/apk/keys"), { recursive: true });
  writeFileSync(join(root, "etc/apk/keys", key.name), key.publicKey);
});
afterAll(() => rmSync(work, { recursive: true }));

/** Runs our apk on a mirror in a directory. */
async function apk(...args: readonly string[]): Promise<{ code: number; output: string; bytes: Buffer }> {
  let output = "";
  const written: Uint8Array[] = [];
  const print = (line: string) => {
    output += `${line}\n`;
  };
  const where = ["--root", root, "--arch", "x86_64", "--repository", join(work, "mirror/main")];
  const code = await runApk(parseArguments([...where, ...args]), {
    print,
    error: print,
    write: (bytes) => void written.push(bytes),
  });
  return { code, output, bytes: Buffer.concat(written) };
}

/** Changes one byte of a file of the mirror for as long as an action takes. */
async function withDamage(name: string, offset: number, action: () => Promise<void>): Promise<void> {
  const file = join(folder, name);
  const good = readFileSync(file);
  const bad = Buffer.from(good);
  const position = offset < 0 ? bad.length + offset : offset;
  bad.writeUInt8(bad.readUInt8(position) ^ 1, position);
  writeFileSync(file, bad);
  await action().finally(() => writeFileSync(file, good));
}

describe("a package", () => {
  it("is refused when its data or control was changed", async () => {
    for (const offset of [-1, -12, -30, 600]) {
      await withDamage("libc-1.2.5-r0.apk", offset, async () => {
        await expect(apk("add", "--initdb", "libc")).rejects.toThrow(
          "libc-1.2.5-r0.apk: this package cannot be used",
        );
      });
    }
    expect(existsSync(join(root, "lib/libc.so.1"))).toBe(false);
    expect((await apk("add", "libc")).output).toContain("in 1 packages");
  });

  it("is fetched to standard output as it is, alone and checked", async () => {
    const { output, bytes } = await apk("fetch", "--quiet", "--stdout", "libc", "shell-a");
    const files = ["libc-1.2.5-r0.apk", "shell-a-1.0-r0.apk"].map((file) => readFileSync(join(folder, file)));
    expect(bytes).toEqual(Buffer.concat(files));
    expect(output).toBe("");
    await expect(apk("fetch", "--stdout", "nothing")).rejects.toThrow("nothing: no such package");
    await expect(apk("fetch", "libc")).rejects.toThrow("--stdout");
    await withDamage("libc-1.2.5-r0.apk", -1, async () => {
      await expect(apk("fetch", "--stdout", "libc")).rejects.toThrow("this package cannot be used");
    });
  });

  it("is refused when it is another one", async () => {
    const file = join(folder, "libc-1.2.5-r0.apk");
    const good = readFileSync(file);
    writeFileSync(file, readFileSync(join(folder, "shell-a-1.0-r0.apk")));
    await expect(apk("add", "--initdb", "libc")).rejects.toThrow("not the package that the index means");
    writeFileSync(file, good);
  });

  it("is not there when its file is missing, and the message says where it should be", async () => {
    const file = join(folder, "thief-1.0-r0.apk");
    const good = readFileSync(file);
    rmSync(file);
    await expect(apk("add", "--initdb", "thief")).rejects.toThrow(`${file}: this package cannot be fetched`);
    writeFileSync(file, good);
  });

  it("does not overwrite a file of another", async () => {
    await apk("add", "--initdb", "app");
    await expect(apk("add", "thief")).rejects.toThrow(
      "thief-1.0-r0: trying to overwrite usr/share/app owned by app",
    );
    expect(readFileSync(join(root, "usr/share/app"), "utf8")).toBe("app");
  });
});

describe("an index", () => {
  it("is refused when it was changed, and passed over when it is not there", async () => {
    await withDamage("APKINDEX.tar.gz", -20, async () => {
      await expect(apk("add", "--initdb", "libc")).rejects.toThrow(
        "APKINDEX.tar.gz: this package index cannot be used",
      );
    });
    const { code, output } = await apk("add", "--repository", "/nowhere", "libc");
    expect(code).toBe(0);
    expect(output).toContain("WARNING: opening /nowhere/x86_64: ");
  });
});

describe("unpacking", () => {
  it.each(["../out", "/out", "a/../../out", "a/../out/../.."])("refuses the path %j", (path) => {
    expect(() => unpack(tar({ [path]: "x" }), root, allow)).toThrow("leads out of the root");
    expect(existsSync(join(work, "out"))).toBe(false);
  });

  it("does not follow a link out of the root", () => {
    symlinkSync(work, join(root, "away"));
    expect(() => unpack(tar({ "away/out": "x" }), root, allow)).toThrow("leads out of the root");
    symlinkSync("etc", join(root, "settings"));
    unpack(tar({ "settings/inside": "x" }), root, allow);
    expect(readFileSync(join(root, "etc/inside"), "utf8")).toBe("x");
  });

  it("replaces a link by a file instead of writing through it", () => {
    writeFileSync(join(work, "precious"), "precious");
    symlinkSync(join(work, "precious"), join(root, "file"));
    unpack(tar({ file: "new" }), root, allow);
    expect(readFileSync(join(work, "precious"), "utf8")).toBe("precious");
    expect(readFileSync(join(root, "file"), "utf8")).toBe("new");
  });
});

describe("the command line", () => {
  it("prints, exits and complains as apk does", async () => {
    const main = join(work, "main.mjs");
    await writePlainModule("sandbox/apk/main.ts", main);
    const node = [process.execPath, main];
    const [order, architecture, unknown, failed] = await Promise.all([
      run([...node, "version", "-t", "1.10", "1.9"]),
      run([...node, "--root", root, "--arch", "aarch64", "--print-arch"]),
      tryRun([...node, "frobnicate"]),
      tryRun([...node, "add", "--root", root, "libc"]),
    ]);
    expect(order.stdout).toBe(">\n");
    expect(architecture.stdout).toBe("aarch64\n");
    expect(unknown.exitCode).toBe(1);
    expect(unknown.stderr).toContain("'frobnicate' is not an apk command");
    expect(failed.exitCode).toBe(1);
    expect(failed.stderr).toContain("--initdb");
  });

  it("refuses what it does not understand", async () => {
    expect(() => parseArguments(["add", "--frobnicate"])).toThrow("--frobnicate");
    await expect(apk("add", "--initdb", "libc@edge")).rejects.toThrow("'libc@edge': repositories with a tag");
    await expect(apk("add", "a b")).rejects.toThrow("'a b' is not a valid world dependency");
    expect((await apk("info", "nosuch")).code).toBe(1);
  });

  it("tells with `update` how many packages there are", async () => {
    await apk("add", "--initdb");
    expect((await apk("update")).output).toContain("OK: 10 distinct packages available");
  });
});

describe.skipIf(noFixtures)(`Alpine's own databases${noFixtures ? ` (skipped: ${noFixtures})` : ""}`, () => {
  it.each(["3.20", "3.18", "3.9"] as const)("%s is written again as it was read", (branch) => {
    const text = rootfsFile(branch, INSTALLED_PATH);
    expect(formatInstalled(parseInstalled(text))).toBe(text);
  });
});
