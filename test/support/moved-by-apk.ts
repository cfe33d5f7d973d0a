import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { readTar } from "../../scripts/formats/alpine/tar.ts";
import { run } from "../../scripts/system/process/process.ts";
import { EARLIER_MIRROR, FIXTURE_MIRROR } from "./alpine-fixtures.ts";
import { unpackRealApk } from "./real-apk.ts";

const MAIN = "v3.9/main/x86_64/APKINDEX.tar.gz";

/** A package as apk knows it by name and version. */
export interface NamedVersion {
  readonly name: string;
  readonly version: string;
}

/** 3.9's main at two times, and what the real apk makes of both. */
export interface RealHistory {
  /** What a world comes to at the earlier time; undefined where main alone cannot satisfy it. */
  installedEarlier(world: readonly string[]): Promise<NamedVersion[] | undefined>;
  /** What of a set of installed packages is overtaken at the later time: `name from → to`, sorted. */
  overtaken(installed: readonly NamedVersion[]): Promise<string[]>;
  remove(): void;
}

/** Opens the real history. Alpine 3.9's own apk judges it. */
export async function openRealHistory(): Promise<RealHistory> {
  const real = await unpackRealApk("3.9");
  const indexes = { earlier: join(EARLIER_MIRROR, MAIN), later: join(FIXTURE_MIRROR, MAIN) };
  for (const [time, index] of Object.entries(indexes)) {
    mkdirSync(join(real.root, time, "x86_64"), { recursive: true });
    copyFileSync(index, join(real.root, time, "x86_64/APKINDEX.tar.gz"));
  }
  const entries = entriesOf(indexes.earlier);
  const options = ["--root", "/target", "--keys-dir", "/etc/apk/keys", "--no-network"];
  const target = join(real.root, "target");
  mkdirSync(target);
  await real.apk("--root", "/target", "--initdb", "add");
  return {
    installedEarlier: async (world) => {
      writeFileSync(join(target, "lib/apk/db/installed"), "");
      const { exitCode, stdout } = await real.apk(
        ...options,
        ...["--repository", "/earlier", "add", "--simulate"],
        ...world,
      );
      if (exitCode !== 0) return undefined;
      return [...stdout.matchAll(/^\(\d+\/\d+\) Installing (\S+) \((\S+)\)$/gm)].map(
        ([, name = "", version = ""]) => ({ name, version }),
      );
    },
    overtaken: async (installed) => {
      // What is installed is described in the same words as in an index.
      const database = installed.map(({ name, version }) => `${entries.get(`${name} ${version}`)}\n`);
      writeFileSync(join(target, "lib/apk/db/installed"), database.join(""));
      const words = ["--repository", "/later", "version", "--verbose", "-l", "<"];
      const { stdout } = await run(["chroot", real.root, "/sbin/apk", ...options, ...words]);
      return parseComparison(stdout, installed).sort();
    },
    remove: () => real.remove(),
  };
}

/** Lines such as `libssl1.1-1.1.1a-r1  < 1.1.1g-r0`. */
function parseComparison(stdout: string, installed: readonly NamedVersion[]): string[] {
  const known = new Map(installed.map((each) => [`${each.name}-${each.version}`, each]));
  return [...stdout.matchAll(/^(\S+)\s+<\s+(\S+)/gm)].map(([, key = "", to]) => {
    const found = known.get(key);
    if (!found) throw new Error(`apk compares ${key}, which is not installed`);
    return `${found.name} ${found.version} → ${to}`;
  });
}

/** The entries of an index as they stand, by name and version. */
function entriesOf(index: string): ReadonlyMap<string, string> {
  for (const { path, content } of readTar(gunzipSync(readFileSync(index)))) {
    if (path !== "APKINDEX") continue;
    const entries = content.toString("utf8").split(/\n{2,}/);
    return new Map(entries.map((entry) => [`${field(entry, "P")} ${field(entry, "V")}`, `${entry}\n`]));
  }
  throw new Error(`${index}: there is no APKINDEX in it`);
}

function field(entry: string, letter: string): string | undefined {
  return new RegExp(`^${letter}:(.*)$`, "m").exec(entry)?.[1];
}
