import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeIndex } from "../../../../sandbox/mirror/apk-file.ts";
import { compareVersions, type Operator, satisfies } from "../../../../scripts/formats/alpine/version.ts";
import { FIXTURE_INDEXES, fixtureIndex } from "../../../support/alpine-fixtures.ts";
import { noRealApk, type RealApk, unpackRealApk } from "../../../support/real-apk.ts";
import { ourKey } from "../../../support/signing-keys.ts";

describe("version order", () => {
  it("goes up in these, from left to right", () => {
    const ascending = [
      "0.9_alpha 0.9_alpha1 0.9_beta 0.9_pre2 0.9_rc1 0.9_rc1-r1 0.9 0.9-r0 0.9-r10 0.9_cvs 0.9_git20240101 0.9_p1 0.9a",
      "0.9a 0.9a1 0.9b 0.9.1 1 1.000001 1.00 1.001 1.0 1.01 1.1 1.9 1.10 1.10.0 2.0_rc1 2.0_rc2_p1 2.0 10",
      "1.0-r1 1.0~abc 1.0~abc123 1.0~abc123-r1 1.0~def 1.0.1",
      "v3.0.17-r1 v3.0.18-r0 1.0",
    ];
    for (const line of ascending) {
      const versions = line.split(" ");
      const found = [...versions].reverse().sort(compareVersions);
      expect(found).toEqual(versions);
    }
  });

  it("takes some texts for the same version", () => {
    expect(compareVersions("1.0-r0", "1.0-r00")).toBe(0);
    expect(compareVersions("01", "1")).toBe(0);
  });
});

describe("a wanted version", () => {
  it.each<[string, Operator, string, boolean]>([
    ["22.16.0-r2", "~", "22", true],
    ["22.16.0-r2", "~", "22.16", true],
    ["22.16.0-r2", "~", "22.1", false],
    ["24.1.0-r0", "~", "22", false],
    ["2.2-r0", "~", "22", false],
    ["1.2-r0", "=", "1.2-r0", true],
    ["1.2-r0", "=", "1.2", false],
    ["1.2-r0", ">", "1.2", true],
    ["1.2-r0", ">=", "1.2-r0", true],
    ["1.2-r0", "<=", "1.2-r0", true],
    ["1.2-r0", "<", "1.2-r0", false],
    ["1.2_rc1", "<", "1.2", true],
    ["1.3", "<~", "1.2", false],
    ["1.2.5", "<~", "1.2", true],
    ["1.2.5", ">~", "1.2", true],
    ["v2.4", "=", "v2.4", true],
  ])("%s %s %s: %s", (version, operator, wanted, expected) => {
    expect(satisfies(version, operator, wanted)).toBe(expected);
  });
});

describe.skipIf(noRealApk)(`the real apk${noRealApk ? ` (skipped: ${noRealApk})` : ""}`, () => {
  let real: RealApk;
  let versions: string[];

  beforeAll(async () => {
    real = await unpackRealApk();
    const all = FIXTURE_INDEXES.flatMap(({ path }) => {
      const text = gunzipSync(fixtureIndex(path)).toString("latin1");
      return [...text.matchAll(/^V:(.+)$/gm)].map(([, version = ""]) => version);
    });
    versions = [...new Set(all)].sort();
  });
  afterAll(() => real.remove());

  it("orders 1,000 pairs of Alpine's own versions as we do", async () => {
    const pairs = draw(versions, 1000);
    const older = await installedOlderThanAvailable(real, [
      ...pairs,
      ...pairs.map(([a, b]) => [b, a] as const),
    ]);
    const theirs = pairs.map((_, n) => (older.has(n) ? -1 : older.has(n + pairs.length) ? 1 : 0));
    const wrong = pairs.filter(([a, b], n) => compareVersions(a, b) !== theirs[n]);
    expect(wrong).toEqual([]);
    expect(new Set(theirs)).toEqual(new Set([-1, 0, 1]));
  });

  it("says the same when it is asked pair by pair, with `apk version -t`", async () => {
    const pairs = draw(versions, 40);
    const script = "while read a b; do apk version -t $a $b; done";
    const output = await real.shell(script, pairs.map((pair) => `${pair.join(" ")}\n`).join(""));
    expect(output.trim().split("\n")).toEqual(pairs.map(([a, b]) => "<=>"[compareVersions(a, b) + 1]));
  });
});

type Pair = readonly [string, string];

/** Pairs drawn by a fixed seed. Half of them are neighbours in the alphabet, which differ late. */
function draw(versions: readonly string[], count: number): Pair[] {
  let seed = 1;
  const below = (limit: number) => {
    seed = (seed * 48271) % 2147483647;
    return seed % limit;
  };
  const at = (position: number) => versions[position % versions.length] ?? "";
  return Array.from({ length: count }, (_, n) => {
    const first = below(versions.length);
    return [at(first), at(n % 2 === 0 ? below(versions.length) : first + below(4))];
  });
}

/**
 * The numbers of the pairs whose first version apk finds older than the second. `apk version` says it for all that
 * is installed at once, where `apk version -t` would need a process for each: so the first of each pair is
 * "installed" under a name, and the second is "available".
 */
async function installedOlderThanAvailable(
  { root, apk }: RealApk,
  pairs: readonly Pair[],
): Promise<Set<number>> {
  const key = ourKey();
  const entry = (n: number, version: string, letter: string) => {
    const checksum = `${letter}${n}`.padEnd(27, "A");
    return `C:Q1${checksum}=\nP:p${n}\nV:${version}\nA:x86_64\nS:1\nI:1\nT:t\nU:u\nL:l\n`;
  };
  mkdirSync(join(root, "repository/x86_64"), { recursive: true });
  mkdirSync(join(root, "image/etc/apk"), { recursive: true });
  mkdirSync(join(root, "image/lib/apk"), { recursive: true });
  cpSync(join(root, "lib/apk/db"), join(root, "image/lib/apk/db"), { recursive: true });
  writeFileSync(join(root, "image/etc/apk/arch"), "x86_64\n");
  writeFileSync(join(root, "image/etc/apk/world"), "");
  writeFileSync(join(root, "etc/apk/keys", key.name), key.publicKey);
  const installed = pairs.map(([version], n) => `${entry(n, version, "i")}\n`);
  writeFileSync(join(root, "image/lib/apk/db/installed"), installed.join(""));
  const available = pairs.map(([, version], n) => entry(n, version, "a"));
  await writeIndex(join(root, "repository/x86_64/APKINDEX.tar.gz"), "test", available, key);
  const where = ["--root", "/image", "--keys-dir", "/etc/apk/keys", "--repository", "/repository"];
  const { stdout, exitCode, output } = await apk(...where, "--no-network", "version", "-v", "-l", "<");
  expect(exitCode, output).toBe(0);
  return new Set([...stdout.matchAll(/^p(\d+)-.* < /gm)].map(([, n]) => Number(n)));
}
