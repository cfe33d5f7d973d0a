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
const OFFER = offerOf([
  ...names.map((name) => ({ ...samplePackage, name, version: "1-r0" })),
  { ...samplePackage, name: "musl", version: "1-r0", provides: "so:libc.musl-x86_64.so.1=1 cmd:node=1-r0" },
]);

describe("nearestPackages", () => {
  it.each([
    ["nodejss", ["nodejs"]],
    ["nodesj", ["nodejs"]],
    ["ndejs", ["nodejs"]],
    ["pnm", ["npm"]],
    ["php8-fpm", ["php82-fpm", "php83-fpm", "php84-fpm"]],
    ["cmd:nodee", ["cmd:node"]],
    ["so:libc.musl-x86_64.so.2", ["so:libc.musl-x86_64.so.1"]],
    ["no-such-package", []],
    ["xy", []],
    ["git", []],
  ])("%s → %j", (name, near) => {
    expect(nearestPackages(name, OFFER)).toEqual(near);
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
