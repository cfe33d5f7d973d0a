import { describe, expect, it } from "vitest";
import { type GzipMember, readMember } from "../../../../scripts/formats/alpine/gzip.ts";
import { readIndex } from "../../../../scripts/formats/alpine/index.ts";
import type { Package } from "../../../../scripts/model/package.ts";
import { UserError } from "../../../../scripts/system/errors.ts";
import {
  alpineKeys,
  FIXTURE_INDEXES,
  fixtureIndex,
  fixturePackages,
  noFixtures,
} from "../../../support/alpine-fixtures.ts";

const LIMIT = 2 ** 20;
const ORIGIN = "http://mirror.test/v3.22/main/x86_64/APKINDEX.tar.gz";

describe.skipIf(noFixtures)(`Alpine's own indexes${noFixtures ? ` (skipped: ${noFixtures})` : ""}`, () => {
  const keys = noFixtures ? new Map() : alpineKeys();

  it.each(FIXTURE_INDEXES)(
    "$path: all $packages packages, every field, signed by Alpine",
    ({ path, packages }) => {
      const found = fixturePackages(path);
      expect(found).toHaveLength(packages);
      expect(found.filter((each) => !isComplete(each))).toEqual([]);
    },
  );

  it("are refused when one byte is changed, wherever it is", () => {
    const index = fixtureIndex("v3.22/main/x86_64");
    const signature = readMember(index, 0, LIMIT);
    const length = signature.compressed.length;
    const signed = [0, 3, 4, 9, 10, 1000, 100_000, 400_000].map((offset) => length + offset);
    for (const offset of [...Array(length / 4).keys()]
      .map((n) => n * 4)
      .concat(signed, index.length - 8, index.length - 1)) {
      const changed = Buffer.from(index);
      changed.writeUInt8(changed.readUInt8(offset) ^ 1, offset);
      // A time that gzip noted, or a bit of padding: the signature and what was signed are as they were.
      const harmless = offset < length && unpacksTo(signature, changed);
      if (!harmless) {
        expect(() => readIndex(changed, keys, ORIGIN), `byte ${offset}`).toThrow(UserError);
      }
    }
  });

  it("keep the letters that people's names have", () => {
    const names = fixturePackages("v3.22/main/x86_64").map((each) => each.maintainer);
    expect(names).toContain("Michał Polański <michal@polanski.me>");
  });
});

/** Whether a package has a value in every field that all of Alpine's packages have, and nothing we do not know. */
function isComplete(each: Package): boolean {
  const texts = [each.name, each.version, each.architecture, each.url, each.license];
  return (
    [...texts, each.origin].every((text) => text !== "") &&
    each.size > 0 &&
    each.buildTime > 0 &&
    /^Q1[A-Za-z0-9+/]{27}=$/.test(each.checksum) &&
    /^[0-9a-f]{40}(-dirty)?$/.test(each.commit) &&
    Object.keys(each.other).length === 0
  );
}

/** Whether the first member of a file has the same content in spite of a change. */
function unpacksTo(member: GzipMember, file: Buffer): boolean {
  try {
    const changed = readMember(file, 0, LIMIT);
    return changed.content.equals(member.content) && changed.compressed.length === member.compressed.length;
  } catch {
    return false;
  }
}
