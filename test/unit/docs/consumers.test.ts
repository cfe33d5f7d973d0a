import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { exactTags } from "../../../scripts/model/tags.ts";
import { PROJECT } from "../../support/code.ts";

/** A tag as Renovate reads it. Source: renovate, lib/modules/versioning/docker/index.ts and its readme. */
interface Read {
  readonly release: readonly number[];
  readonly suffix: string;
}

function read(tag: string): Read | undefined {
  if (/^[a-f0-9]{7,40}$/.test(tag) && !/^\d+$/.test(tag)) return undefined;
  const [prefix = "", ...rest] = tag.replace(/^v/, "").split("-");
  const version = /^(\d+(?:\.\d+)*)\w*$/.exec(prefix)?.[1];
  return version === undefined
    ? undefined
    : { release: version.split(".").map((part) => Number(part)), suffix: rest.join("-") };
}

/** The tags that Renovate would propose to who has one: of the same form, and newer. */
function proposed(current: string, tags: readonly string[]): string[] {
  const mine = read(current);
  if (!mine) return [];
  return tags.filter((tag) => {
    const other = read(tag);
    if (!other || other.suffix !== mine.suffix || other.release.length !== mine.release.length) return false;
    const at = other.release.findIndex((part, index) => part !== mine.release[index]);
    return at !== -1 && (other.release[at] ?? 0) > (mine.release[at] ?? 0);
  });
}

const VERSIONS = ["22.16.0", "24.2.1"];
const TAGS = [
  ...VERSIONS.flatMap((version) => [...exactTags("runtime", version), ...exactTags("dev", version)]),
  ...["22.16.0-r2-4f0c6a1b9d3e", "24.2.1-r0-20cbcd09fa70", "24.2.1-r0-20cbcd09fa70-dev"],
  ...[
    "latest",
    "lts",
    "dev",
    "lts-dev",
    "22.history",
    "24.ledger",
    "24-dev.history",
    `sha256-${"a".repeat(64)}`,
  ],
];

describe("what bots make of our tags", () => {
  it.each([
    ["22", ["24"]],
    ["22.16", ["24.2"]],
    ["22.16.0", ["24.2.1"]],
    ["22-dev", ["24-dev"]],
    ["24", []],
    ["22.16.0-r2-4f0c6a1b9d3e", []],
    ["latest", []],
  ])("%s is followed by %j", (current, next) => {
    expect(proposed(current, TAGS)).toEqual(next);
  });

  it("3.9 is older than 3.14", () => {
    expect(proposed("3.9", exactTags("runtime", "3.14.8"))).toEqual(["3.14"]);
  });

  it("the preset is for images, and renews digests by itself", () => {
    const preset = JSON.parse(readFileSync(join(PROJECT, "renovate/consumers.json"), "utf8"));
    expect(preset.extends).toContain("docker:pinDigests");
    for (const rule of preset.packageRules) {
      expect(rule.matchDatasources).toEqual(["docker"]);
      const [, pattern = ""] = /^\/(.*)\/$/.exec(rule.matchPackageNames[0]) ?? [];
      expect("ghcr.io/birds/birdhouse/node").toMatch(new RegExp(pattern));
      expect("docker.io/library/node").not.toMatch(new RegExp(pattern));
    }
  });
});
