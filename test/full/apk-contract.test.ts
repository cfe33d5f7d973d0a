import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseArguments } from "../../sandbox/apk/arguments.ts";
import { runApk } from "../../sandbox/apk/commands.ts";
import { INSTALLED_PATH } from "../../scripts/formats/alpine/installed.ts";
import { messageOf } from "../../scripts/system/errors.ts";
import { type FileServer, serveFiles } from "../support/file-server.ts";
import { noRealApk, type RealApk, unpackRealApk } from "../support/real-apk.ts";
import { writeSampleRepository } from "../unit/sandbox/apk/sample-repository.ts";

const OPTIONS = ["--no-scripts", "--no-cache", "--arch", "x86_64"];

/** The same command lines for Alpine's apk and for ours, each in a new root of its own. */
describe.skipIf(noRealApk)(`ours beside the real apk${noRealApk ? ` (skipped: ${noRealApk})` : ""}`, () => {
  const work = mkdtempSync(join(tmpdir(), "birdhouse-apk-"));
  let real: RealApk;
  let server: FileServer;
  let publicKey: { name: string; publicKey: string };
  let roots = 0;

  beforeAll(async () => {
    real = await unpackRealApk();
    publicKey = await writeSampleRepository(join(work, "mirror"));
    server = await serveFiles(join(work, "mirror"));
  });
  afterAll(async () => {
    await server.close();
    real.remove();
    rmSync(work, { recursive: true });
  });

  function newRoot(parent: string): string {
    const root = join(parent, `root-${roots++}`);
    mkdirSync(join(root, "etc/apk/keys"), { recursive: true });
    writeFileSync(join(root, "etc/apk/keys", publicKey.name), publicKey.publicKey);
    writeFileSync(join(root, "etc/apk/repositories"), `${server.url}/main\n`);
    return root;
  }

  /** Runs command lines in two new roots, until one fails. */
  async function both(...lines: readonly string[]) {
    const theirRoot = newRoot(real.root);
    const ourRoot = newRoot(work);
    const theirs = { root: theirRoot, output: "", failed: false };
    const ours = { root: ourRoot, output: "", failed: false };
    for (const line of lines) {
      const words = [...line.split(" "), ...(/^(add|upgrade)/.test(line) ? OPTIONS : [])];
      const result = await real.apk("--root", theirRoot.slice(real.root.length), ...words);
      // It looks for a cached index where it needs none. We do not.
      theirs.output += result.output.replaceAll(/^WARNING: opening from cache .*\n/gm, "");
      theirs.failed ||= result.exitCode !== 0;
      const print = (text: string) => {
        ours.output += `${text}\n`;
      };
      const code = await runApk(parseArguments(["--root", ourRoot, ...words]), {
        print,
        error: print,
        write: () => {},
      }).catch((error: unknown) => {
        print(`ERROR: ${messageOf(error)}`);
        return 1;
      });
      ours.failed ||= code !== 0;
    }
    return { theirs, ours };
  }

  it.each([
    [["add --initdb"]],
    [["add --initdb app"]],
    [["add --initdb tool=21.0-r0 shell-b"]],
    [["add --initdb tool", "add shell-a", "del tool"]],
    [["add --initdb tool=21.0-r0", "add tool"]],
    [["add --initdb tool=21.0-r0", "add tool~22"]],
    [["add --initdb tool<22", "add app"]],
    [["add --initdb app !shell-b"]],
    [["add --initdb editor-b editor"]],
    [["add --initdb", "add --virtual .tools tool", "del .tools"]],
    [["add --initdb tool app", "info", "info -v"]],
    [["add --initdb cmd:tool so:libc.so.1"]],
    [["add --initdb tool=21.0-r0 shell-a", "add tool>1", "upgrade"]],
    [["add --initdb", "add --simulate app"]],
  ])("does the same: %s", async (lines) => {
    const { theirs, ours } = await both(...lines);
    expect(withoutDates(ours.output)).toBe(withoutDates(theirs.output));
    expect(ours.failed).toBe(theirs.failed);
    expect(database(ours.root)).toEqual(database(theirs.root));
    expect(tree(ours.root)).toEqual(tree(theirs.root));
  });

  it.each(["nosuch", "tool~24", "nosuch tool~24", "tool=22.4.1-r0", "lonely", "editor", "app !libc"])(
    "refuses the same: add %s",
    async (words) => {
      const { theirs, ours } = await both("add --initdb", `add ${words}`);
      expect(theirs.failed).toBe(true);
      expect(ours.failed).toBe(true);
      expect(ours.output).toBe(theirs.output);
      expect(tree(ours.root)).toEqual(tree(theirs.root));
    },
  );
});

/** Virtual packages bear the time at which they were made. */
function withoutDates(text: string): string {
  return text.replaceAll(/\d{8}\.\d{6}/g, "DATE");
}

/** The database of what is installed, package by package, as text. */
function database(root: string): string[] {
  const text = readFileSync(join(root, INSTALLED_PATH), "utf8");
  return withoutDates(text).split("\n\n");
}

/** Every path below a root, with all that can be seen of it. The real apk also makes device files, which we may not. */
function tree(root: string): string[] {
  const paths = readdirSync(root, { recursive: true, encoding: "utf8" });
  return paths
    .filter((path) => !/^dev\/|^lib\/apk\/(db|exec)(\/|$)|^var\/log/.test(path))
    .sort()
    .map((path) => describePath(join(root, path), path));
}

function describePath(file: string, path: string): string {
  const stat = lstatSync(file);
  const owner = `${stat.mode.toString(8)} ${stat.uid}:${stat.gid}`;
  if (stat.isDirectory()) return `${path} ${owner}`;
  const content = stat.isSymbolicLink() ? readlinkSync(file) : readFileSync(file, "utf8");
  const time = stat.isSymbolicLink() || path.startsWith("etc/apk/") ? "" : stat.mtimeMs;
  return `${path} ${owner} ${time} ${content}`;
}
