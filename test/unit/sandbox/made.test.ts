import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { madeFile, madeOf, openMade } from "../../../sandbox/mirror/made.ts";
import type { PackagePlan } from "../../../sandbox/mirror/package-plan.ts";
import { temporaryDirectory } from "../formats/oci/sample-image.ts";

const KEY = { name: "sandbox.rsa", publicKey: "PUBLIC", privateKey: "PRIVATE" };
const MAKING = { format: 1, key: KEY, architecture: "x86_64" } as Parameters<typeof madeOf>[2];
const PLAN: PackagePlan = {
  name: "lua5.4",
  version: "5.4.7-r1",
  description: "Lua",
  depends: ["libc6"],
  debian: ["lua5.4", "lua5.4-doc"],
  recipe: { holds: ["lua5.4"], links: { "usr/bin/lua": "lua5.4" } },
};
const versions = (changes: Record<string, string> = {}) => ({
  debian: new Map(
    Object.entries({ "lua5.4": "5.4.7-1", "lua5.4-doc": "5.4.7-1", libc6: "2.41", ...changes }),
  ),
  npm: new Map([["npm@11", "11.0.0"]]),
});

describe("what a package of the sandbox is made of", () => {
  const word = madeOf(PLAN, versions(), MAKING);

  it("is the same for the same", () => {
    expect(madeOf(structuredClone(PLAN), versions(), { ...MAKING })).toBe(word);
    // Of another package, and of its private key, it holds nothing.
    expect(madeOf(PLAN, versions({ libc6: "2.42" }), MAKING)).toBe(word);
  });

  it.each([
    ["a source that moved", madeOf(PLAN, versions({ "lua5.4-doc": "5.4.7-2" }), MAKING)],
    ["another recipe", madeOf({ ...PLAN, recipe: { holds: ["lua5.4"] } }, versions(), MAKING)],
    ["another dependency", madeOf({ ...PLAN, depends: [] }, versions(), MAKING)],
    ["another key", madeOf(PLAN, versions(), { ...MAKING, key: { ...MAKING.key, publicKey: "OTHER" } })],
    ["another machine", madeOf(PLAN, versions(), { ...MAKING, architecture: "aarch64" })],
    ["another way to make it", madeOf(PLAN, versions(), { ...MAKING, format: 2 })],
    ["npm's part", madeOf({ ...PLAN, npm: { spec: "npm@11", into: "usr" } }, versions(), MAKING)],
  ])("is another with %s", (_, other) => {
    expect(other).not.toBe(word);
  });

  it("is told by a mirror of the packages that are there", async () => {
    const mirror = await temporaryDirectory();
    await mkdir(join(mirror, "v3.24"));
    await writeFile(join(mirror, "v3.24/lua.apk"), "");
    const of = (path: string) => ({ path, indexEntry: "P:lua5.4\n" });
    const { name, text } = madeFile(
      new Map([
        ["there", of("v3.24/lua.apk")],
        ["gone", of("v3.24/gone.apk")],
      ]),
    );
    await writeFile(join(mirror, name), text);
    expect([...(await openMade(mirror))]).toEqual([["there", of(join(mirror, "v3.24/lua.apk"))]]);
    for (const wrong of ["", "[]", '{"x": 1}', "{"]) {
      await writeFile(join(mirror, name), wrong);
      expect([...(await openMade(mirror))]).toEqual([]);
    }
    expect([...(await openMade(join(mirror, "nowhere")))]).toEqual([]);
  });
});
