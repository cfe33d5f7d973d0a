import { describe, expect, it } from "vitest";
import { nearestPackages, offerOf } from "../../../scripts/plan/offer.ts";
import { samplePackage } from "../report/sample-outcomes.ts";

const names = [
  "nodejs",
  "nodejs-current",
  "npm",
  "php82-fpm",
  "php83-fpm",
  "php84-fpm",
  "php85-fpm",
  "zlib",
  "nodee",
];
/** A new one each time: what was found in one is remembered. */
const offer = () =>
  offerOf([
    ...names.map((name) => ({ ...samplePackage, name, version: "1-r0" })),
    { ...samplePackage, name: "musl", version: "1-r0", provides: "so:libc.musl-x86_64.so.1=1 cmd:node=1-r0" },
  ]);

describe("an offer", () => {
  it("has packages and what they provide, each with all its versions, where it says one", () => {
    const of = (version: string, provides: string) => ({ ...samplePackage, name: "a", version, provides });
    expect([...offerOf([of("1-r0", "cmd:a=1-r0 virtual"), of("2-r0", "cmd:a=2-r0")])]).toEqual([
      ["a", ["1-r0", "2-r0"]],
      ["cmd:a", ["1-r0", "2-r0"]],
      ["virtual", []],
    ]);
  });
});

describe("nearestPackages", () => {
  it.each([
    ["nodejss", ["nodejs"]],
    ["nodesj", ["nodejs"]],
    // As far off by its length alone as by its letters.
    ["nodejsxy", ["nodejs"]],
    ["nodejsxyz", []],
    // The nearest alone, whether it comes before or after one that is farther off.
    ["nodejes", ["nodejs"]],
    ["nodeee", ["nodee"]],
    // Names of three letters may be off by one, those of six by two.
    ["nqm", ["npm"]],
    ["nqx", []],
    ["zlyyy", []],
    // What a package provides is no package's name, nor the other way round.
    ["cmd:npm", []],
    ["cmdnode", []],
    ["ndejs", ["nodejs"]],
    ["pnm", ["npm"]],
    ["php8-fpm", ["php82-fpm", "php83-fpm", "php84-fpm"]],
    ["cmd:nodee", ["cmd:node"]],
    ["so:libc.musl-x86_64.so.2", ["so:libc.musl-x86_64.so.1"]],
    ["no-such-package", []],
    ["xy", []],
    ["git", []],
  ])("%s → %j", (name, near) => {
    expect(nearestPackages(name, offer())).toEqual(near);
  });

  it("names those that are equally near in the order of the alphabet", () => {
    const letters = ["abcz", "abcx", "abcy"].map((name) => ({ ...samplePackage, name, version: "1-r0" }));
    expect(nearestPackages("abcd", offerOf(letters))).toEqual(["abcx", "abcy", "abcz"]);
  });

  it("finds one among thousands of names", () => {
    const many = offerOf(
      Array.from({ length: 6_000 }, (_, number) => ({
        ...samplePackage,
        name: `package-of-some-length-${number}`,
        version: "1-r0",
      })),
    );
    expect(nearestPackages("package-of-sone-length-2345", many)).toEqual(["package-of-some-length-2345"]);
  });
});
