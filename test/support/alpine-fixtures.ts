import { createPublicKey } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import { readIndex } from "../../scripts/formats/alpine/index.ts";
import type { Keys } from "../../scripts/formats/alpine/keys.ts";
import { readTar } from "../../scripts/formats/alpine/tar.ts";
import type { Package } from "../../scripts/model/package.ts";
import { once } from "../../scripts/system/once.ts";

/**
 * Real data as Alpine published it, for the tests that have more to say with it: indexes, and root filesystems
 * with the real apk. It is no part of the repository; a test that needs it is skipped where it is absent.
 */
const FIXTURES =
  process.env.BIRDHOUSE_ALPINE_FIXTURES ?? resolve(import.meta.dirname, "../../../shared/alpine");

/** Why tests with real data are skipped; undefined when they are not. */
export const noFixtures: string | undefined = existsSync(join(FIXTURES, "mirror"))
  ? undefined
  : `no Alpine data in ${FIXTURES} (BIRDHOUSE_ALPINE_FIXTURES)`;

/** The real mirror's directory, the one that holds `v3.22/`. */
export const FIXTURE_MIRROR = join(FIXTURES, "mirror");

/** Alpine's own install medium of 3.19 as a mirror: it has main. */
export const REAL_MIRROR = join(FIXTURES, "real");

/** The root filesystem of that release's last point release, as Alpine's base image has it. */
export const REAL_ROOTFS = join(REAL_MIRROR, "v3.19/releases/x86_64/alpine-minirootfs-3.19.4-x86_64.tar.gz");

/** The index of the same branch some weeks later. */
export const LATER_MIRROR = join(FIXTURES, "real-later");

/** 3.9's main, fifteen months before the index in the mirror. */
export const EARLIER_MIRROR = join(FIXTURES, "mirror-earlier");

/** The real indexes, and how many packages each has. */
export const FIXTURE_INDEXES = [
  { path: "v3.22/main/x86_64", packages: 5646 },
  { path: "v3.20/main/x86_64", packages: 5522 },
  { path: "v3.17/main/x86_64", packages: 4994 },
  { path: "v3.17/main/aarch64", packages: 5004 },
  { path: "v3.12/community/x86_64", packages: 7912 },
  { path: "v3.9/main/x86_64", packages: 5703 },
  { path: "v3.9/community/x86_64", packages: 4071 },
] as const;

/** One of a branch's repositories. */
export type Repository = "main" | "community";

/** The repositories of a branch, such as `3.22`, whose real index for x86_64 is at hand. */
export function fixtureRepositories(branch: string): Repository[] {
  const isAtHand = (repository: Repository) =>
    FIXTURE_INDEXES.some(({ path }) => path === `v${branch}/${repository}/x86_64`);
  return (["main", "community"] as const).filter((one) => isAtHand(one));
}

/** The bytes of an index, such as that of `v3.22/main/x86_64`. */
export function fixtureIndex(path: string): Buffer {
  return readFileSync(join(FIXTURE_MIRROR, path, "APKINDEX.tar.gz"));
}

/** What an index calls itself, such as `v3.22.2-206`. */
export function indexDescription(path: string): string {
  for (const entry of readTar(gunzipSync(fixtureIndex(path)))) {
    // After the tag and the number of commits since comes the commit itself, which says nothing to people.
    if (entry.path === "DESCRIPTION")
      return entry.content
        .toString("utf8")
        .trim()
        .replace(/-g[0-9a-f]+$/, "");
  }
  throw new Error(`${path}: the index has no description`);
}

/** Facts gathered about Alpine's packages, beside the real data. */
const FACTS = process.env.BIRDHOUSE_ALPINE_FACTS ?? resolve(FIXTURES, "../facts");

/** Every package of branches 3.18 to 3.24, tab-separated. */
export const PACKAGE_TABLE = join(FACTS, "alpine-pkgs-by-branch.tsv");

/** Why tests with the table are skipped; undefined when they are not. */
export const noPackageTable: string | undefined = existsSync(PACKAGE_TABLE)
  ? undefined
  : `no ${PACKAGE_TABLE} (BIRDHOUSE_ALPINE_FACTS)`;

/** Some of the packages of community on 3.22, as an index without a signature. */
export const COMMUNITY_STUB = join(FACTS, "v3.22-community-stub.APKINDEX");

/** Why tests with the stub are skipped; undefined when they are not. */
export const noCommunityStub: string | undefined = existsSync(COMMUNITY_STUB)
  ? undefined
  : `no ${COMMUNITY_STUB} (BIRDHOUSE_ALPINE_FACTS)`;

/** Alpine's root filesystems, by branch. */
const ROOTFS = {
  "3.20": "v3.20/releases/x86_64/alpine-minirootfs-3.20.3-x86_64.tar.gz",
  "3.18": "v3.18/releases/x86_64/alpine-minirootfs-3.18.9-x86_64.tar.gz",
  "3.9": "v3.9/releases/x86_64/alpine-minirootfs-3.9.6-x86_64.tar.gz",
} as const;

/** The archive of a root filesystem of the other architecture, aarch64. */
export const FOREIGN_ROOTFS = join(
  FIXTURE_MIRROR,
  "v3.20/releases/aarch64/alpine-minirootfs-3.20.3-aarch64.tar.gz",
);

export type RootfsBranch = keyof typeof ROOTFS;

/** The archive of a root filesystem. */
export function rootfsArchive(branch: RootfsBranch): string {
  return join(FIXTURE_MIRROR, ROOTFS[branch]);
}

/** The packages of an index, such as that of `v3.22/main/x86_64`, in its order. Read once: it has thousands. */
export const fixturePackages = once(
  (path: string): readonly Package[] => readIndex(fixtureIndex(path), alpineKeys(), path).packages,
);

/** Alpine's public keys of all architectures, as the root filesystem of 3.20 brings them. Read once. */
export const alpineKeys = once((): Keys => {
  const entries = [...readTar(gunzipSync(readFileSync(rootfsArchive("3.20"))))];
  const files = entries.filter(({ path, type }) => type === "file" && path.endsWith(".rsa.pub"));
  return new Map(
    files.map(({ path, content }) => [path.slice(path.lastIndexOf("/") + 1), createPublicKey(content)]),
  );
});

/** One text file of a root filesystem, such as `lib/apk/db/installed`. */
export function rootfsFile(branch: RootfsBranch, path: string): string {
  for (const entry of readTar(gunzipSync(readFileSync(rootfsArchive(branch))))) {
    if (entry.path.replace(/^\.\//, "") === path) return entry.content.toString("utf8");
  }
  throw new Error(`${rootfsArchive(branch)} holds no ${path}`);
}
