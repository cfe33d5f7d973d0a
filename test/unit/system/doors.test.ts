import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { codeFiles, PROJECT } from "../../support/code.ts";

/**
 * What is dangerous is done in one place each. This reads the code and names every file that goes past the doors to
 * files, processes and HTTP. The linter has the same rule; it cannot see `fetch`, nor what is loaded later.
 */

/** Of Node's `fs`, what only reads. */
const READERS = new Set([
  ...["access", "accessSync", "constants", "createReadStream", "existsSync", "lstat", "lstatSync", "opendir"],
  ...["readdir", "readdirSync", "readFile", "readFileSync", "readlink", "readlinkSync", "realpath"],
  ...["realpathSync", "stat", "statSync", "statfs", "statfsSync"],
]);

/** Where each may be used, by the beginning of the path. */
const DOORS: Readonly<Record<string, readonly string[]>> = {
  files: [
    ...["scripts/system/files/files.ts", "scripts/system/files/end.ts", "scripts/system/files/links.ts"],
    // A program of its own, which is put into images: what it holds decides their digests.
    "sandbox/apk/",
  ],
  processes: ["scripts/system/process"],
  // The sandbox's own server, and its apk.
  http: ["scripts/system/http", "sandbox/serve.ts", "sandbox/apk/"],
};

/** `import { a, b as c } from "m"`, `import * as m from "m"`, `export { a } from "m"`, `import("m")`, `require("m")`. */
const IMPORT =
  /(?:\b(import|export)\s+(type\s)?([^;"'()]*?)\s*from\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)["']([^"']+)["']/g;

/** What of a file's code goes past the doors: `files (rm)`. */
function usesOf(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
  const uses = [...code.matchAll(IMPORT)].flatMap(([, , type, names, name = ""]) => {
    if (type !== undefined) return [];
    const module = name.replace(/^node:/, "");
    if (/^(child_process|zx)$/.test(module)) return [`processes (${name})`];
    if (/^(undici|http|https|http2)$/.test(module)) return [`http (${name})`];
    if (!/^fs(\/promises)?$/.test(module)) return [];
    return writersOf(names).map((writer) => `files|${writer}`);
  });
  const writers = uses.filter((use) => use.startsWith("files|")).map((use) => use.slice("files|".length));
  const others = uses.filter((use) => !use.startsWith("files|"));
  const fetches = /(?<![\w.$#])(?:globalThis\.)?fetch\(/.test(code) ? ["http (fetch)"] : [];
  return [...(writers.length > 0 ? [`files (${writers.sort().join(", ")})`] : []), ...others, ...fetches];
}

/** Of the names of an import those that write; all of it, where it has no names. */
function writersOf(names: string | undefined): string[] {
  const list = /^\{([\s\S]*)\}$/.exec(names?.trim() ?? "")?.[1];
  if (list === undefined) return ["all of it"];
  return list
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "" && !one.startsWith("type "))
    .map((one) => one.replace(/\s+as\s[\s\S]*/, ""))
    .filter((one) => !READERS.has(one));
}

function isDoor(path: string, use: string): boolean {
  return (DOORS[use.slice(0, use.indexOf(" "))] ?? []).some((door) => path.startsWith(door));
}

describe("the doors", () => {
  const files = codeFiles().filter((name) => name.endsWith(".ts"));

  it("to files, processes and HTTP are the only ways there", () => {
    expect(files.length).toBeGreaterThan(300);
    const past = files.flatMap((path) =>
      usesOf(readFileSync(join(PROJECT, path), "utf8"))
        .filter((use) => !isDoor(path, use))
        .map((use) => `${path}: ${use}`),
    );
    expect(past).toEqual([]);
  });

  it.each([
    ['import { readFile, rm, type Dirent } from "node:fs/promises";', ["files (rm)"]],
    ['import {\n  mkdirSync,\n  existsSync as e,\n} from "fs";', ["files (mkdirSync)"]],
    ['import * as fs from "node:fs";', ["files (all of it)"]],
    ["const { rm } = await import('node:fs/promises');", ["files (all of it)"]],
    ['const fs = require("fs");', ["files (all of it)"]],
    ['export { rm } from "node:fs";', ["files (rm)"]],
    ['import { readFile } from "node:fs";\nimport { open } from "node:fs/promises";', ["files (open)"]],
    ['import { spawn } from "node:child_process";', ["processes (node:child_process)"]],
    ['const { $ } = await import("zx");', ["processes (zx)"]],
    ['import { Agent } from "undici";', ["http (undici)"]],
    ['import http from "node:http";', ["http (node:http)"]],
    ["await fetch(url);", ["http (fetch)"]],
    ["await globalThis.fetch(url);", ["http (fetch)"]],
    ['import type { Agent } from "undici";\nimport { readFile } from "node:fs/promises";', []],
    [
      '// import { rm } from "node:fs"\n/* fetch(x) */\nawait mirror.fetch(x); prefetch(y); this.#fetch(z);',
      [],
    ],
  ])("are gone past by %j", (code, uses) => {
    expect(usesOf(code)).toEqual(uses);
  });
});
