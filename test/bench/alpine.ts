import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readIndex } from "../../scripts/formats/alpine/index.ts";
import { type Keys, loadKeys } from "../../scripts/formats/alpine/keys.ts";
import type { Package } from "../../scripts/model/package.ts";
import { apkArchitecture, hostPlatform, type Platform } from "../../scripts/model/platform.ts";
import { UserError } from "../../scripts/system/errors.ts";
import { alpineKeys, FIXTURE_MIRROR, noFixtures } from "../support/alpine-fixtures.ts";
import { PROJECT } from "./child.ts";

export const REPOSITORIES = ["main", "community"] as const;

/** A package mirror on disk, with signed indexes. */
export interface AlpineData {
  /** What it is, for the one who reads the figures. */
  readonly title: string;
  readonly mirror: string;
  readonly keys: Keys;
  /** Where the keys are, if they are not Alpine's own. */
  readonly keyFolder?: string;
  readonly branches: readonly string[];
  readonly platform: Platform;
}

const SANDBOX = join(PROJECT, ".birdhouse/sandbox");

/** Alpine's own indexes where they are at hand, otherwise the sandbox's. @throws UserError when there is neither */
export function openAlpineData(): AlpineData {
  if (noFixtures === undefined) {
    return {
      title: "Alpine's own indexes",
      mirror: FIXTURE_MIRROR,
      keys: alpineKeys(),
      branches: ["3.22", "3.20", "3.17", "3.9"],
      platform: "linux/amd64",
    };
  }
  const mirror = join(SANDBOX, "mirror");
  if (!existsSync(mirror)) {
    throw new UserError("there are no indexes to measure with", "make rebuild makes the sandbox's");
  }
  const keyFolder = join(SANDBOX, "keys");
  // Those that it was asked for, the newest first: every sandbox has 3.24.
  const branches = ["3.24", "3.22", "3.21", "3.17"].filter((name) => existsSync(join(mirror, `v${name}`)));
  const keys = loadKeys(keyFolder);
  return { title: "the sandbox's indexes", mirror, keys, keyFolder, branches, platform: hostPlatform() };
}

/** The bytes of the index of a branch's main repository. */
export function mainIndex(data: AlpineData, branch: string): Buffer {
  return readFileSync(indexFile(data, branch, "main"));
}

/** The packages of a branch, of those repositories that are at hand. */
export function packagesOf(data: AlpineData, branch: string): Package[] {
  return REPOSITORIES.map((repository) => indexFile(data, branch, repository))
    .filter((file) => existsSync(file))
    .flatMap((file) => readIndex(readFileSync(file), data.keys, file).packages);
}

function indexFile({ mirror, platform }: AlpineData, branch: string, repository: string): string {
  return join(mirror, `v${branch}`, repository, apkArchitecture(platform), "APKINDEX.tar.gz");
}
